/** Runs in half precision: what they say, that they resume exactly, and that their answers are 32-bit. */
import { ablateConfig, type TrainConfig } from "../config/mod.ts";
import { readJson, readSafetensors } from "../files/mod.ts";
import { parseWith } from "../schema.ts";
import { deepEqual, equal, match, notDeepEqual, ok, rejects } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { tinySpeechFolder, tinyTextFolder } from "../testing/tiny_encoders.ts";
import { ablate } from "./ablation/ablate.ts";
import { evaluate } from "./evaluate.ts";
import { resumeRun } from "./resume.ts";
import type { RunEvent } from "./run_event.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

/** A head that reads quick features alone. */
const head = { method: "audio_only", audio: "log-mel" };
const data = await smallData({ train: 12, dev: 4, test: 4 }), controls = false;
const runOf = (name: string) => runFolder(`${data}/outputs/${name}`);
const train = (name: string, changes: Partial<TrainConfig>) =>
  collect(trainRun(smallConfig(data, { name, ...head, ...changes }), { controls }));
const notes = (events: readonly RunEvent[]) =>
  events.flatMap((event) => event.type === "prepared" ? event.dataset.notes : []);

Deno.test("a head in half precision tells that the CPU gains nothing, and resumes exactly", async () => {
  const precision = "fp16", whole = await train("whole", { precision });
  ok(notes(whole).some((note) => /fp16 saves neither time nor memory on the CPU/.test(note)));
  const { skippedSteps } = whole.find((event) => event.type === "stopped")!;
  equal((await readJson(runOf("whole").config) as TrainConfig).precision, precision);

  const stop = new AbortController(),
    config = smallConfig(data, { name: "broken", ...head, precision });
  for await (const event of trainRun(config, { controls, signal: stop.signal })) {
    if (event.type === "step" && event.step === 4) stop.abort();
  }
  await collect(resumeRun(runOf("broken").path, { controls }));
  const [a, b] = await Promise.all(["whole", "broken"].map((name) => readSafetensors(runOf(name).last)));
  deepEqual(b.tensors, a.tensors);
  equal(b.metadata.trainer, a.metadata.trainer);
  const { scaling } = JSON.parse(a.metadata.trainer);
  deepEqual([scaling.skipped, scaling.scale], [skippedSteps, 2 ** (16 - skippedSteps!)]);
});

testWith("time", "encoders of text and speech train in half precision, and answer in fp32", async () => {
  const [text, audio] = [`hf:${await tinyTextFolder()}`, `hf:${await tinySpeechFolder("tiny-wav2vec2")}`];
  const losses = [];
  for (const precision of ["fp32", "fp16"] as const) {
    const events = await train(precision, {
      ...{
        method: "attention_pooling",
        text,
        audio,
        precision,
        train: ["text", "audio", "head"],
        encoder_lr: 1e-3,
        lr: 5e-3,
      },
      ...{ max_audio_length: 48, gradient_checkpointing: true, accumulate: 2 },
    });
    losses.push(events.flatMap((event) => event.type === "step" ? [event.loss] : []));
  }
  const [plain, half] = losses;
  notDeepEqual(half, plain);
  ok(Math.abs(half[0] - plain[0]) < 2e-3 && half.every(Number.isFinite), `${half} for ${plain}`);
  const { metrics } = await evaluate(runOf("fp16").path, { split: "dev" });
  const { dev } = await readJson(runOf("fp16").metrics) as { dev: { metrics: unknown } };
  deepEqual(metrics, dev.metrics);
});

Deno.test("recipes of an ablation differ in precision", async () => {
  const methods = { attention_pooling: {}, half: { method: "attention_pooling", precision: "fp16" } };
  const shared = { epochs: 1, batch_size: 4, test: false, name: "ablation", audio: "log-mel" };
  const places = { data: `${data}/manifest.csv`, out: `${data}/outputs`, cache: `${data}/cache` };
  const config = parseWith(ablateConfig, { ...shared, ...places, methods, seeds: [1] }, "the test");
  for await (const event of ablate(config, { controls })) {
    if (event.type !== "planned") continue;
    ok(event.dataset.notes.some((note) => /fp16 saves neither/.test(note)));
    const precisions = event.cells.map(({ recipe, config }) => [recipe, config.precision]);
    deepEqual(precisions, [["attention_pooling", "fp32"], ["half", "fp16"]]);
    match(event.cells[1].differs!, /precision fp16/);
    break;
  }
});

Deno.test("an engine without half precision is refused before the data are read", async () => {
  await rejects(
    train("refused", { precision: "fp16", engine: "cpu", data: "/nowhere" }),
    /Expected an engine with half precision but found cpu at --precision fp16/,
  );
});
