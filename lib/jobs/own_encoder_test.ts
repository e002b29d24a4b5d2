/** A user's own encoder, without a Hugging Face folder: frozen, fine-tuned, saved, restored and exported. */
import proto from "onnx-proto";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { registerSpeechEncoder, registerTextEncoder } from "../encoders/mod.ts";
import { readSafetensors } from "../files/safetensors.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { toyEntries, toyNetwork } from "../testing/toy_encoders.ts";
import type { TrainConfig } from "../config/train.ts";
import { exportModel } from "./export.ts";
import { infer } from "./infer.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();
const data = await smallData({ train: 12, dev: 4, test: 4 }), restored: unknown[] = [];
const { text, audio } = toyEntries(restored);
registerTextEncoder(text);
registerSpeechEncoder(audio);
const train = (name: string, changes: Partial<TrainConfig>) =>
  collect(
    trainRun(
      smallConfig(data, {
        name,
        text: "toy",
        audio: "toy",
        epochs: 3,
        warmup: 0,
        encoder_lr: 0.02,
        ...changes,
      }),
      { controls: false },
    ),
  );

Deno.test("a user's encoder is fine-tuned, saved, restored and exported with equal answers", async () => {
  const events = await train("tuned", { train: ["text", "audio", "head"], max_text_length: 20 });
  const losses = events.flatMap((event) => event.type === "epoch" ? [event.trainLoss] : []);
  ok(losses.at(-1)! < losses[0] - 0.02, `${losses}`);
  const run = `${data}/outputs/tuned`, { tensors } = await readSafetensors(runFolder(run).best);
  for (const modality of ["text", "audio"] as const) {
    const { data: before, shape } = toyNetwork(modality as "text").weights["dense.weight"];
    const { data: after, shape: now } = tensors[`${modality}.dense.weight`];
    deepEqual(now, shape);
    ok(Math.max(...(after as Float32Array).map((x, i) => Math.abs(x - before[i]))) > 1e-3, modality);
  }
  const rows = [{ id: "a", split: "test" as const, text: "You did what?" }];
  const live = tf.memory().numTensors;
  const { predictions: [answer] } = await infer(run, { rows, root: data });
  deepEqual(restored.at(-1), { "letters.json": { most: 64 } });
  equal(tf.memory().numTensors, live);
  ok(Object.values(answer.probabilities).every((p) => p > 0 && p < 1));
  const to = `${data}/exported/model.onnx`;
  const { about, check, files } = await exportModel(run, { to });
  ok(check.difference < 1e-5 && check.answers > 0, `${check.difference}`);
  deepEqual(about.inputs.map(({ name }) => name), ["letters", "letters_mask", "frames", "frame_mask"]);
  deepEqual(about.encoders.text, { id: "toy", inside: true, licence: "MIT" });
  equal(about.sample_rate, 16000);
  equal(files.tokenizer, undefined);
  const { graph } = proto.onnx.ModelProto.decode(await Deno.readFile(to));
  ok(graph!.initializer!.some(({ name }) => name === "text.dense.weight"));
});

Deno.test("a frozen one is exported, too; without graphInputs it stays outside, or is refused if fine-tuned", async () => {
  await train("frozen", {});
  const frozen = await exportModel(`${data}/outputs/frozen`, { to: `${data}/frozen/model.onnx` });
  deepEqual(frozen.about.encoders.text?.inside, true);
  ok(frozen.check.difference < 1e-5, `${frozen.check.difference}`);
  const network = { ...toyNetwork("text"), graphInputs: undefined };
  registerTextEncoder({
    ...text,
    load: async () => ({ ...await text.load(""), network }),
    restore: (id, _files, weights) => Promise.resolve({ ...network, id, weights }),
  }, { replace: true });
  const outside = await exportModel(`${data}/outputs/frozen`, { to: `${data}/outside/model.onnx` });
  deepEqual(outside.about.inputs.map(({ name }) => name), [
    "text_states",
    "text_mask",
    "frames",
    "frame_mask",
  ]);
  await rejects(
    exportModel(`${data}/outputs/tuned`, { to: `${data}/refused/model.onnx` }),
    /Expected an encoder that an exported file can contain but found toy, which has no graphInputs, at /,
  );
});
