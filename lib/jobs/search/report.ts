/** Shows a search: the table of its trials, how much options mattered, its figure, and its sentences. */
import { formatted, type Metric, metricNamed } from "../../eval/mod.ts";
import { count } from "../../errors.ts";
import { type Figure, parallelFigure, type Table } from "../../plot/mod.ts";
import { shownValue } from "./domain.ts";
import type { SearchResults, Trial } from "./results.ts";
import type { Space } from "./space.ts";

/** Loss is not a registered metric, but trials may be compared by it. */
type Named = Pick<Metric, "label" | "percent" | "higherIsBetter">;
const LOSS: Named = { label: "loss", percent: false, higherIsBetter: false };

/** Returns the metric by which trials are compared. */
export const metricOf = ({ metric }: Pick<SearchResults, "metric">): Named =>
  metric === "loss" ? LOSS : metricNamed(metric, "the search");

/** Formats a score: `76.3`, or `0.512` if it is no share. */
export const shownScore = (metric: Named, score: number | null): string =>
  score === null ? "–" : metric.percent ?? true ? (100 * score).toFixed(1) : score.toFixed(3);

/** Returns trials from the best to the worst; those that trained longer come first. */
const ranked = (results: SearchResults): Trial[] => {
  const sign = metricOf(results).higherIsBetter ? 1 : -1;
  const value = ({ score }: Trial) => score === null ? -Infinity : sign * score;
  return results.trials.toSorted((a, b) =>
    b.epochs - a.epochs || (value(a) === value(b) ? a.number - b.number : value(b) - value(a))
  );
};

/**
 * Returns a table of trials, the best first, at most `most` of them. The winner is highlighted.
 *
 * @example
 * ```ts
 * import { configureSearch, search, searchTable, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configureSearch({
 *   search: { lr: { log: [1e-4, 3e-3] } },
 *   ...{ method: "text_only", audio: "none", epochs: 1, trials: 2, retrain: 0, out },
 * });
 * const last = (await Array.fromAsync(search(config))).at(-1);
 * if (last?.type === "result") show(searchTable(last.results));
 * ```
 */
export function searchTable(results: SearchResults, most = Infinity): Table {
  const metric = metricOf(results),
    keys = [...new Set(results.trials.flatMap(({ values }) => Object.keys(values)))];
  const shown = ranked(results).slice(0, most), epochs = results.rungs !== undefined;
  const left = results.trials.length - shown.length;
  return {
    title: `${count(results.trials.length, "trial")} on ${results.data}, by ${metric.label} on dev` +
      (left > 0 ? `: the best ${shown.length}` : ""),
    columns: [
      "trial",
      ...keys,
      ...epochs ? [{ name: "epochs", align: "right" as const }] : [],
      { name: `dev ${metric.label}`, align: "right" },
    ],
    rows: shown.map(({ number, values, epochs: trained, score, failed }) => [
      String(number),
      ...keys.map((key) => key in values ? shownValue(values[key]) : ""),
      ...epochs ? [String(trained)] : [],
      failed === undefined ? shownScore(metric, score) : "failed",
    ]),
    strong: shown.flatMap(({ number }, i) => number === results.winner?.number ? [i] : []),
  };
}

/** Returns a table that says how much each option mattered. */
export function importanceTable({ importance }: SearchResults): Table {
  const size = (value: number | null) => value === null ? -1 : Math.abs(value);
  return {
    title: "How much each option mattered",
    columns: ["option", { name: "value", align: "right" }, "measure", { name: "trials", align: "right" }],
    rows: importance.toSorted((a, b) => size(b.value) - size(a.value)).map((
      { key, value, measure, trials },
    ) => [
      key,
      value === null ? "–" : value.toFixed(2),
      measure,
      String(trials),
    ]),
  };
}

/** Says what the measures of importance are, and what they do not see. */
export const IMPORTANCE_LIMITS =
  "Numbers: Spearman's rank correlation of the option with the score, from -1 to 1, which is near 0 if the best " +
  "value lies in the middle. Choices: eta squared, the share of the scores' variance between the choices, " +
  "which is large by chance if trials are few. Neither sees how options act together, and tpe and asha look " +
  "closer where scores are high.";

/** Says which trial won, with its searched score and the scores of its fresh seeds. */
export function winnerText(results: SearchResults): string {
  const metric = metricOf(results), { winner } = results, unit = metric.percent ?? true ? " %" : "";
  if (!winner) return "No trial has a score: all failed, or the metric is undefined.";
  const values = Object.entries(winner.values).map(([key, value]) => `${key} ${shownValue(value)}`).join(
    ", ",
  );
  const { retrained, failed = [] } = winner, say = (score: number) => shownScore(metric, score) + unit;
  const searched = `Trial ${winner.number} is best on dev: ${values}. Its ${metric.label} is ` +
    `${say(winner.searched)} in the search`;
  const lacking = failed.length === 0
    ? ""
    : ` Without a score: ${
      failed.map(({ seed, reason }) => `seed ${seed} (${reason.replace(/\.$/, "")})`).join("; ")
    }.`;
  if (!retrained) return `${searched}. That score is biased upwards, since it is the best of many.${lacking}`;
  const { mean, deviation, seeds } = retrained,
    spread = deviation === null ? "" : ` ± ${shownScore(metric, deviation)}`;
  const fresh = `${count(seeds.length, "fresh seed")} (${seeds.join(", ")})`;
  return `${searched} and ${
    shownScore(metric, mean)
  }${spread}${unit} with ${fresh}. The searched score is biased ` +
    "upwards, since it is the best of many: quote the fresh seeds. Both are on dev, which chose the options." +
    (lacking && `${lacking} The mean leaves ${failed.length > 1 ? "them" : "it"} out, so it is too good.`);
}

/** Draws the trials over parallel axes; undefined if no trial has a score. */
export function searchFigure(results: SearchResults, { parameters }: Space): Figure | undefined {
  const metric = metricOf(results), most = Math.max(...results.trials.map(({ epochs }) => epochs));
  const trials = results.trials.filter(({ score }) => score !== null);
  if (trials.length === 0) return undefined;
  const best = trials.findIndex(({ number }) => number === results.winner?.number);
  return parallelFigure({
    title: `Search on ${results.data}`,
    axes: parameters.map(({ key, domain }) => {
      const own = trials.map(({ values }) => key in values ? values[key] : null);
      return domain.kind === "choice"
        ? {
          name: key,
          values: own.map((value) => value === null ? null : shownValue(value)),
          choices: domain.values.map(shownValue),
        }
        : { name: key, values: own as (number | null)[], range: [domain.low, domain.high], log: domain.log };
    }),
    metric: `dev ${metric.label}`,
    scores: trials.map(({ score }) => score!),
    names: trials.map(({ number, epochs }) =>
      `trial-${number}${epochs < most ? `, stopped after ${count(epochs, "epoch")}` : ""}`
    ),
    ...metric.percent === false && { percent: false },
    ...!metric.higherIsBetter && { higherIsBetter: false },
    ...best >= 0 && { best },
  });
}

/** Formats a score with its unit for a line of progress. */
export const scoreText = (metric: string, score: number | null): string =>
  metric === "loss" ? shownScore(LOSS, score) : formatted(metricNamed(metric, "the search"), score);
