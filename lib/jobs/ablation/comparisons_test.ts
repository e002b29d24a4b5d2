import { deepEqual, equal, ok } from "../../testing/assert.ts";
import type { Dataset } from "../../data/mod.ts";
import {
  balancedAccuracy,
  classOutcomes,
  type ConfusionMetric,
  holm,
  metricNamed,
  type Outcomes,
  pairedBootstrap,
  resampleClusters,
  vectorOutcomes,
  weightedF1,
} from "../../eval/mod.ts";
import { random } from "../../random.ts";
import type { System } from "./answers.ts";
import { comparePairs, distinctPairs } from "./comparisons.ts";
import { ablationComparisons, comparisonRows, comparisonTables, gainText } from "./comparisons_table.ts";
import { summarise } from "./table.ts";

const N = 40, LABELS = ["joy", "anger"], ids = Array.from({ length: N }, (_, i) => `r${i}`);
/** Two rows share each clip. */
const rows = ids.map((id, i) => ({ id, split: "test", audio: `c${Math.floor(i / 2)}.wav` }));
const dataset = { name: "own", target: "class", labels: LABELS, rows } as unknown as Dataset;
const truth = ids.map((_, i) => i % 2);

/** Returns a system of two seeds that errs in this share of rows. */
function system(name: string, share: number, control = false): System {
  const { integer } = random(Math.round(share * 100) + 1);
  const answer = () => {
    const predicted = truth.map((label) => integer(100) < 100 * share ? 1 - label : label);
    const probabilities = predicted.map((label) => [1 - label, label]);
    return { ids, outcomes: classOutcomes(truth, predicted, LABELS, probabilities) };
  };
  const of = [answer(), answer()];
  return { name, method: name, control, answers: { dev: of, test: of } };
}

const systems = [
  system("majority", 0.5, true),
  system("text_only", 0.33, true),
  system("a", 0.05),
  system("b", 0.3),
];
const results = summarise(systems, ["dev", "test"], [1, 2], dataset, {
  pairs: [["b", "text_only"], ["b", "a"]],
});
/** The comparisons by weighted F1; those by balanced accuracy follow. */
const byF1 = results.comparisons.slice(0, 4), byBalanced = results.comparisons.slice(4);

Deno.test("the best fused recipe is compared with every other system, then the pairs that were asked for", () => {
  equal(results.best, "a");
  for (const compared of [byF1, byBalanced]) {
    deepEqual(compared.map(({ recipe, against }) => [recipe, against]), [
      ["a", "majority"],
      ["a", "text_only"],
      ["a", "b"],
      ["b", "text_only"],
    ]);
  }
  deepEqual(results.gains.map(({ against }) => against), ["majority", "text_only"]);
  deepEqual(Object.keys(results.gains[0]), [
    ...["split", "metric", "delta", "interval_95", "p", "clusters", "by", "beyond_chance"].toSpliced(
      0,
      0,
      "against",
    ),
  ]);
  deepEqual(distinctPairs([["a", "b"], ["c", "a"], ["b", "a"], ["a", "b"]]), [["a", "b"], ["c", "a"]]);
});

Deno.test("a comparison is the paired bootstrap of pooled seeds over clips, adjusted over all comparisons", () => {
  const pool = (name: string) =>
    systems.find((each) => each.name === name)!.answers.test!.flatMap(({ outcomes }) =>
      Array.from((outcomes as Extract<Outcomes, { kind: "class" }>).predicted)
    );
  const clips = [...rows, ...rows].map(({ audio }) => audio);
  const check = (compared: typeof byF1, id: string, metric: ConfusionMetric) => {
    const alone = compared.map(({ recipe, against }) =>
      pairedBootstrap({
        truth: [...truth, ...truth],
        a: pool(recipe),
        b: pool(against),
        classes: 2,
        metric,
        resamples: resampleClusters(clips, 1000, 1),
      })
    );
    const adjusted = holm(alone.map(({ p }) => p));
    compared.forEach((each, i) => {
      deepEqual([each.delta, each.interval_95, each.p], [alone[i].delta, alone[i].interval_95, alone[i].p]);
      equal(each.p_holm, adjusted[i]);
      equal(each.beyond_chance, adjusted[i] < 0.05);
      deepEqual([each.clusters, each.by, each.split, each.metric], [N / 2, "clip", "test", id]);
    });
  };
  check(byF1, "weighted_f1", weightedF1);
  check(byBalanced, "balanced_accuracy", balancedAccuracy);
  ok(byF1[0].beyond_chance && !byF1[3].beyond_chance, "of these two, one is clear");
});

