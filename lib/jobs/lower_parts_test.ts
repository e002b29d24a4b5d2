/** Training from the output of frozen convolutions equals training from samples. */
import { type NamedTensorMap, useEngine } from "../compute/mod.ts";
import { planFor, planRun } from "../config/mod.ts";
import { type TrainConfig, trainConfig } from "../config/train.ts";
import { parseWith } from "../schema.ts";
import type { Example } from "../data/mod.ts";
import { type ModelEncoder, modelEncoder, packed } from "../encoders/mod.ts";
import { readSpeechEncoder } from "../encoders/hf/speech/speech_encoder.ts";
import { fusionMethod } from "../fusion/mod.ts";
import { adapted, type Classifier, newClassifier } from "../model/mod.ts";
import { disposeParams, type Params } from "../nn/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { tinySpeechFolder } from "../testing/tiny_encoders.ts";
import { tensorsOf } from "../train/mod.ts";
import { fit } from "./fit.ts";
import { lowerNotes } from "./lower_parts.ts";

await useEngine();

const folders = {
  group: await tinySpeechFolder("tiny-wav2vec2", { apply_spec_augment: true, mask_time_length: 4 }),
  layer: await tinySpeechFolder("tiny-wavlm"),
};

/** Clips of many lengths: one is too short for a frame, one row has none, and two rows share one. */
const draw = random(5);
const clips = [700, 333, 12, 520, 0, 1200, 640, 410, 900].map((length) =>
  length === 0 ? undefined : packed(Float32Array.from({ length }, () => 0.2 * draw.normal()))
);
const rows = [...clips, clips[0]].map((row, i): Example => ({
  id: `${i}`,
  ...row && { raw: { audio: { row, length: Math.max(1, Math.floor((row.length - 30) / 20) + 1) } } },
  target: { kind: "class", value: i % 3 },
}));
const data = { train: rows.slice(0, 8), dev: rows.slice(6) };
const CLIPS = 8;

/** Returns a head over a speech encoder that is part of the model. */
function modelOf(id: string, audio: ModelEncoder, config: TrainConfig): Classifier {
  const method = fusionMethod("audio_only");
  return newClassifier({
    method,
    options: method.options.parse({}) as Record<string, unknown>,
    labels: ["a", "b", "c"],
    encoders: { audio: { id, fingerprint: "", width: audio.width } },
    modelEncoders: adapted({ audio }, config),
    maxLength: { text: 64, audio: 64 },
    seed: 1,
  });
}

/**
 * Trains a tiny speech encoder and a head. Returns losses, dev losses, weights, how often the convolutions
 * ran by themselves, and what the encoder read, epoch by epoch.
 */
async function run(folder: string, changes: Partial<TrainConfig>, cache?: string) {
  const config = trainConfig.parse({
    method: "audio_only",
    audio: `hf:${folder}`,
    batch_size: 3,
    epochs: 2,
    encoder_lr: 1e-3,
    ...changes,
  });
  const network = await readSpeechEncoder(folder);
  let alone = 0, epoch = 0;
  const read: string[][] = [];
  const { lower, ...encoder } = modelEncoder(network),
    inputs = (names: object) => {
      (read[epoch] ??= []).push("frames" in names ? "frames" : "samples");
    };
  const watched = {
    ...encoder,
    apply: (...given: Parameters<typeof encoder.apply>) => (inputs(given[1]), encoder.apply(...given)),
    lower: { ...lower!, apply: (...given: [Params, NamedTensorMap]) => (alone++, lower!.apply(...given)) },
  };
  const model = modelOf(network.id, watched, config);
  const losses: number[] = [];
  for await (const event of fit(model, data, planFor(planRun(config), "class"), { cache })) {
    if (event.type === "step") losses.push(event.loss, event.gradientNorm!);
    if (event.type === "epoch") {
      losses.push(event.dev.loss!);
      epoch++;
    }
  }
  const weights = Object.entries(await tensorsOf(model.params)).map(([name, { data }]) => ({
    name,
    data: Array.from(data as Float32Array),
  }));
  disposeParams(model.params);
  return { losses, weights, alone, read: read.map((all) => [...new Set(all)].join()) };
}

