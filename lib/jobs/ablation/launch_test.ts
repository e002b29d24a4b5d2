import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { type AblateConfig, ablateConfig } from "../../config/mod.ts";
import { runFolder } from "../run_folder.ts";
import { signOfLife } from "../../files/mod.ts";
import { parseWith } from "../../schema.ts";
import { collect, smallData } from "../testing.ts";
import { ablate, type AblateEvent } from "./ablate.ts";
import { crossValidate } from "../folds/cross_validate.ts";
import { ablateCell, openCells } from "./cell.ts";
import { launchedConfig, planLaunch } from "./launch.ts";
import { launchStatus } from "./status.ts";

const data = await smallData();
const config = (changes: Partial<Record<keyof AblateConfig, unknown>> = {}): AblateConfig =>
  parseWith(ablateConfig, {
    data: `${data}/manifest.csv`,
    methods: { text_only: {} },
    seeds: [1, 2],
    audio: "none",
    epochs: 1,
    batch_size: 4,
    out: `${data}/outputs`,
    cache: `${data}/cache`,
    ...changes,
  }, "the test");

const trained = (events: readonly AblateEvent[]) =>
  events.flatMap((event) => event.type === "trained" && !event.before ? event.cell.id : []);

const bytesOf = (folder: string) =>
  Promise.all(["text_only-s1", "text_only-s2"].flatMap((id) => {
    const run = runFolder(`${folder}/${id}`);
    return [run.best, run.last, run.predictions("dev")].map((path) => Deno.readFile(path));
  }));

Deno.test("cells that are trained one by one equal those of one process, to the byte", async () => {
  await collect(ablate(config({ name: "apart" })));
  await Deno.rename(`${data}/outputs/apart`, `${data}/outputs/whole`); // checkpoints name their folder
  const apart = config({ name: "apart" });
  deepEqual(trained(await collect(ablateCell(apart, { number: 2, of: 2 }))), ["text_only-s2"]);
  deepEqual([...Deno.readDirSync(`${data}/outputs/apart`)].map(({ name }) => name), ["text_only-s2"]);
  deepEqual(trained(await collect(ablateCell(apart, { number: 2, of: 2 }))), [], "it is trained already");
  deepEqual(trained(await collect(ablateCell(apart, { number: 1, of: 2 }))), ["text_only-s1"]);
  deepEqual(trained(await collect(ablate(apart))), []);
  deepEqual(await bytesOf(`${data}/outputs/apart`), await bytesOf(`${data}/outputs/whole`));
  await rejects(collect(ablateCell(apart, { number: 3, of: 3 })), /a cell of 2 but found 3\/3 at --cell/);
});

Deno.test("cells of other rows are refused by the table, and trained anew with overwrite", async () => {
  const only = { name: "rows", seeds: [1], test: false };
  await collect(ablateCell(config(only), { number: 1, of: 1 }));
  const manifest = await Deno.readTextFile(`${data}/manifest.csv`);
  await Deno.writeTextFile(`${data}/fewer.csv`, manifest.trimEnd().split("\n").slice(0, -1).join("\n"));
  const fewer = config({ ...only, data: `${data}/fewer.csv` });
  await rejects(collect(ablate(fewer)), /trained differently, e\.g\. text_only-s1 \(data\)/);
  await collect(ablateCell(fewer, { number: 1, of: 1 }, { overwrite: true }));
  deepEqual(trained(await collect(ablate(fewer))), []);
});

