/** Shows the comparisons of an ablation: sentences, a table, and the rows of a CSV file. */
import { formatted, type Metric, metricNamed } from "../../eval/mod.ts";
import type { Table } from "../../plot/mod.ts";
import type { RecipeComparison } from "./comparisons.ts";
import { type AblationResults, type Gain, headlineIn } from "./table.ts";

/** Formats a difference with its sign: in percentage points if the metric is a share. */
function points({ metric: id }: Pick<RecipeComparison, "metric">, share: number): string {
  const metric = metricNamed(id, "the comparison");
  return `${share < 0 ? "−" : "+"}${formatted(metric, Math.abs(share)).replace(" %", "")}`;
}

/**
 * Describes a gain in one sentence, in percentage points. It is beyond chance if the p-value is, adjusted for
 * all comparisons of the ablation.
 *
 * @example
 * ```ts
 * import { ablate, configureAblation, gainText } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const methods = { text_only: {} };
 * const config = configureAblation({ methods, seeds: [1], audio: "none", epochs: 1, out });
 * const last = (await Array.fromAsync(ablate(config))).at(-1);
 * if (last?.type === "result") {
 *   for (const gain of last.results.gains) console.log(gainText(last.results, gain));
 * }
 * ```
 */
export function gainText({ best, comparisons }: AblationResults, gain: Gain): string {
  const { against, split, delta, interval_95: [low, high], p, clusters, by } = gain;
  const metric = metricNamed(gain.metric, "the gain"), unit = metric.percent ?? true ? "points of" : "of";
  const all = comparisons.filter(({ metric, split }) => metric === gain.metric && split === gain.split);
  const compared = all.find(({ recipe, against: other }) => recipe === best && other === against);
  const isBetter = metric.higherIsBetter ? delta > 0 : delta < 0;
  const isBeyond = compared ? compared.beyond_chance && isBetter : gain.beyond_chance;
  const adjusted = compared && all.length > 1
    ? `, ${pText(compared.p_holm)} by Holm over ${all.length} comparisons`
    : "";
  return `${best} over ${against} on ${split}: ${points(gain, delta)} ${unit} ${metric.label} ` +
    `(95 %: ${points(gain, low)} to ${points(gain, high)}, p ${
      pText(p)
    }${adjusted}, bootstrap over ${clusters} ` +
    `distinct ${by}s), ${isBeyond ? "beyond chance" : "not beyond chance"}`;
}

const pText = (p: number): string => p.toFixed(3);

/**
 * Returns a table of all comparisons by one metric, the main one by default: difference, 95 % interval,
 * p-value, and the p-value adjusted by Holm's method over all of them. Differences beyond chance are
 * highlighted.
 *
 * @example
 * ```ts
 * import { ablate, ablationComparisons, configureAblation, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const compare = [["text_only", "majority"]], methods = { text_only: {} };
 * const config = configureAblation({ methods, compare, seeds: [1], audio: "none", epochs: 1, out });
 * const last = (await Array.fromAsync(ablate(config))).at(-1);
 * if (last?.type === "result") show(ablationComparisons(last.results));
 * ```
 */
export function ablationComparisons(
  results: AblationResults,
  metric: Metric = headlineIn(results.target),
): Table {
  const { incomparable = [] } = results, split = Object.keys(results.rows).at(-1);
  const comparisons = results.comparisons.filter((each) => each.metric === metric.id);
  const right = (name: string) => ({ name, align: "right" as const });
  const title = comparisons.length > 0
    ? `, paired bootstrap over ${comparisons[0].clusters} distinct ${comparisons[0].by}s`
    : "";
  return {
    title: `Difference of ${metric.label} on ${split}${metric.percent ?? true ? ", in points" : ""}${title}`,
    columns: ["", "over", right("difference"), right("95 %"), right("p"), right("p (Holm)"), "beyond chance"],
    rows: [
      ...comparisons.map((each) => [
        each.recipe,
        each.against,
        points(each, each.delta),
        each.interval_95.map((share) => points(each, share)).join(" to "),
        pText(each.p),
        pText(each.p_holm),
        each.beyond_chance ? "yes" : "no",
      ]),
      ...incomparable.map(([recipe, against]) => [recipe, against, null, null, null, null, "undefined"]),
    ],
    strong: [...comparisons.keys()].filter((i) => comparisons[i].beyond_chance),
  };
}

/** Returns a table of comparisons for each metric by which systems were compared. */
export const comparisonTables = (results: AblationResults): Table[] => [
  ...results.comparisons.length + (results.incomparable ?? []).length > 0
    ? [ablationComparisons(results)]
    : [],
  ...[...new Set(results.comparisons.map(({ metric }) => metric))]
    .filter((id) => id !== headlineIn(results.target).id)
    .map((id) => ablationComparisons(results, metricNamed(id, "the comparisons"))),
];

/** Returns the rows of `comparisons.csv`, the heading first. */
export const comparisonRows = ({ comparisons }: AblationResults): unknown[][] => [
  [
    "system",
    "against",
    "split",
    "metric",
    "difference",
    "low_95",
    "high_95",
    "p",
    "p_holm",
    "clusters",
    "by",
    "beyond_chance",
  ],
  ...comparisons.map(({ interval_95: [low, high], beyond_chance, ...each }) => [
    each.recipe,
    each.against,
    each.split,
    each.metric,
    each.delta,
    low,
    high,
    each.p,
    each.p_holm,
    each.clusters,
    each.by,
    String(beyond_chance),
  ]),
];