const UPPER = ["audio.encoder", "audio.feature_projection", "head"];
const LORA = { r: 2, alpha: 4, dropout: 0.1, targets: ["q_proj"] };

/** Parameters whose true gradient is 0: what is left is rounding, which Adam enlarges. */
const free = (name: string) => name.endsWith("k_proj.bias");

type Run = Awaited<ReturnType<typeof run>>;

/** Requires the same losses, gradient norms and weights, to rounding. */
function sameTraining(actual: Run, expected: Run): void {
  equal(actual.losses.length, expected.losses.length);
  for (const [i, loss] of expected.losses.entries()) ok(Math.abs(actual.losses[i] / loss - 1) < 1e-6, `${i}`);
  for (const [i, { name, data }] of expected.weights.entries()) {
    if (free(name)) continue;
    const scale = Math.max(...data.map(Math.abs)), found = actual.weights[i].data;
    data.forEach((x, k) => ok(Math.abs(found[k] - x) <= 1e-5 * scale, `${name}: ${found[k]} for ${x}`));
  }
}

for (
  const [what, folder, changes] of [
    ["group norm", folders.group, { train: UPPER }],
    ["layer norm", folders.layer, { train: UPPER }],
    ["lora", folders.group, { train: ["audio", "head"], lora: LORA }],
  ] as const
) {
  Deno.test(`frozen convolutions run once a clip, to the same training: ${what}`, async () => {
    const cache = await Deno.makeTempDir(), options = changes as Partial<TrainConfig>;
    const plain = await run(folder, options), cut = await run(folder, options, cache);
    deepEqual([plain.alone, plain.read], [0, ["samples", "samples"]]);
    deepEqual([cut.alone, cut.read], [CLIPS, ["frames", "frames"]]);
    sameTraining(cut, plain);
    const again = await run(folder, options, cache);
    equal(again.alone, 0); // all come from the cache
    deepEqual([again.losses, again.weights], [cut.losses, cut.weights]);
  });
}

Deno.test("once a phase has trained the convolutions, samples are read as before", async () => {
  const changes = {
    epochs: 4,
    freeze: [["head"], UPPER, ["audio", "head"], UPPER].map((train) => ({ epochs: 1, train })),
  };
  const plain = await run(folders.group, changes), cache = await Deno.makeTempDir();
  const cut = await run(folders.group, changes, cache);
  // The first phase reads the states of the frozen encoder.
  deepEqual([cut.alone, cut.read.slice(1)], [CLIPS, ["frames", "samples", "samples"]]);
  sameTraining(cut, plain);
});

Deno.test("training clips that change are read as samples, those of dev as frames", async () => {
  const changes = parseWith(trainConfig, { train: UPPER, augment: { noise: [10, 30] } }, "here");
  const cut = await run(folders.group, changes, await Deno.makeTempDir());
  deepEqual([cut.alone, cut.read[0]], [4, "samples,frames"]);
});

Deno.test("a note tells what the cache takes, and what is too large for it", async () => {
  const config = trainConfig.parse({ method: "audio_only", audio: `hf:${folders.group}`, train: UPPER });
  const network = await readSpeechEncoder(folders.group), { width } = network.lower!;
  const model = modelOf(network.id, modelEncoder(network), config);
  const notes = (bytes: number, changes: Partial<TrainConfig> = {}) => {
    const row = { length: 30 + 20 * (bytes / 4 / width - 1) }; // of so many frames
    const train = [{ id: "long", raw: { audio: { row, length: 9 } } }];
    return lowerNotes(model, { train, dev: [] }, planFor(planRun({ ...config, ...changes }), "class"));
  };
  const what = "The output of audio.feature_extractor, which is frozen,";
  deepEqual(notes(10 ** 7), []);
  deepEqual(notes(3.2e9), [`${what} is computed once and kept in the cache: 3.2 GB.`]);
  deepEqual(notes(2e10), [`${what} would take 20.0 GB in the cache, so each step computes it.`]);
  deepEqual(notes(3.2e9, { train: ["audio", "head"] }), []);
  disposeParams(model.params);
});
