/** Checks that an exported file gives the same answers as the model. */
import { type InferenceSession, Tensor } from "onnxruntime-node";
import type { Feed } from "../compute/mod.ts";
import type { Modality } from "../data/mod.ts";
import { openSession } from "../encoders/mod.ts";
import { UndertoneError } from "../errors.ts";
import { KINDS } from "../eval/mod.ts";
import { ANSWERS, type Classifier, predictLogits } from "../model/mod.ts";
import { fileInputs, type Part } from "./parts.ts";
import type { Trial } from "./trial.ts";

/**
 * The largest difference that is accepted of a probability, or of a value relative to its size. Rounding
 * causes about 1e-6.
 */
const MOST_DIFFERENCE = 1e-4;

/** The comparison of an exported model with the model itself. */
export interface Check {
  /** Number of utterances that both predicted. */
  utterances: number;
  /** Number of predictions compared: in one batch, alone, and without each modality. */
  answers: number;
  /** Largest difference of a probability, or of a value (relative where it is above 1). */
  difference: number;
}

/**
 * Opens a file's bytes and compares its predictions with the model's: for all trials in one batch, for the
 * first and the last alone, and for all without text and without speech. Throws an internal error if a
 * probability differs by more than 1e-4.
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
      const logits = await predictLogits(model, batch.map(({ example }) => example));
      const ours = KINDS[model.target].answers(logits);
      const theirs = await run(session, parts, batch, spare);
      const flat = ours.flat();
      if (theirs.length !== flat.length) difference = NaN;
      // Math.max returns NaN for a NaN, which then fails the comparison with the bound.
      flat.forEach((p, i) =>
        difference = Math.max(difference, Math.abs(p - theirs[i]) / Math.max(1, Math.abs(p)))
      );
      answers += batch.length;
    }
  } finally {
    await session.release();
  }
  if (difference <= MOST_DIFFERENCE) return { utterances: trials.length, answers, difference };
  throw new UndertoneError(
    `The file was not written: its ${ANSWERS[model.target].name} differ from the model's by ${
      difference.toPrecision(2)
    }.`,
    "internal",
  );
}

/** Returns the probabilities of a batch, padded by `spare` positions beyond its longest utterance. */
async function run(
  session: InferenceSession,
  parts: readonly Part[],
  batch: readonly Trial[],
  spare: number,
): Promise<Float32Array> {
  const feeds = parts.flatMap((part) =>
    Object.entries(fileInputs(part).feed(batch.map(({ rows }) => rows[part.inputs.modality]), spare)).map((
      [name, given],
    ) => [
      name,
      nativeTensor(given),
    ])
  );
  const outputs = await session.run(Object.fromEntries(feeds));
  return outputs[session.outputNames[0]].data as Float32Array;
}

const nativeTensor = ({ data, shape }: Feed[string]): Tensor =>
  data instanceof Float32Array
    ? new Tensor("float32", data, shape)
    : new Tensor("int64", BigInt64Array.from(data, BigInt), shape);
