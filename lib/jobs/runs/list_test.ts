import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { compareRuns } from "./compare.ts";
import { listRuns } from "./list.ts";
import { diskUse } from "./size.ts";
import { ended, epoch, finished, writeFiles } from "./testing.ts";

const out = await Deno.makeTempDir({ prefix: "undertone-runs" });
addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));

const system = (name: string, weighted_f1: number, control = false) => ({
  name,
  control,
  dev: { weighted_f1: { mean: weighted_f1, deviation: 0, values: [weighted_f1] } },
});

const { "metrics.json": _, ...unscored } = finished();
await writeFiles(out, {
  ...under("good", finished({}, 0.75)),
  ...under("stopped", {
    ...unscored,
    "events.jsonl": [epoch(0, 0.25, true), { type: "stopped", reason: "aborted" }],
  }),
  ...under("killed", { ...unscored, "events.jsonl": JSON.stringify(epoch(0, 0.5, true)) + '\n{"type":"epo' }),
  ...under("measured", { ...finished(), "events.jsonl": [epoch(0, 0.5, true)] }),
  ...under("extended", {
    ...finished({ epochs: 4 }),
    "events.jsonl": [epoch(0, 0.5, true), epoch(1, 0.1, false), ended, { type: "extended", from: 2, to: 4 }],
  }),
  ...under("unscored", unscored),
  ...under("damaged", { ...finished(), "config.json": '{"method": ' }),
  ...under("odd", { ...finished(), "metrics.json": { dev: 3 } }),
  ...under("begun", { "checkpoints/last.safetensors.17.tmp": "" }),
  ...under("own", {
    ...finished({ method: "text_only" }, 0),
    "metrics.json": {
      dev: { metrics: { n: 1, target: "values", ccc: 0.5, per_label: [] }, read: [] },
    },
  }),
  ...under("sub/deep", finished({ audio: "hf:WavLM" }, 0.5)),
  ...under("model", { "config.json": { model_type: "bert" }, "model.safetensors": "weights" }),
  ...under("lightning", { "config.json": {}, "checkpoints/epoch=1.ckpt": "weights" }),
  "cache/features.bin": "x".repeat(1000),
  "notes.txt": "mine",
  ...under("abl", {
    "ablation.json": {
      config: { data: "my/rows.csv", methods: { early_fusion: {}, memocmt: {} }, seeds: [1] },
      environment: { started: "2026-01-03T00:00:00.000Z" },
    },
    ...under("early_fusion-s1", finished()),
    ...under("memocmt-s1", finished()),
    "results.json": {
      best: "memocmt",
      systems: [system("majority", 0.1, true), system("early_fusion", 0.5), system("memocmt", 0.625)],
    },
  }),
  ...under("open", {
    "ablation.json": { config: { data: "rows.csv", methods: { early_fusion: {} }, seeds: [1, 2] } },
    ...under("early_fusion-s1", finished()),
    ...under("early_fusion-s2", unscored),
  }),
  ...under("loso", {
    "protocol.json": {
      protocol: "loso",
      folds: [],
      config: { data: "rows.csv", protocol: "loso", methods: { memocmt: {} } },
    },
    ...under("fold-1", { "ablation.json": { config: {} }, "results.json": { systems: [] } }),
    "results.json": { protocol: "loso", best: "memocmt", systems: [system("memocmt", 0.25)], folds: [] },
  }),
  ...under("matrix", {
    "cross.json": { config: { train: ["a.csv", "b.csv"], test: [], method: "audio_only" } },
    "results.json": { cells: [{}, {}, {}, {}] },
  }),
});

function under(name: string, files: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(files).map(([file, content]) => [`${name}/${file}`, content]));
}

const before = paths();
const { runs, others } = await listRuns({ out, sort: "name" });
const named = (name: string) => runs.find((run) => run.name === name)!;

/** All paths below the folder with the times of their last change. */
function paths(folder = out): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return [`${path} ${Deno.statSync(path).mtime!.getTime()}`, ...isDirectory ? paths(path) : []];
  }).toSorted();
}

Deno.test("each kind of folder is listed, other folders are named, and nothing changes", () => {
  deepEqual(runs.map(({ name, kind }) => `${name} ${kind}`), [
    ...["abl ablation", "begun run", "damaged run", "extended run", "good run", "killed run", "loso folds"],
    ...["matrix cross", "measured run", "odd run", "open ablation", "own run", "stopped run", "sub/deep run"],
    "unscored run",
  ]);
  deepEqual(others, ["cache", "lightning", "model"]);
  deepEqual(paths(), before);
});

Deno.test("the state says how far a run is", () => {
  const states = Object.fromEntries(runs.map(({ name, state, detail }) => [name, `${state}, ${detail}`]));
  equal(states.good, "finished, epoch 2 of 2");
  equal(states.stopped, "stopped, epoch 1 of 2");
  equal(states.killed, "stopped, epoch 1 of 2");
  equal(states.measured, "stopped, epoch 1 of 2"); // `evaluate` wrote its results
  equal(states.extended, "stopped, epoch 2 of 4");
  equal(states.unscored, "stopped, epoch 2 of 2, before its results");
  equal(states.abl, "finished, 2 of 2 runs trained");
  equal(states.open, "stopped, 1 of 2 runs trained");
  equal(states.loso, "finished, 1 of 1 fold trained");
  equal(states.matrix, "finished, 4 pairs of corpora");
});

