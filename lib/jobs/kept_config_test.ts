/** A run whose files beside the checkpoints were edited, damaged or lost. */
import { loadDataset } from "../data/mod.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { evaluate } from "./evaluate.ts";
import { infer } from "./infer.ts";
import { resumeRun } from "./resume.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

const data = await smallData(), options = { controls: false };
const config = smallConfig(data, { name: "kept", text: "none", method: "audio_only", audio: "log-mel" });
await collect(trainRun(config, options));
const run = runFolder(`${data}/outputs/kept`), dev = { split: "dev" as const };
const written = await Deno.readTextFile(run.config);
const aboutConfig = (notes: readonly string[]) => notes.filter((note) => note.includes("config.json"));

/** Resumes for an epoch more and returns the notes. */
async function notesOfResumed(epochs: number): Promise<readonly string[]> {
  const [prepared] = await collect(resumeRun(run.path, { ...options, epochs }));
  return prepared.type === "prepared" ? prepared.dataset.notes : [];
}

Deno.test("a config.json that was edited, or is broken, is told; the checkpoint counts", async () => {
  const { metrics, notes } = await evaluate(run.path, dev);
  deepEqual(aboutConfig(notes), []);
  const lr = JSON.parse(written).lr;
  await Deno.writeTextFile(run.config, written.replace(`"lr": ${lr}`, '"lr": 0.25'));
  const edited = await evaluate(run.path, dev);
  deepEqual(edited.metrics, metrics);
  match(aboutConfig(edited.notes).join(), new RegExp(`\\(lr 0\\.25, not ${lr}\\)\\. The checkpoint's`));
  ok(!/\blr&quot;: 0\.25/.test(await Deno.readTextFile(run.report)), "the report has the checkpoint's lr");
  match(await Deno.readTextFile(run.report), new RegExp(`\\blr&quot;: ${lr},`));
  const { rows: [row], root } = await loadDataset(config.data);
  equal(aboutConfig((await infer(run.path, { rows: [row], root })).notes).length, 1);
  equal(aboutConfig(await notesOfResumed(3)).length, 1);
  for (const text of ["{", '{"lr": "fast"}']) {
    await Deno.writeTextFile(run.config, text);
    const broken = await evaluate(run.path, dev);
    deepEqual(Object.keys(broken.metrics), Object.keys(metrics));
    match(
      aboutConfig(broken.notes).join(),
      /^Expected .*config\.json.* The checkpoint's configuration counts\.$/,
    );
  }
  await notesOfResumed(4); // writes config.json again
  deepEqual(aboutConfig((await evaluate(run.path, dev)).notes), []); // also if the best epoch came before
});

Deno.test("only the weights of the chosen epoch say by what it was chosen", async () => {
  equal((await evaluate(run.path, dev)).chosen_by, "macro_f1");
  equal((await evaluate(run.last, dev)).chosen_by, undefined);
  match(
    await Deno.readTextFile(run.report),
    /The epoch was chosen by macro F1 on dev, the rows of this result/,
  );
});

Deno.test("events that are lost are told when a run goes on", async () => {
  await Deno.remove(run.events);
  const notes = await notesOfResumed(5);
  match(notes.join("\n"), /events\.jsonl lacks 4 of the 4 epochs so far; the curves go on without them\./);
});

Deno.test("a best checkpoint that is damaged or lost is refused before any training", async () => {
  const bytes = await Deno.readFile(run.best), last = await Deno.readFile(run.last);
  const resumed = () => collect(resumeRun(run.path, { ...options, epochs: 9 }));
  const told =
    /Expected the checkpoint of the best epoch so far, \d,.* at .*best\.safetensors\. .*--init .*last/;
  for (const damaged of [bytes.slice(0, -8), bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1), undefined]) {
    if (damaged) await Deno.writeFile(run.best, damaged);
    else await Deno.remove(run.best);
    await rejects(resumed(), told);
    deepEqual(await Deno.readFile(run.last), last);
  }
  await Deno.writeFile(run.best, bytes);
  await resumed();
});
