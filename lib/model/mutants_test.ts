/** A changed checkpoint either gives the same answers or is refused with an UndertoneError. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import type { Example } from "../data/mod.ts";
import { softmax } from "../eval/mod.ts";
import { random } from "../random.ts";
import { equal, ok } from "../testing/assert.ts";
import { type Mutant, mutant } from "../testing/checkpoint_mutants.ts";
import { fixture } from "../testing/shared.ts";
import { tryMutants } from "../testing/trial.ts";
import type { Classifier } from "./classifier.ts";
import { predictLogits } from "./predictor.ts";
import { scaleExamples } from "./reader.ts";
import { loadClassifier } from "./saving.ts";

const SEED = 9;

await useEngine({ engine: "cpu" });

const states = (draw: ReturnType<typeof random>, length: number, width: number) => ({
  data: Float32Array.from({ length: length * width }, draw.normal),
  length,
  width,
});

/** Rows for the models of the fixtures: one with both modalities, and one without each. */
function examplesFor({ modelEncoders, encoders }: Classifier): Example[] {
  const draw = random(1), ids = { row: Int32Array.of(0, 5, 17, 2), length: 4 };
  const audio = states(draw, 3, encoders.audio!.width);
  const text = modelEncoders.text ? { raw: { text: ids } } : { text: states(draw, 2, encoders.text!.width) };
  return [{ id: "both", ...text, audio }, { id: "text", ...text }, {
    id: "audio",
    audio,
  }];
}

async function answersOf(path: string): Promise<number[]> {
  const { model } = await loadClassifier(path);
  try {
    return softmax(await predictLogits(model, scaleExamples(model, examplesFor(model)))).flat();
  } finally {
    disposeParams(model.params);
  }
}

/** Returns the options that can change an answer and are stored only in the configuration. */
function unchecked({ bytes }: Pick<Mutant, "bytes">): string {
  try {
    const end = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const { __metadata__ } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end)));
    const { max_text_length, max_audio_length, lora } = JSON.parse(__metadata__.config);
    return JSON.stringify([max_text_length, max_audio_length, lora?.alpha]);
  } catch {
    return "none";
  }
}

const folder = await Deno.makeTempDir(), path = `${folder}/mutant.safetensors`;

const KINDS = [["frozen/checkpoints/last", 110, 15_000], ["tuned/checkpoints/best", 40, 5_000]] as const;

for (const [name, quick, full] of KINDS) {
  Deno.test(`changed copies of ${name} give the same answers or are refused in a sentence`, async () => {
    const file = fixture(`runs/v0.1/${name}.safetensors`), good = await Deno.readFile(file);
    const before = await answersOf(file), live = tf.memory().numTensors;
    const { count, refused } = await tryMutants({
      of: name,
      quick,
      full,
      make: async (index) => {
        const made = mutant(good, SEED, index);
        await Deno.writeFile(path, made.bytes);
        return made;
      },
      read: async (made) => {
        const what = made.what.slice(0, 200);
        try {
          const answers = await answersOf(path);
          ok(answers.every(Number.isFinite), `${what}: ${answers}`);
          if (!made.sameValues || unchecked(made) !== unchecked({ bytes: good })) return;
          equal(answers.length, before.length, what);
          answers.forEach((p, k) => ok(Math.abs(p - before[k]) < 1e-6, `${what}: ${p} for ${before[k]}`));
        } finally {
          equal(tf.memory().numTensors, live, `${what}: tensors leak`);
        }
      },
    });
    ok(refused > count / 2 && refused < count, `${refused} of ${count} refused`);
  });
}
