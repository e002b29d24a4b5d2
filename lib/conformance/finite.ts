/** Where answers and gradients must be finite: without a modality, and for inputs at the edge. */
import * as tf from "@tensorflow/tfjs-core";
import type { FusionSizes } from "../fusion/mod.ts";
import { LACKING, type Question, rowName, SIZES, WHOLE, WIDTHS } from "./check.ts";
import { forward, gradients, type Head, named, training, withParams } from "./head.ts";
import { batchOf, randomRows, type Row, type Widths } from "./rows.ts";

/** The first value that is not finite, in logits, loss or gradients, in or outside training. */
async function notFinite(head: Head, sizes: FusionSizes, rows: readonly Row[]): Promise<string | undefined> {
  const widths: Widths = [sizes.text, sizes.audio], labels = rows.map((_, i) => i % sizes.classes);
  return await withParams(head, sizes, async (params) => {
    const input = batchOf(rows, widths, 2);
    const { logits } = forward(head, params, input);
    const tensors: Record<string, tf.Tensor> = { "the logits": logits };
    for (const [when, context] of [["", undefined], [" in training", training(1)]] as const) {
      for (const [name, tensor] of Object.entries(named(gradients(head, params, input, labels, context)))) {
        tensors[name === "loss" ? `the loss${when}` : `the gradient by ${name}${when}`] = tensor;
      }
    }
    let found: string | undefined;
    for (const [name, tensor] of Object.entries(tensors)) {
      const bad = (await tensor.data()).find((value) => !Number.isFinite(value));
      if (bad !== undefined) found ??= `${name} ${name.startsWith("the logits") ? "hold" : "holds"} ${bad}`;
    }
    tf.dispose([tensors, Object.values(input)]);
    return found;
  });
}

/** Rows without text, without speech and without both have an answer, and gradients, that are finite. */
export const missing: Question = async (head) => {
  for (const lengths of [...LACKING.map((each) => [...WHOLE, each]), [LACKING[2], LACKING[2]]]) {
    const bad = await notFinite(head, SIZES, randomRows(4, lengths, WIDTHS));
    if (!bad) continue;
    return {
      figure: "not finite",
      fault: `With ${rowName(lengths.at(-1)!)}, ${bad}: something divides by the number of its positions, ` +
        "or takes the maximum of none.",
    };
  }
  // A run without the modality at all: one position, one wide, masked.
  for (const side of (["text", "audio"] as const).filter((each) => !head.method.modalities.includes(each))) {
    const lengths = WHOLE.map(([text, audio]): [number, number] => side === "text" ? [0, audio] : [text, 0]);
    const sizes = { ...SIZES, [side]: 1 };
    const bad = await notFinite(head, sizes, randomRows(4, lengths, [sizes.text, sizes.audio]));
    if (bad) return { figure: "not finite", fault: `In a run without ${side}, ${bad}.` };
  }
  return { figure: "finite without text, without speech, without both" };
};

/** Rows at the edge, by what is unusual about them. */
const EXTREMES: Record<string, () => Row[]> = {
  "states 10,000 times as large": () =>
    randomRows(6, WHOLE, WIDTHS).map(({ text, audio }) => ({ text: scaled(text), audio: scaled(audio) })),
  "the same state at every position": () =>
    WHOLE.map(([text, audio]) => ({
      text: Array(text).fill(Array(WIDTHS[0]).fill(1)),
      audio: Array(audio).fill(Array(WIDTHS[1]).fill(1)),
    })),
  "states of zeros": () =>
    WHOLE.map(([text, audio]) => ({
      text: Array(text).fill(Array(WIDTHS[0]).fill(0)),
      audio: Array(audio).fill(Array(WIDTHS[1]).fill(0)),
    })),
  "a single state each": () => randomRows(6, [[1, 1], [1, 1]], WIDTHS),
};

const scaled = (states: number[][]) => states.map((state) => state.map((value) => 1e4 * value));

/** Answers and gradients stay finite for huge, constant, zero and very short inputs. */
export const extreme: Question = async (head) => {
  for (const [what, rows] of Object.entries(EXTREMES)) {
    const bad = await notFinite(head, SIZES, rows());
    if (!bad) continue;
    return {
      figure: "not finite",
      fault: `With ${what}, ${bad}: look for exp, log, sqrt or a division without a bound.`,
    };
  }
  return { figure: "finite for states x 1e4, constant, zero, of length 1" };
};
