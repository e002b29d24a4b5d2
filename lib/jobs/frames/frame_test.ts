import { deepEqual, equal, match, ok, rejects, throws } from "../../testing/assert.ts";
import { DISPLAY, type Shown } from "../../plot/mod.ts";
import { runFolder } from "../run_folder.ts";
import type { AblationResults } from "../ablation/table.ts";
import type { CrossResults } from "../cross/results.ts";
import { frame } from "./frame.ts";

const scores = await frame([
  { recipe: "b", split: "dev", n: 1, f1: 0.5 },
  { recipe: "a", split: "dev", n: 2, f1: null },
  { recipe: "b", split: "test", n: 3, f1: 0.75 },
  { recipe: "c", split: "test", n: 4, f1: null },
  { recipe: "b", split: "test", n: 5, f1: 0.7 },
]);

Deno.test("columns have types, and a missing number is NaN", () => {
  deepEqual(scores.columns, ["recipe", "split", "n", "f1"]);
  deepEqual(scores.dtypes, ["string", "string", "int32", "float32"]);
  deepEqual(scores.values[1], ["a", "dev", 2, NaN]);
});

// Expected values are calculated by hand: of f1 0.5, 0.7, 0.75 are known, with mean 0.65 and variance 0.0175.
Deno.test("describe leaves missing values out", () => {
  const { index, columns, values } = scores.describe();
  deepEqual([index, columns], [["count", "mean", "std", "min", "median", "max", "variance"], ["n", "f1"]]);
  const [n, f1] = [0, 1].map((column) => (values as number[][]).map((row) => row[column]));
  near(n, [5, 3, Math.sqrt(2.5), 1, 3, 5, 2.5]);
  near(f1, [3, 0.65, Math.sqrt(0.0175), 0.5, 0.7, 0.75, 0.0175]);
});

Deno.test("groups measure what is known; one value has no deviation, none has no mean", () => {
  const of = (operation: string) => {
    const grouped = scores.groupby(["recipe"]).col(["f1"]) as unknown as Record<string, () => typeof scores>;
    return Object.fromEntries(grouped[operation]().values as [string, number][]);
  };
  near(Object.values(of("mean")), [0.65, NaN, NaN]);
  near(Object.values(of("std")), [Math.sqrt(0.0175), NaN, NaN]);
  deepEqual([of("count"), of("max")], [{ b: 3, a: 0, c: 0 }, { b: 0.75, a: NaN, c: NaN }]);
  const bySplit = scores.groupby(["split"]).agg({ f1: ["min", "mean"], n: "sum" });
  deepEqual(bySplit.columns, ["split", "f1_min", "f1_mean", "n_sum"]);
  deepEqual(bySplit.values, [["dev", 0.5, 0.5, 3], ["test", 0.7, (0.75 + 0.7) / 2, 12]]);
});

Deno.test("query and sortValues keep rows together; missing values come last, text is in order", () => {
  const rows = (of: typeof scores) => of.column("n").values;
  deepEqual(rows(scores.query(scores.column("f1").gt(0.6))), [3, 5]);
  deepEqual(rows(scores.sortValues("f1")), [1, 5, 3, 2, 4]);
  deepEqual(rows(scores.sortValues("f1", { ascending: false })), [3, 5, 1, 2, 4]);
  deepEqual(rows(scores.sortValues("recipe")), [2, 1, 3, 5, 4]);
  deepEqual(scores.column("recipe").sortValues().values, ["a", "b", "b", "b", "c"]);
  deepEqual(scores.column("f1").sortValues({ ascending: false }).index, [2, 4, 0, 1, 3]);
  const twice = scores.query(scores.column("n").gt(1)); // frames that methods return are mended too
  deepEqual(rows(twice.sortValues("f1")), [5, 3, 2, 4]);
  ok(Number.isNaN(scores.query(scores.column("n").eq(1)).column("f1").std()));
});