Deno.test("a launch starts what is missing, and its status needs no data", async () => {
  const given = config({ name: "launched" });
  await collect(ablateCell(given, { number: 1, of: 2 }));
  const plan = await planLaunch(given, { launcher: "slurm" });
  deepEqual(plan.missing, [2]);
  deepEqual((await planLaunch(given, { launcher: "slurm", overwrite: true })).missing, [1, 2]);
  match(plan.script(), /--array=1-1%16/);
  equal(
    [...Deno.readDirSync(plan.folder)].some(({ name }) => name === "launch"),
    false,
    "nothing is written",
  );
  await Deno.mkdir(`${plan.folder}/launch/logs`, { recursive: true });
  await Deno.writeTextFile(
    `${plan.folder}/launch/launch.json`,
    JSON.stringify({
      launcher: "local",
      parts: [{ id: "text_only-s1", hash: "a" }, { id: "text_only-s2", hash: "b" }],
      submissions: [{ at: "2026-01-01T00:00:00.000Z", parts: [2] }],
    }),
  );
  const states = async () =>
    (await launchStatus(plan.folder)).cells.map(({ state, error }) => [state, error]);
  deepEqual(await states(), [["done", undefined], ["new", undefined]]);
  await Deno.writeTextFile(`${plan.folder}/launch/logs/2.log`, "train 10 %\nOut of luck.\n\n");
  deepEqual(await states(), [["done", undefined], ["failed", "Out of luck."]]);
  await Deno.writeTextFile(`${plan.folder}/launch/logs/2.log`, "Stopped. Nothing is lost: …\n");
  deepEqual(await states(), [["done", undefined], ["stopped", undefined]]);
  const requeued = "error: *** JOB 3 ON n1 CANCELLED AT 2026-11-30T12:03:58 DUE TO JOB REQUEUE ***\n";
  await Deno.writeTextFile(`${plan.folder}/launch/logs/2.log`, requeued);
  deepEqual((await states())[1], ["new", undefined], "it goes back into the queue, and has no checkpoint");
  const record = JSON.parse(await Deno.readTextFile(`${plan.folder}/launch/launch.json`));
  const sign = signOfLife()!, [submission] = record.submissions;
  const launched = (more: object) =>
    Deno.writeTextFile(
      `${plan.folder}/launch/launch.json`,
      JSON.stringify({ ...record, submissions: [{ ...submission, alive: sign.path, ...more }] }),
    );
  await Deno.writeTextFile(`${plan.folder}/launch/logs/2.log`, "note: It still encodes.\n");
  await launched({ ended: [] });
  deepEqual(await states(), [["done", undefined], ["running", undefined]], "its last line is no error");
  await launched({ ended: [], at: "2200-01-01T00:00:00.000Z" });
  deepEqual((await states())[1], ["queued", undefined], "its log is of an earlier launch");
  await launched({ ended: [2] });
  deepEqual((await states())[1], ["failed", "note: It still encodes."]);
  sign.end();
  await launched({ ended: [] });
  deepEqual((await states())[1], ["failed", "note: It still encodes."], "the launch itself has ended");
  await Deno.writeTextFile(`${plan.folder}/launch/logs/2.log`, "Stopped. Nothing is lost: …\n");
  const stop = new AbortController();
  for await (const event of ablateCell(given, { number: 2, of: 2 }, { signal: stop.signal })) {
    if (event.type === "cell" && event.event.type === "step") stop.abort();
  }
  const [, { state, epoch, epochs, progress }] = (await launchStatus(plan.folder)).cells;
  deepEqual([state, epoch, epochs], ["stopped", 1, 1]);
  ok(progress! > 0 && progress! < 1);
});

Deno.test("cells of all folds equal those of one process, to the byte, and test is read once", async () => {
  const folds = (name: string) => config({ name, seeds: [1], protocol: "kfold:2" });
  await collect(crossValidate(folds("folds")));
  await Deno.rename(`${data}/outputs/folds`, `${data}/outputs/folds-whole`); // checkpoints name their folder
  const apart = folds("folds"), plan = await planLaunch(apart, { launcher: "local" });
  deepEqual(plan.cells.map(({ id }) => id), ["fold-1/text_only-s1", "fold-2/text_only-s1"]);
  const open = await openCells(apart);
  for (const number of [2, 1]) {
    deepEqual(trained(await collect(open.train({ number, of: 2 }))), ["text_only-s1"]);
  }
  await Deno.mkdir(`${plan.folder}/launch`);
  await Deno.writeTextFile(
    `${plan.folder}/launch/launch.json`,
    JSON.stringify({
      launcher: "local",
      parts: plan.cells.map(({ id }) => ({ id, hash: "" })),
      submissions: [],
    }),
  );
  deepEqual((await launchStatus(plan.folder)).cells.map(({ state }) => state), ["done", "done"]);
  deepEqual((await planLaunch(apart, { launcher: "local" })).missing, []);
  const events = await collect(crossValidate(apart));
  deepEqual(trained(events.flatMap((event) => event.type === "fold" ? event.event : [])), []);
  const made = async (name: string) =>
    await Promise.all(
      ["fold-1", "fold-2"].flatMap((fold) => {
        const run = runFolder(`${data}/outputs/${name}/${fold}/text_only-s1`);
        return [run.best, run.last, run.predictions("dev"), run.predictions("test"), run.file("cell.json")];
      }).map((path) => Deno.readFile(path)),
    );
  deepEqual(await made("folds"), await made("folds-whole"));
  const results = (name: string) => Deno.readTextFile(`${data}/outputs/${name}/results.json`);
  equal(await results("folds"), await results("folds-whole"));
});

Deno.test("a folder of another kind, and one without a launch, are refused with what to do", async () => {
  await rejects(launchStatus(`${data}/outputs`), /one without a launch .* deno task ablate --launch slurm/s);
  const folds = config({ name: "folds" }),
    found = /an ablation but found the folder of the folds of a protocol/;
  await rejects(planLaunch(folds, { launcher: "local" }), found);
  await rejects(collect(ablateCell(folds, { number: 1, of: 2 })), found);
  await Deno.mkdir(`${data}/searched/launch`, { recursive: true });
  await Deno.writeTextFile(`${data}/searched/launch/config.json`, '{"search": {}}');
  await rejects(launchedConfig(`${data}/searched`), /an ablation that was launched but found one without/);
});

Deno.test("a record of a launch that is damaged is told, whatever stands in it", async () => {
  const folder = `${data}/damaged`;
  await Deno.mkdir(`${folder}/launch`, { recursive: true });
  for (const text of ["{}", "[]", "null", '{"launcher":"local","parts":[{"id":3}],"submissions":[]}']) {
    await Deno.writeTextFile(`${folder}/launch/launch.json`, text);
    await rejects(launchStatus(folder), /Expected the record of a launch but found something else/);
  }
});
