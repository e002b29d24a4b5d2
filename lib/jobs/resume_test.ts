/** Finished runs are extended, and runs go on with data that have moved. */
import { existsSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { encodeSafetensors, readSafetensors } from "../files/mod.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { evaluate } from "./evaluate.ts";
import { readResults } from "./results.ts";
import { resumeRun } from "./resume.ts";
import type { RunEvent } from "./run_event.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

const data = await smallData();
const controls = false;
/** Trains a run of two epochs of five steps. */
const train = async (name: string, changes = {}) => {
  const config = smallConfig(data, { name, audio: "log-mel", warmup: 0, ...changes });
  await collect(trainRun(config, { controls }));
  return runFolder(`${data}/outputs/${name}`);
};
const steps = (events: RunEvent[]) => events.filter((event) => event.type === "step");
const notes = (events: RunEvent[]) => events.flatMap((e) => e.type === "prepared" ? e.dataset.notes : []);
const epochsIn = (text: string) => JSON.parse(text).epochs as number;

Deno.test("a finished run says so and what to type, which extends it by the schedule of all epochs", async () => {
  const folder = await train("longer"), { path, last, config, events } = folder;
  await evaluate(path, { split: "test" });
  const refused = await collect(resumeRun(path)).then(() => "", (error: Error) => error.message);
  ok(refused.includes(`found one that finished 2 of its 2 epochs at ${path}.`), refused);
  const [, epochs] = /--resume \S+longer --epochs (\d+), or evaluate it with/.exec(refused)!;
  await rejects(collect(resumeRun(path, { epochs: 1 })), /more than the 2 epochs .* but found --epochs 1 /);

  const extended = await collect(resumeRun(path, { epochs: Number(epochs), controls }));
  equal(epochs, "4");
  // Linear from 1e-3 at step 0 to 0 at step 20; step 11 is the first of the third epoch.
  deepEqual(steps(extended).map(({ step }) => step), [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  for (const { step, lr } of steps(extended)) ok(Math.abs(lr - 1e-3 * (21 - step) / 20) < 1e-12, `${lr}`);
  ok(notes(extended).some((note) => /extended from 2 to 4 epochs/.test(note)));
  const { metadata } = await readSafetensors(last);
  deepEqual([epochsIn(await Deno.readTextFile(config)), epochsIn(metadata.config)], [4, 4]);
  const lines = (await Deno.readTextFile(events)).trim().split("\n").map((line) => JSON.parse(line));
  deepEqual(lines.filter(({ type }) => type === "epoch").map(({ epoch }) => epoch), [0, 1, 2, 3]);
  deepEqual(lines.filter(({ type }) => type === "extended"), [{
    type: "extended",
    from: 2,
    to: 4,
    step: 10,
  }]);
  ok((await evaluate(last, { split: "dev" })).notes.some((note) => /extended from 2 to 4/.test(note)));
});

Deno.test("an extension that is killed goes on by itself, to the bytes of an unbroken one", async () => {
  const whole = await train("whole"), broken = await train("broken");
  await collect(resumeRun(whole.path, { epochs: 4, controls }));
  const stop = new AbortController();
  for await (const event of resumeRun(broken.path, { epochs: 4, controls, signal: stop.signal })) {
    if (event.type === "step" && event.step === 13) stop.abort();
  }
  const rest = await collect(resumeRun(broken.path, { controls }));
  ok(notes(rest).some((note) => /extended from 2 to 4/.test(note)));
  const [a, b] = await Promise.all([whole, broken].map(({ last }) => readSafetensors(last)));
  deepEqual(b.tensors, a.tensors);
});

Deno.test("a run that stopped for lack of improvement gets its patience back", async () => {
  const { path, metrics } = await train("patient", { lr: 1e-12, patience: 1, epochs: 9 });
  await rejects(collect(resumeRun(path)), /finished 2 of its 9 epochs, after 1 without a better one/);
  const epochs = (await collect(resumeRun(path, { epochs: 10, controls }))).filter(({ type }) =>
    type === "epoch"
  );
  equal(epochs.length, 1);
  ok(existsSync(metrics));
});

Deno.test("results of earlier weights are marked once a better epoch replaces them", async () => {
  const folder = await train("better", { lr: 1e-6 });
  await evaluate(folder.path, { split: "test" });
  const { tensors, metadata } = await readSafetensors(folder.last);
  const trainer = JSON.parse(metadata.trainer);
  trainer.early.best = -1; // so that the next epoch is better
  const { sha256: _, ...others } = metadata;
  await Deno.writeFile(
    folder.last,
    encodeSafetensors(tensors, { ...others, trainer: JSON.stringify(trainer) }),
  );
  await collect(resumeRun(folder.path, { epochs: 3, controls }));
  const { dev, test } = await readResults(folder);
  deepEqual([dev!.outdated, test!.outdated, test!.read.length], [undefined, true, 1]);
  ok(!/weighted F1, test/.test(await Deno.readTextFile(folder.report)));
  equal((await evaluate(folder.path, { split: "test" })).read.length, 2);
  equal((await readResults(folder)).test!.outdated, undefined);
});

/** Copies the data to a folder where the clips have other names, changed by `change`. */
async function moved(
  change: (clip: Uint8Array, split: string) => Uint8Array = (clip) => clip,
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  const rows = parse(await Deno.readTextFile(`${data}/manifest.csv`), { columns: true }) as Record<
    string,
    string
  >[];
  for (const [i, row] of rows.entries()) {
    const name = `${i}.${row.audio.split(".").at(-1)}`;
    await Deno.writeFile(`${folder}/${name}`, change(await Deno.readFile(`${data}/${row.audio}`), row.split));
    row.audio = name;
  }
  await Deno.writeTextFile(`${folder}/rows.csv`, stringify(rows, { header: true }));
  return `${folder}/rows.csv`;
}

Deno.test("a run goes on with its data elsewhere under other names, and keeps the new place", async () => {
  const { path, last, config } = await train("moving");
  const elsewhere = await moved();
  await collect(resumeRun(path, { epochs: 3, data: elsewhere, controls }));
  equal(JSON.parse(await Deno.readTextFile(config)).data, elsewhere);
  await collect(resumeRun(path, { epochs: 4, controls }));
  const stayed = await train("staying");
  await collect(resumeRun(stayed.path, { epochs: 3, controls }));
  await collect(resumeRun(stayed.path, { epochs: 4, controls }));
  deepEqual((await readSafetensors(last)).tensors, (await readSafetensors(stayed.last)).tensors);
});

Deno.test("changed data are refused with what differs; evaluation tells it and keeps no result", async () => {
  const run = await train("particular"), before = (await readResults(run)).dev!.read.length;
  const louder = await moved((clip, split) => split === "dev" ? Uint8Array.from([...clip, 0]) : clip);
  await rejects(
    collect(resumeRun(run.path, { epochs: 3, data: louder })),
    /Expected the rows that the run was trained on but found other clips in dev at .*rows\.csv/,
  );
  const other = await evaluate(run.path, { split: "dev", data: louder });
  equal(other.folder, undefined);
  ok(
    other.notes.includes("These are not the run's own data (other clips in dev), so the result is not kept."),
  );
  const same = await evaluate(run.path, { split: "test", data: await moved() });
  equal(same.folder?.path, run.path);
  ok(same.notes.some((note) => /the run's own data in another place/.test(note)), `${same.notes}`);
  const { dev, test } = await readResults(run);
  deepEqual([dev!.read.length, test!.read.length], [before, 1]);
});

Deno.test("a run of a version without content goes on with equal paths alone", async () => {
  const { path, last } = await train("older"), { tensors, metadata } = await readSafetensors(last);
  const { content: _, ...rows } = JSON.parse(metadata.rows), { sha256: __, ...others } = metadata;
  await Deno.writeFile(last, encodeSafetensors(tensors, { ...others, rows: JSON.stringify(rows) }));
  await rejects(
    collect(resumeRun(path, { epochs: 3, data: await moved() })),
    /found other ids, labels, texts or paths of clips at/,
  );
  equal((await collect(resumeRun(path, { epochs: 3, controls }))).at(-1)?.type, "result");
});
