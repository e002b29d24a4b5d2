/** Whether an exported file answers as the model does. */
import { type InferenceSession, Tensor } from "onnxruntime-node";
import type { Feed } from "../compute/mod.ts";
import type { Modality } from "../data/mod.ts";
import { openSession } from "../encoders/mod.ts";
import { UndertoneError } from "../errors.ts";
import { softmax } from "../eval/mod.ts";
import { type Classifier, predictLogits } from "../model/mod.ts";
import type { Part } from "./parts.ts";
import type { Trial } from "./trial.ts";

/** Beyond it an answer is another one; rounding makes about 1e-6. */
const MOST_DIFFERENCE = 1e-4;

/** How an exported model answered beside the model itself. */
export interface Check {
  /** Utterances that both were asked. */
  utterances: number;
  /** Answers that were compared: together, alone, and without each modality. */
  answers: number;
  /** Of any probability. */
  difference: number;
}

/**
 * Opens a file's bytes and compares its answers with the model's: all trials together, the first and the last alone, and
 * all without text and without speech. Throws an internal error where one differs by more than 1e-4.
 */
export async function checkFile(
  bytes: Uint8Array,
  model: Classifier,
  parts: readonly Part[],
  trials: readonly Trial[],
): Promise<Check> {
  const session = await openSession(bytes);
  const without = (gone: Modality) =>
    trials.map(({ example, rows }): Trial => ({
      example: { ...example, [gone]: undefined, raw: { ...example.raw, [gone]: undefined } },
      rows: { ...rows, [gone]: undefined },
    }));
  const batches: [readonly Trial[], number][] = [
    [trials, 3],
    [trials.slice(0, 1), 0],
    [trials.slice(-1), 0],
    ...parts.map(({ inputs }): [Trial[], number] => [without(inputs.modality), 0]),
  ];
  let answers = 0, difference = 0;
  try {
    for (const [batch, spare] of batches) {
      const ours = softmax(await predictLogits(model, batch.map(({ example }) => example)));
      const theirs = await run(session, parts, batch, spare);
      const flat = ours.flat();
      if (theirs.length !== flat.length) difference = NaN;
      // Of NaN, Math.max makes NaN, which no bound lets pass.
      flat.forEach((p, i) => difference = Math.max(difference, Math.abs(p - theirs[i])));
      answers += batch.length;
    }
  } finally {
    await session.release();
  }
  if (difference <= MOST_DIFFERENCE) return { utterances: trials.length, answers, difference };
  throw new UndertoneError(
    `The file would answer otherwise than the model, by ${difference.toPrecision(2)}; it was not written.`,
    "internal",
  );
}

/** Probabilities of a batch, with `spare` positions of padding beyond its longest utterance. */
async function run(
  session: InferenceSession,
  parts: readonly Part[],
  batch: readonly Trial[],
  spare: number,
): Promise<Float32Array> {
  const feeds = parts.flatMap(({ inputs }) =>
    Object.entries(inputs.feed(batch.map(({ rows }) => rows[inputs.modality]), spare)).map((
      [name, given],
    ) => [
      name,
      nativeTensor(given),
    ])
  );
  const { probabilities } = await session.run(Object.fromEntries(feeds));
  return probabilities.data as Float32Array;
}

const nativeTensor = ({ data, shape }: Feed[string]): Tensor =>
  data instanceof Float32Array
    ? new Tensor("float32", data, shape)
    : new Tensor("int64", BigInt64Array.from(data, BigInt), shape);
