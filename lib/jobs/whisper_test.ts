/** Runs with Whisper's encoder: frozen, trained, with LoRA; none is inside an exported file. */
import { useEngine } from "../compute/mod.ts";
import { parseWith } from "../schema.ts";
import { loraOptions, speechEncoder } from "../encoders/mod.ts";
import { readSafetensors } from "../files/mod.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { tinySpeechFolder } from "../testing/tiny_encoders.ts";
import type { TrainConfig } from "../config/train.ts";
import { exportModel } from "./export.ts";
import { infer } from "./infer.ts";
import { resumeRun } from "./resume.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

const data = await smallData({ train: 6, dev: 3, test: 3 });
const folder = await tinySpeechFolder("tiny-whisper"), audio = `hf:${folder}`;
const POSITIONS = "audio.encoder.embed_positions.weight";

await useEngine();

const train = async (name: string, changes: Partial<TrainConfig>) => {
  await collect(
    trainRun(smallConfig(data, { name, audio, epochs: 2, warmup: 0, ...changes }), { controls: false }),
  );
  return `${data}/outputs/${name}`;
};
const rows = { rows: [{ id: "a", split: "test" as const, text: "oh no" }], root: data };

Deno.test("a frozen Whisper stays outside an exported file, which takes its hidden states", async () => {
  const run = await train("frozen", {});
  const { about } = await exportModel(run, { to: `${data}/frozen/model.onnx` });
  ok(!about.encoders.audio!.inside);
  ok(about.inputs.some(({ name }) => name === "speech_states"));
});

Deno.test("a trained Whisper resumes, infers without its folder, and keeps its positions", async () => {
  const changes = { train: ["audio", "head"], encoder_lr: 1e-3, weight_decay: 0.1, max_audio_length: 40 };
  const run = await train("trained", changes);
  const { tensors } = await readSafetensors(runFolder(run).best);
  const { tensors: before } = await readSafetensors(`${folder}/model.safetensors`);
  deepEqual(tensors[POSITIONS].data, before["model.encoder.embed_positions.weight"].data);
  const name = "encoder.layers.0.fc1.weight";
  ok(tensors[`audio.${name}`].data.some((x, i) => x !== before[`model.${name}`].data[i]));
  const extended = await collect(resumeRun(run, { epochs: 3 }));
  equal(extended.filter((event) => event.type === "epoch").length, 1);
  await rejects(
    exportModel(run, { to: `${data}/trained/model.onnx` }),
    /no graphInputs.*keep the encoder frozen/,
  );
  await Deno.rename(folder, `${folder}-away`);
  try {
    const { predictions } = await infer(run, rows);
    ok(predictions.length > 0);
  } finally {
    await Deno.rename(`${folder}-away`, folder);
  }
});

Deno.test("LoRA of Whisper trains, and its adapter is read back", async () => {
  const lora = parseWith(loraOptions, { r: 2 }, "lora");
  const run = await train("lora", { train: ["audio", "head"], encoder_lr: 0.05, max_audio_length: 40, lora });
  const encoder = await speechEncoder(`hf:${run}/adapters/audio`), plain = await speechEncoder(audio);
  const clip = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i * i / 9999));
  const [[changed], [before]] = [await encoder.encode([clip]), await plain.encode([clip])];
  ok(changed.data.some((x, i) => Math.abs(x - before.data[i]) > 1e-4));
});