Deno.test("what danfo.js can't do is refused with advice", async () => {
  throws(() => scores.plot("here"), /found danfo\.js's \.plot.* Call show\(barsFigure/);
  const alike = await frame([{ a: "x-y", b: "z", n: 1 }, { a: "x", b: "y-z", n: 2 }]);
  throws(
    () => alike.groupby(["a", "b"]),
    /found \["x-y","z"\] and \["x","y-z"\], which it both names "x-y-z"/,
  );
  await rejects(frame([]), /Expected results with a row but found none/);
});

/** Returns what a cell shows, by MIME type. */
const shownOf = async (item: unknown) => await (item as Shown)[DISPLAY]() as Record<string, string>;

Deno.test("a cell shows a frame as a table of its first rows", async () => {
  const shown = await shownOf(scores);
  match(shown["text/html"], /<table>.*<th[^>]*>recipe<\/th>/);
  match(shown["text/plain"], /\na +dev +2 +–\n/);
  match((await shownOf(scores.describe()))["text/plain"], /^mean +3 +0\.6500$/m);
  match((await shownOf(scores.column("f1")))["text/plain"], /0\.7500/);
  const rates = await frame([{ lr: 0.0008765 }, { lr: 0.00001 }]);
  match((await shownOf(rates))["text/plain"], /\n0\.0008765\n0\.0000100\n/);
  const long = await frame(Array.from({ length: 61 }, (_, n) => ({ n })));
  match((await shownOf(long))["text/plain"], /^The first 60 of 61 rows\n/);
});

const spread = (...values: number[]) => ({ mean: 0, deviation: null, n: values.length, values });

Deno.test("an ablation has a row for each recipe, split and seed; a matrix for each pair and seed", async () => {
  const study = {
    data: "sample",
    seeds: [1, 7],
    rows: {},
    gains: [],
    comparisons: [],
    systems: [
      { name: "majority", control: true, dev: { accuracy: spread(0.2) } },
      {
        name: "memocmt",
        method: "memocmt",
        control: false,
        dev: { accuracy: spread(0.5, 0.6), log_loss: spread(1, 2) },
        test: { accuracy: spread(0.4, 0.3) },
      },
    ],
  } as unknown as AblationResults;
  const rows = await frame(study);
  deepEqual(rows.columns, ["recipe", "method", "control", "split", "seed", "accuracy", "log_loss"]);
  deepEqual(rows.values, [
    ["majority", null, true, "dev", NaN, 0.2, NaN],
    ["memocmt", "memocmt", false, "dev", 1, 0.5, 1],
    ["memocmt", "memocmt", false, "dev", 7, 0.6, 2],
    ["memocmt", "memocmt", false, "test", 1, 0.4, NaN],
    ["memocmt", "memocmt", false, "test", 7, 0.3, NaN],
  ]);
  const cells = [{
    train: "a",
    test: "b",
    n: 9,
    clusters: 3,
    by: "speaker",
    metrics: { ua: spread(0.1, 0.2) },
  }];
  const matrix = await frame({ seeds: [3, 4], cells } as unknown as CrossResults);
  deepEqual(matrix.column("seed").values, [3, 4]);
  deepEqual((await frame(cells as unknown as CrossResults["cells"])).column("ua").values, [0.1, 0.2]);
});

Deno.test("predictions have the probability of each label, and a table its columns", async () => {
  const probabilities = { joy: 0.9, anger: 0.1 };
  const predictions = await frame([
    { id: "1", text: "Hurray", label: "joy", predicted: "joy", probabilities },
    { id: "2", audio: "b.wav", predicted: "joy", probabilities },
  ]);
  deepEqual(predictions.columns, [
    "id",
    "text",
    "audio",
    "label",
    "predicted",
    "p_joy",
    "p_anger",
    "seconds",
  ]);
  deepEqual(predictions.values[1], ["2", null, "b.wav", null, "joy", 0.9, 0.1, NaN]);
  const table = await frame({ columns: ["label", { name: "F1" }, "F1"], rows: [["joy", 1, 0.5]] });
  deepEqual([table.columns, table.values], [["label", "F1", "F1 2"], [["joy", 1, 0.5]]]);
});

Deno.test("a run has a row for each epoch, also after a repetition, and its predictions on request", async () => {
  const path = await Deno.makeTempDir({ prefix: "undertone" }), run = runFolder(path);
  await rejects(run.frame(), /Expected the events of an epoch but found no such file/);
  const step = (step: number, lr: number) => ({ type: "step", epoch: 0, step, loss: 1, lr, gradientNorm: 2 });
  const epoch = (epoch: number, step: number, trainLoss: number) => ({
    ...{ type: "epoch", epoch, step, trainLoss, isBest: epoch === 0 },
    dev: { loss: 0.5, macro_f1: null },
  });
  const events = [step(1, 0.1), epoch(0, 1, 3), step(2, 0.2), epoch(1, 2, 2), step(2, 0.25), epoch(1, 2, 1)];
  await Deno.writeTextFile(
    run.events,
    events.map((event) => JSON.stringify(event)).join("\n") + '\n{"type":',
  );
  const epochs = await frame(run);
  deepEqual(epochs.columns.join(), "epoch,step,train_loss,dev_loss,macro_f1,lr,gradient_norm,best_so_far");
  deepEqual(epochs.values, [[1, 1, 3, 0.5, NaN, 0.1, 2, true], [2, 2, 1, 0.5, NaN, 0.25, 2, false]]);
  await rejects(run.frame("dev"), /Make them with: deno task evaluate --run .* --split dev/);
  await Deno.writeTextFile(
    run.predictions("dev"),
    "id,text,label,predicted,p_joy,speaker\n007,'=1,joy,joy,0.25,Ross\n8,,joy,joy,1,3\n",
  );
  const answers = await run.frame("dev");
  deepEqual(answers.values, [["007", "=1", "joy", "joy", 0.25, "Ross"], ["8", null, "joy", "joy", 1, "3"]]);
  ok(answers.dtypes.join() === "string,string,string,string,float32,string");
});

function near(values: readonly number[], expected: readonly number[]): void {
  equal(values.length, expected.length);
  values.forEach((value, i) =>
    ok(Number.isNaN(expected[i]) ? Number.isNaN(value) : Math.abs(value - expected[i]) < 1e-12, `${values}`)
  );
}
