import { deepEqual, match, rejects } from "../../testing/assert.ts";
import { compareRuns } from "./compare.ts";
import { finished, scores, writeFiles } from "./testing.ts";

const out = await Deno.makeTempDir({ prefix: "undertone-runs" });
addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));

const write = (name: string, files: Record<string, unknown>) => writeFiles(`${out}/${name}`, files);
const rows = (dev: string[]) => ({ splits: { train: ["a"], dev, test: [] }, unusable: [] });

await write("first", {
  ...finished({ options: { dropout: 0.1 }, name: "first" }),
  "rows.json": rows(["b", "c"]),
  "modules/own.ts": "export {};",
});
await write("second", {
  ...finished(
    { options: { dropout: 0.3, d: 64 }, lr: 0.01, seed: 1, name: "second", loss: "cross_entropy" },
    0.75,
  ),
  "environment.json": { started: "2026-02-02T00:00:00.000Z", deno: "2.9.6", cores: 4, engine: "onnx" },
  "metrics.json": { dev: scores(0.75), test: scores(0.25) },
  "rows.json": rows(["b", "d"]),
  "modules/own.ts": "export const changed = 1;",
});

Deno.test("only options that differ are told, with defaults filled in, and no names", async () => {
  const { config } = await compareRuns("first", "second", { out });
  deepEqual(config, [
    { key: "options.dropout", a: 0.1, b: 0.3 },
    { key: "lr", a: 0.001, b: 0.01 },
    { key: "options.d", b: 64 },
  ]);
});

Deno.test("machines and code are compared, the time of the start is not", async () => {
  const { environment: [cores, code, ...more] } = await compareRuns("first", "second", { out });
  deepEqual([cores, more], [{ key: "cores", a: 2, b: 4 }, []]);
  deepEqual(code.key, "code of own.ts");
});

Deno.test("dev metrics have a difference; test metrics are there only if they were read", async () => {
  const { results } = await compareRuns("first", "second", { out });
  deepEqual(results.filter(({ metric }) => metric === "weighted_f1"), [
    { of: "", split: "dev", metric: "weighted_f1", a: 0.5, b: 0.75, delta: 0.25 },
    { of: "", split: "test", metric: "weighted_f1", b: 0.25 },
  ]);
});

Deno.test("other dev rows and unfinished runs are told", async () => {
  const { notes } = await compareRuns("first", "second", { out });
  deepEqual(notes, [
    "Their dev rows differ: 2 rows and 2 rows, 1 of them in both. Their dev metrics are of different rows.",
  ]);
  const { "metrics.json": _, "environment.json": __, ...open } = finished();
  await write("open", { ...open, "events.jsonl": [] });
  const told = await compareRuns("first", `${out}/open`, { out }); // also by its path
  deepEqual(told.notes, [
    "open is stopped (epoch 0 of 2).",
    "open does not say on which machine it was trained.",
  ]);
  deepEqual(told.results.find(({ metric }) => metric === "macro_f1"), {
    of: "",
    split: "dev",
    metric: "macro_f1",
    a: 0.25,
  });
});

Deno.test("the recipes of ablations are compared by their means", async () => {
  const ablation = (lr: number, mean: number) => ({
    "ablation.json": { config: { data: "a.csv", methods: { early_fusion: { lr } }, seeds: [1] } },
    "results.json": {
      systems: [{ name: "early_fusion", dev: { macro_f1: { mean } }, test: { macro_f1: { mean: 0.5 } } }],
    },
  });
  await write("abl", ablation(0.01, 0.25));
  await write("abl-2", ablation(0.02, 0.5));
  const { config, results } = await compareRuns("abl", "abl-2", { out });
  deepEqual(config, [{ key: "methods.early_fusion.lr", a: 0.01, b: 0.02 }]);
  deepEqual(results, [
    { of: "early_fusion", split: "dev", metric: "macro_f1", a: 0.25, b: 0.5, delta: 0.25 },
    { of: "early_fusion", split: "test", metric: "macro_f1", a: 0.5, b: 0.5, delta: 0 },
  ]);
  await rejects(compareRuns("first", "abl", { out }), /two of one kind but found a run and an ablation/);
});

Deno.test("options that can't be checked are compared as they stand, and names are suggested", async () => {
  await write("newer", finished({ colour: "red" }));
  const { config, notes } = await compareRuns("newer", "second", { out });
  deepEqual(config.find(({ key }) => key === "colour"), { key: "colour", a: "red" });
  match(notes.join("\n"), /The options of newer are compared as they stand: .*'colour'/);
  await rejects(compareRuns("frist", "second", { out }), /found nothing at .*frist\. Did you mean first\?/);
});
