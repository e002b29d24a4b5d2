/** Augmented training: cached copies, exact resuming, and dev rows that stay as they are. */
import { useEngine } from "../compute/mod.ts";
import type { TrainConfig } from "../config/train.ts";
import { loadDataset } from "../data/mod.ts";
import { readSafetensors } from "../files/mod.ts";
import { deepEqual, equal, notDeepEqual, ok, rejects } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { tinySpeechFolder, tinyTextFolder } from "../testing/tiny_encoders.ts";
import { resumeRun } from "./resume.ts";
import type { RunEvent } from "./run_event.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();
const data = await smallData({ train: 12, dev: 4, test: 4 });
const controls = false;
const config = (name: string, changes: Partial<TrainConfig> = {}) =>
  smallConfig(data, { name, audio: "log-mel", warmup: 0, max_audio_length: 48, ...changes });
const train = (name: string, changes: Partial<TrainConfig> = {}) =>
  collect(trainRun(config(name, changes), { controls }));
const weights = async (name: string) =>
  (await readSafetensors(runFolder(`${data}/outputs/${name}`).last)).tensors;
const dev = (events: RunEvent[]) => events.flatMap((event) => event.type === "epoch" ? [event.dev] : []);
const notes = (events: RunEvent[]) =>
  events.flatMap((event) => event.type === "prepared" ? event.dataset.notes : []);

/** Trains the run whole, and stopped after a step and resumed; both must end in the same bytes. */
async function resumesExactly(name: string, changes: Partial<TrainConfig>, stopAt: number): Promise<void> {
  await train(name, changes);
  const stop = new AbortController(), again = `${name}-again`;
  for await (const event of trainRun(config(again, changes), { controls, signal: stop.signal })) {
    if (event.type === "step" && event.step === stopAt) stop.abort();
  }
  await collect(resumeRun(`${data}/outputs/${again}`, { controls }));
  deepEqual(await weights(again), await weights(name));
}

const EVERYTHING = {
  ...{ noise: [5, 20], gain: 6, speed: 0.1, band: [300, 3400], word_dropout: 0.2, copies: 2 },
  ...{ mask_time: 0.1, mask_frequency: 0.1, mixup: 0.4, modality_dropout: 0.2 },
} satisfies TrainConfig["augment"];

Deno.test("a run with every augmentation, balanced, resumes to the same bytes", async () => {
  await resumesExactly("all", { augment: EVERYTHING, sampling: "balanced" }, 4);
  const kept = JSON.parse(await Deno.readTextFile(runFolder(`${data}/outputs/all`).config));
  deepEqual([kept.augment, kept.sampling], [EVERYTHING, "balanced"]);
});

testWith("time", {
  name: "encoders that train read changed samples and tokens, and resume to the same bytes across phases",
  async fn() {
    const augment = {
      noise: 15,
      speed: 0.1,
      word_masking: 0.3,
      mixup: 0.4,
      modality_dropout: 0.2,
      copies: 2,
    };
    const changes: Partial<TrainConfig> = {
      text: `hf:${await tinyTextFolder()}`,
      audio: `hf:${await tinySpeechFolder("tiny-wav2vec2")}`,
      epochs: 3,
      batch_size: 6,
      encoder_lr: 1e-3,
      freeze: [{ epochs: 1, train: ["head"] }, { epochs: 1, train: ["text", "audio", "head"] }, {
        epochs: 1,
        train: ["head"],
      }],
    };
    await resumesExactly("tuned", { ...changes, augment }, 3);
    await train("tuned-plain", changes);
    notDeepEqual(await weights("tuned-plain"), await weights("tuned"));
  },
});