Deno.test("damaged folders are listed with the reason", () => {
  match(named("damaged").detail, /Expected a JSON file but found invalid JSON .*config\.json/);
  match(named("odd").detail, /Expected the results of a run but found something else/);
  match(named("begun").detail, /ended before it began to train: start it again with --name begun/);
  for (const name of ["damaged", "odd", "begun"]) equal(named(name).state, "broken");
});

Deno.test("a summary has data, methods, encoders, dev metrics, start and size", () => {
  const { path: _, bytes, ...good } = named("good");
  ok(bytes > 500 && bytes < 2000, `${bytes}`);
  deepEqual(good, {
    name: "good",
    kind: "run",
    data: "my/rows.csv",
    methods: ["early_fusion"],
    text: "use-lite",
    audio: "log-mel",
    target: "class",
    dev: { accuracy: 0.5, weighted_f1: 0.75, macro_f1: 0.25, balanced_accuracy: 0.5 },
    state: "finished",
    detail: "epoch 2 of 2",
    started: "2026-01-02T03:04:05.000Z",
  });
  equal(named("stopped").dev.weighted_f1, 0.25); // of the best epoch so far
  deepEqual([named("own").target, named("own").dev.ccc], ["values", 0.5]);
  deepEqual([named("abl").methods, named("abl").dev], [["memocmt", "early_fusion"], { weighted_f1: 0.625 }]);
  equal(named("loso").protocol, "loso");
  equal(named("matrix").data, "a.csv, b.csv → a.csv, b.csv");
});

Deno.test("lists are sorted and filtered, and --cells adds what is inside", async () => {
  const names = async (options: Parameters<typeof listRuns>[0]) =>
    (await listRuns({ out, ...options })).runs.map(({ name }) => name);
  deepEqual((await names({ sort: "weighted_f1" })).slice(0, 2), ["good", "abl"]);
  const largest = (await listRuns({ out, sort: "size" })).runs.map(({ bytes }) => bytes);
  deepEqual(largest, largest.toSorted((a, b) => b - a));
  const newest = (await listRuns({ out })).runs.map(({ started }) => started!);
  deepEqual(newest, newest.toSorted().toReversed());
  deepEqual(await names({ filter: "WAVLM" }), ["sub/deep"]);
  deepEqual(await names({ filter: "memocmt", cells: true, sort: "name" }), ["abl", "abl/memocmt-s1", "loso"]);
  await rejects(listRuns({ out: `${out}/none` }), /Expected a folder of runs but found nothing/);
  await rejects(listRuns({ out: `${out}/notes.txt` }), /found a file/);
});

Deno.test("results of any other form break one entry, never the list", async () => {
  const folder = `${out}/cache`; // not listed by the tests above
  const forms = [null, [], 3, "x", { dev: null }, { dev: { metrics: null } }, {
    dev: { metrics: { target: "x" } },
  }];
  for (const [i, form] of forms.entries()) {
    await writeFiles(folder, {
      ...under(`run${i}`, { ...finished(), "metrics.json": JSON.stringify(form) }),
      ...under(`abl${i}`, { "ablation.json": JSON.stringify(form), "results.json": JSON.stringify(form) }),
      ...under(`conf${i}`, { ...finished(), "config.json": JSON.stringify(form) }),
    });
  }
  const { runs } = await listRuns({ out: folder, cells: true });
  const found = (prefix: string) => runs.filter(({ name }) => name.startsWith(prefix));
  deepEqual(found("run").map(({ state }) => state), forms.map(() => "broken"));
  equal(found("abl").length, forms.length);
  for (const { name } of runs) await compareRuns(name, name, { out: folder });
  await Deno.remove(folder, { recursive: true });
  await writeFiles(out, { "cache/features.bin": "x".repeat(1000) });
});

Deno.test("a run that a process works in is running, until its heartbeats stop", async () => {
  const lock = { id: "x", pid: 17, host: "elsewhere", since: "2026-01-01T00:00:00.000Z" };
  await writeFiles(out, under("stopped", { "lock.1": lock }));
  const stateNow = async () =>
    (({ state, detail }) => `${state}, ${detail}`)(
      (await listRuns({ out, filter: "stopped" })).runs[0],
    );
  equal(await stateNow(), "running, epoch 1 of 2, process 17 on elsewhere");
  const old = new Date(Date.now() - 61_000);
  await Deno.utime(`${out}/stopped/lock.1`, old, old);
  equal(await stateNow(), "stopped, epoch 1 of 2");
  await Deno.remove(`${out}/stopped/lock.1`);
});

Deno.test("runs of version 0.1 are listed", async () => {
  const { runs } = await listRuns({ out: fixture("runs/v0.1"), sort: "name" });
  deepEqual(runs.map(({ name, state }) => [name, state]), [
    ["frozen", "finished"],
    ["plain", "stopped"],
    ["tuned", "stopped"],
  ]);
  deepEqual(runs[0].dev.weighted_f1, 1 / 9);
});

Deno.test("disk use tells runs, the cache and other files, each byte once", async () => {
  const { parts, bytes } = await diskUse({ out, cache: `${out}/cache` });
  deepEqual(parts.find(({ name }) => name.endsWith("/cache")), {
    name: `${out}/cache`,
    what: "feature cache",
    bytes: 1000,
  });
  equal(parts.find(({ name }) => name.endsWith("notes.txt"))!.bytes, 4);
  equal(bytes, total(out));
});

function total(folder: string): number {
  return [...Deno.readDirSync(folder)].reduce((sum, { name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return sum + (isDirectory ? total(path) : Deno.statSync(path).size);
  }, 0);
}
