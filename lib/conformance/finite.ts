/** Checks that outputs and gradients stay finite without a modality and for extreme inputs. */
import * as tf from "@tensorflow/tfjs-core";
import type { FusionSizes } from "../fusion/mod.ts";
import { LACKING, type Question, rowName, SIZES, WHOLE, WIDTHS } from "./check.ts";
import { forward, gradients, type Head, named, training, withParams } from "./head.ts";
import { batchOf, randomRows, type Row, type Widths } from "./rows.ts";

/** Finds the first value in logits, loss or gradients that is not finite, in or outside training. */
async function notFinite(head: Head, sizes: FusionSizes, rows: readonly Row[]): Promise<string | undefined> {
  const widths: Widths = [sizes.text, sizes.audio], labels = rows.map((_, i) => i % sizes.classes);
  return await withParams(head, sizes, async (params) => {
    const input = batchOf(rows, widths, 2);
    const { logits } = forward(head, params, input);
    const tensors: Record<string, tf.Tensor> = { "the logits": logits };
    for (const [when, context] of [["", undefined], [" in training", training(1)]] as const) {
      for (const [name, tensor] of Object.entries(named(gradients(head, params, input, labels, context)))) {
        tensors[name === "loss" ? `the loss${when}` : `the gradient for ${name}${when}`] = tensor;
      }
    }
    let found: string | undefined;
    for (const [name, tensor] of Object.entries(tensors)) {
      const bad = (await tensor.data()).find((value) => !Number.isFinite(value));
      if (bad !== undefined) {
        found ??= `${name} ${name.startsWith("the logits") ? "contain" : "contains"} ${bad}`;
      }
    }
    tf.dispose([tensors, Object.values(input)]);
    return found;
  });
}

/** Checks that rows without text, without speech or without both have finite outputs and gradients. */
export const missing: Question = async (head) => {
  for (const lengths of [...LACKING.map((each) => [...WHOLE, each]), [LACKING[2], LACKING[2]]]) {
    const bad = await notFinite(head, SIZES, randomRows(4, lengths, WIDTHS));
    if (!bad) continue;
    return {
      figure: "not finite",
      fault:
        `With ${rowName(lengths.at(-1)!)}, ${bad}: something divides by a number of positions that is 0, ` +
        "or takes a maximum over no positions.",
    };
  }
  // A run that lacks the modality altogether: one masked position of width 1.
  for (const side of (["text", "audio"] as const).filter((each) => !head.method.modalities.includes(each))) {
    const lengths = WHOLE.map(([text, audio]): [number, number] => side === "text" ? [0, audio] : [text, 0]);
    const sizes = { ...SIZES, [side]: 1 };
    const bad = await notFinite(head, sizes, randomRows(4, lengths, [sizes.text, sizes.audio]));
    if (bad) return { figure: "not finite", fault: `In a run without ${side}, ${bad}.` };
  }
  return { figure: "finite without text, without speech, without both" };
};

/** Batches of extreme rows, keyed by a description. */
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

/** Checks that outputs and gradients stay finite for huge, constant, zero and very short inputs. */
export const extreme: Question = async (head) => {
  for (const [what, rows] of Object.entries(EXTREMES)) {
    const bad = await notFinite(head, SIZES, rows());
    if (!bad) continue;
    return {
      figure: "not finite",
      fault: `With ${what}, ${bad}: look for an unbounded exp, log, sqrt or division.`,
    };
  }
  return { figure: "finite for states x 1e4, constant, zero, of length 1" };
};
