import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { resumeRun } from "./resume.ts";
import { trainRun } from "./train.ts";

const data = await smallData();
const config = (name: string, epochs = 4) =>
  smallConfig(data, { name, epochs, text: "none", method: "audio_only", audio: "log-mel" });
const folderOf = (name: string) => runFolder(`${data}/outputs/${name}`);

/** Trains, and does something after the first epoch's checkpoint. */
async function disturbed(name: string, disturb: (path: string) => Promise<void>): Promise<void> {
  let done = false;
  for await (const event of trainRun(config(name), { controls: false })) {
    if (done || event.type !== "checkpoint") continue;
    done = true;
    await disturb(folderOf(name).path);
  }
}

Deno.test("a run whose folder is removed or renamed ends, and says so", async () => {
  const lost = /found nothing: it was removed or renamed at .*\. If it was renamed, resume it there\./;
  await rejects(disturbed("removed", (path) => Deno.remove(path, { recursive: true })), lost);
  await rejects(disturbed("renamed", (path) => Deno.rename(path, `${path}-2`)), lost);
  ok([...Deno.readDirSync(folderOf("renamed-2").path)].length > 0);
});

Deno.test("a run that can't write its events keeps its checkpoint, says so, and resumes", async () => {
  const { events, last, path } = folderOf("stuck");
  const stuck = disturbed("stuck", async () => {
    await Deno.rename(events, `${events}.kept`);
    await Deno.mkdir(events);
  });
  await rejects(stuck, /events\.jsonl.* The last checkpoint is kept: continue then with --resume .*stuck\.$/);
  await Deno.remove(events);
  await Deno.rename(`${events}.kept`, events);
  equal((await collect(resumeRun(path, { controls: false }))).at(-1)?.type, "result");
  await collect(trainRun(config("whole"), { controls: false }));
  equal((await Deno.readFile(last)).length > 0, true);
  const lines = async (name: string) =>
    (await Deno.readTextFile(folderOf(name).events)).split("\n").filter((line) => line.includes('"epoch"'))
      .map((line) => JSON.parse(line)).filter(({ type }) => type === "epoch").map(({ epoch }) => epoch);
  deepEqual(await lines("stuck"), await lines("whole"));
});

const names = () => [...Deno.readDirSync(`${data}/outputs`)].map(({ name }) => name).sort();

Deno.test("a run that fails before its first checkpoint leaves no folder, and its name free", async () => {
  const before = names();
  for (const name of ["spoilt", undefined]) {
    const spoilt = { ...config("spoilt", 1), name, lr: 1e38, batch_size: 1000, warmup: 0 };
    await rejects(collect(trainRun(spoilt, { controls: false })), /Expected finite numbers/);
    deepEqual(names(), before);
  }
  await collect(trainRun(config("spoilt", 1), { controls: false }));
});

Deno.test("a run that was killed before its first checkpoint does not take its name, others do", async () => {
  const { path, config: file, metrics } = folderOf("killed");
  const taken = () => rejects(collect(trainRun(config("killed", 1), { controls: false })), /a new run name/);
  await Deno.mkdir(`${path}/checkpoints`, { recursive: true });
  await Deno.writeTextFile(file, "{}");
  await Deno.writeTextFile(metrics, "{}"); // results alone are worth keeping
  await taken();
  await Deno.remove(metrics);
  await Deno.mkdir(`${data}/outputs/.killed.replaced`); // it was about to replace a run
  await taken();
  await Deno.remove(`${data}/outputs/.killed.replaced`);
  await rejects(collect(resumeRun(path)), /a run that ended before its first one/);
  ok(names().includes("killed"));
  await collect(trainRun(config("killed", 1), { controls: false }));
  await taken();
  deepEqual(names().filter((name) => name.includes("killed")), ["killed"]);
});

Deno.test("two trainings of one run in one process: the second is refused", async () => {
  const first = trainRun(config("twice", 2), { controls: false, overwrite: true });
  await first.next();
  const second = trainRun(config("twice", 2), { controls: false, overwrite: true });
  await rejects(collect(second), /found one that this process works in already/);
  await collect(first);
  await collect(trainRun(config("twice", 1), { controls: false, overwrite: true }));
});