/** Returns the keys of the feature cache in a folder, and the states under each. */
async function cached(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    for await (const file of Deno.readDir(`${folder}/${name}`)) {
      const { tensors: { states, lengths }, metadata } = await readSafetensors(
        `${folder}/${name}/${file.name}`,
      );
      const width = states.shape[1];
      let from = 0;
      (JSON.parse(metadata.keys) as string[]).forEach((key, i) => {
        found.set(`${name} ${key}`, states.data.slice(from, from += lengths.data[i] * width).join());
      });
    }
  }
  return found;
}

Deno.test("over frozen encoders, training rows alone have k distinct copies in the cache, for all seeds", async () => {
  const cache = `${data}/own-cache`, augment = { noise: 10, word_dropout: 0.5, copies: 3 };
  await train("cached-plain", { cache });
  const plain = await cached(cache);
  await train("cached", { cache, augment });
  const whole = await cached(cache);
  const ofSpeech = (all: Map<string, string>) => [...all].filter(([key]) => key.startsWith("log-mel"));
  equal(ofSpeech(plain).length, 12 + 4, "speech of train and dev");
  equal(ofSpeech(whole).length, 16 + 3 * 12);
  equal(new Set(ofSpeech(whole).map(([, states]) => states)).size, 16 + 36, "all differ");
  const texts = new Set(
    (await loadDataset(`${data}/manifest.csv`)).rows.flatMap(({ split, text }) =>
      split === "train" ? text! : []
    ),
  );
  equal(whole.size - plain.size, 3 * (12 + texts.size));
  await train("cached-other", { cache, augment, seed: 2 });
  equal((await cached(cache)).size, whole.size);
  await train("cached-more", { cache, augment: { ...augment, noise: 11, copies: 1 } });
  equal((await cached(cache)).size - whole.size, 12, "words are unchanged, so their copies are known");
});

Deno.test("dev rows are never changed: without learning, dev metrics are those of a run without augmentation", async () => {
  const still = { lr: 1e-12, weight_decay: 0 },
    changed = { ...still, augment: EVERYTHING, sampling: "balanced" as const };
  const [plain, augmented] = [await train("still", still), await train("still-augmented", changed)];
  const losses = (events: RunEvent[]) => dev(events).map(({ loss }) => loss!.toFixed(6));
  deepEqual(losses(augmented), losses(plain));
  const [note] = notes(augmented).filter((note) => note.startsWith("Training rows are augmented"));
  ok(/noise 5 to 20/.test(note) && /dev and test are not/.test(note), note);
  ok(notes(augmented).some((note) => note === "Epochs take all classes equally often."));
  const step = (events: RunEvent[]) =>
    events.flatMap((event) => event.type === "epoch" ? [event.trainLoss] : []);
  notDeepEqual(step(augmented), step(plain));
});

Deno.test("a method keeps the augmentations of what it reads, and says which it does not", async () => {
  const events = await train("alone", { method: "text_only", augment: { noise: 10, word_dropout: 0.2 } });
  const { augment } = JSON.parse(await Deno.readTextFile(runFolder(`${data}/outputs/alone`).config));
  deepEqual(augment, { word_dropout: 0.2 });
  ok(notes(events).includes("text_only does not read what noise would change."), `${notes(events)}`);
});

Deno.test("what does not fit is refused before any work, with what to do", async () => {
  const refused = (augment: TrainConfig["augment"], message: RegExp, changes: Partial<TrainConfig> = {}) =>
    rejects(train("refused", { augment, ...changes }), message);
  await refused({ nose: 1 }, /Did you mean noise\?/);
  await refused({ word_masking: 0.2 }, /a mask token .* found 'use-lite'/);
  await refused({ mixup: 0.2 }, /--focal-gamma 0 .* found 2/, { focal_gamma: 2 });
  await refused({ mask_time: 0.1 }, /scaled hidden states/, { normalize: "none" });
  await refused({ noise: 10 }, /whose states are stored/, { audio: "features:nowhere" });
  const tuned = { audio: "hf:nowhere", train: ["audio", "head"] };
  await refused({ mask_time: 0.1 }, /apply_spec_augment/, tuned);
});
