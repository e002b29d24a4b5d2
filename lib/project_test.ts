import { deepEqual, equal, ok, throws } from "./testing/assert.ts";
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { configure, configureAblation } from "./project.ts";
import { loadAudio, loadDataset } from "./data/mod.ts";
import { evaluate, infer, openRun, trainRun } from "./jobs/mod.ts";
import { collect, smallData } from "./jobs/testing.ts";
import { inProject } from "./paths.ts";

Deno.test("runs and cache lie in the project's outputs, wherever one works, unless told otherwise", () => {
  ok(existsSync(inProject("lib/project.ts")));
  const { out, cache, epochs, method } = configure({ epochs: 3 });
  ok(isAbsolute(out));
  equal(out, join(inProject("."), "outputs"));
  equal(cache, join(out, "cache"));
  equal(`${epochs} ${method}`, "3 attention_pooling");
  equal(configure({ out: "/elsewhere" }).out, "/elsewhere");
  equal(configureAblation({ methods: { memocmt: {} }, seeds: [1] }).out, out);
});

Deno.test("an unknown option is refused with the nearest", () => {
  throws(() => configure({ epoch: 3 } as never), /Did you mean epochs\?/);
  throws(() => configureAblation({ methods: {}, seed: [1] } as never), /Did you mean seeds\?/);
});

Deno.test("a wrong name of a method, its options, a loss or a metric is refused at once", () => {
  throws(() => configure({ method: "memocnt" }), /found 'memocnt' .*Did you mean memocmt\?/);
  throws(() => configure({ method: "memocmt", options: { widht: 8 } }), /Did you mean options\.width\?/);
  throws(
    () => configure({ options: { dropout: 2 } }),
    /Expected less than 1 but found 2 at options\.dropout/,
  );
  throws(() => configure({ loss: "crossentropy" }), /Did you mean cross_entropy\?/);
  throws(() => configure({ select: "macro_f2" }), /Did you mean macro_f1\?/);
  throws(() => configureAblation({ methods: { memocnt: {} }, seeds: [1] }), /Did you mean memocmt\?/);
  equal(configure({ method: "mine", use: ["mine.ts"] }).method, "mine", "the module registers it later");
});

Deno.test("data, runs, clips and models are found from the project's folder, wherever the process runs", async () => {
  const before = Deno.cwd(), work = "outputs/.paths_test", here = inProject(work);
  const data = await smallData({ train: 8, dev: 4, test: 4 });
  await Deno.mkdir(here, { recursive: true });
  await Deno.symlink(data, `${here}/data`);
  try {
    Deno.chdir(await Deno.makeTempDir());
    const manifest = `${work}/data/manifest.csv`;
    equal((await loadDataset(manifest)).rows.length, 16);
    equal((await loadDataset(`manifest:${manifest}`)).rows.length, 16);
    const config = configure({ data: manifest, out: work, cache: `${work}/cache`, name: "run", epochs: 1 });
    await collect(trainRun({ ...config, audio: "log-mel" }, { controls: false }));
    const { rows } = await loadDataset("sample"), clip = (await loadDataset(manifest)).rows[0].audio!;
    ok(rows.length > 16 && openRun(`${work}/run`).name === "run");
    const own = [{ id: "1", split: "test" as const, audio: clip }];
    equal((await infer(`${work}/run`, { rows: own, root: `${work}/data` })).predictions.length, 1);
    equal((await loadAudio(`${work}/data/${clip}`)).length > 0, true);
    equal((await evaluate(`${work}/run`, { split: "test" })).folder?.name, "run");
    deepEqual([...Deno.readDirSync(Deno.cwd())], [], "nothing was written here");
  } finally {
    Deno.chdir(before);
    await Deno.remove(here, { recursive: true });
  }
});