Deno.test("equal systems do not differ, and the direction only changes signs", () => {
  const twins = [system("a", 0.2), { ...system("a", 0.2), name: "twin" }, system("b", 0.4)];
  const options = { split: "test" as const, dataset, metric: metricNamed("weighted_f1", "") };
  const { comparisons: [same, there] } = comparePairs(twins, [["a", "twin"], ["a", "b"]], options);
  deepEqual([same.delta, same.interval_95, same.p, same.p_holm], [0, [0, 0], 1, 1]);
  const { comparisons: [back] } = comparePairs(twins, [["b", "a"]], options);
  ok(Math.abs(back.delta + there.delta) < 1e-15 && Math.abs(back.p - there.p) < 1e-15);
  ok(Math.abs(back.interval_95[0] + there.interval_95[1]) < 1e-12);
});

Deno.test("a pair whose metric is undefined for a resample is shown as such", () => {
  const constant = (name: string, vary: boolean): System => {
    const numbers = ids.map((_, i) => [i < 2 && vary ? i : 1]);
    const outcomes = vectorOutcomes("values", numbers, ids.map(() => [1]), ["valence"]);
    return {
      name,
      method: name,
      control: false,
      answers: { dev: [{ ids, outcomes }], test: [{ ids, outcomes }] },
    };
  };
  const all = [constant("a", false), constant("b", false)];
  const own = { ...dataset, target: "values", labels: ["valence"] } as unknown as Dataset;
  const found = summarise(all, ["dev", "test"], [1], own, { pairs: [["a", "b"]] });
  deepEqual([found.comparisons, found.gains, found.incomparable], [[], [], [["a", "b"]]]);
  deepEqual(ablationComparisons(found).rows, [["a", "b", null, null, null, null, "undefined"]]);
});

Deno.test("sentences, table and CSV show the adjusted p-value", () => {
  const { comparisons: [first], gains: [gain] } = results;
  const text = gainText(results, gain);
  ok(text.includes(`p ${first.p.toFixed(3)}, ${first.p_holm.toFixed(3)} by Holm over 4 comparisons, `), text);
  ok(text.endsWith("beyond chance") && !text.endsWith("not beyond chance"), text);
  const [table, balanced] = comparisonTables(results);
  equal(table.title, "Difference of weighted F1 on test, in points, paired bootstrap over 20 distinct clips");
  equal(balanced.title, table.title!.replace("weighted F1", "balanced acc."));
  deepEqual(table.rows.map((row) => row.length), [7, 7, 7, 7]);
  deepEqual(table.strong, [...byF1.keys()].filter((i) => byF1[i].beyond_chance));
  deepEqual(balanced.strong, [...byBalanced.keys()].filter((i) => byBalanced[i].beyond_chance));
  const [head, ...csv] = comparisonRows(results);
  deepEqual(csv.map((row) => row[head.indexOf("p_holm")]), results.comparisons.map(({ p_holm }) => p_holm));
  ok(csv.every((row) => row.length === head.length));
});

Deno.test("inside a fold of a protocol, speakers are resampled with all their clips and seeds", () => {
  const spoken = rows.map((row, i) => ({ ...row, speaker: `s${Math.floor(i / 8)}` }));
  const own = { ...dataset, rows: spoken } as unknown as Dataset;
  const compared = summarise(systems, ["dev", "test"], [1, 2], own, { protocol: "loso" }).comparisons;
  ok(compared.every(({ by, clusters }) => by === "speaker" && clusters === 5));
  const pool = (name: string) =>
    systems.find((each) => each.name === name)!.answers.test!.flatMap(({ outcomes }) =>
      Array.from((outcomes as Extract<Outcomes, { kind: "class" }>).predicted)
    );
  const alone = pairedBootstrap({
    truth: [...truth, ...truth],
    a: pool("a"),
    b: pool("majority"),
    classes: 2,
    metric: weightedF1,
    resamples: resampleClusters([...spoken, ...spoken].map(({ speaker }) => speaker), 1000, 1),
  });
  deepEqual([compared[0].interval_95, compared[0].p], [alone.interval_95, alone.p]);
  ok(summarise(systems, ["dev"], [1, 2], own).comparisons.every(({ by }) => by === "clip"));
});

Deno.test("a class without a row in a split is told with its effect on macro F1", () => {
  equal(results.notes, undefined);
  const three = [...LABELS, "fear"];
  const own = systems.map(({ answers, ...system }) => {
    const wider = ({ ids, outcomes }: NonNullable<typeof answers.dev>[number]) => ({
      ids,
      outcomes: { ...outcomes, ...classOutcomes(truth, outcomes.predicted as number[], three) } as Outcomes,
    });
    return { ...system, answers: { dev: answers.dev!.map(wider) } };
  });
  const { notes = [] } = summarise(own, ["dev"], [1, 2], { ...dataset, labels: three });
  equal(notes.length, 1);
  ok(/^No row of dev is 'fear'\. Macro F1 \(\d+\.\d % of a\) counts each class/.test(notes[0]), notes[0]);
});
