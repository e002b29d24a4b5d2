/** Checks that an answer does not depend on padding, on the other rows of the batch or on their order. */
import * as tf from "@tensorflow/tfjs-core";
import type { FusionInput } from "../fusion/mod.ts";
import { figure, LACKING, logitsOf, off, type Question, rowName, SIZES, WHOLE, WIDTHS } from "./check.ts";
import { forward, withParams } from "./head.ts";
import { batchOf, randomRows } from "./rows.ts";

const BOUND = 1e-5;
const measured = (worst: number) => `${figure(worst)} off at most (bound ${figure(BOUND)})`;

/**
 * Checks that the content and the amount of padding do not change the answers, also for rows that lack a
 * modality.
 */
export const padding: Question = (head) =>
  withParams(head, SIZES, async (params) => {
    const lengths = [...WHOLE, ...LACKING], rows = randomRows(3, lengths, WIDTHS);
    const logits = (extra: number, seed: number) =>
      logitsOf(() => forward(head, params, batchOf(rows, WIDTHS, extra, seed)));
    const expected = await logits(0, 0);
    const changes = {
      "other values in the padding": await logits(0, 7),
      "more padding": await logits(6, 8),
    };
    let worst = 0, fault: string | undefined;
    for (const [change, actual] of Object.entries(changes)) {
      actual.forEach((row, i) => {
        const error = off(row, expected[i]);
        worst = Math.max(worst, error);
        if (!(error <= BOUND)) {
          fault ??=
            `With ${change}, ${rowName(lengths[i])} gets a different answer: a mean, maximum, softmax or ` +
            "normalisation runs over padding; use the masked operations of nn.";
        }
      });
    }
    return { figure: measured(worst), fault };
  });

/** Checks that a row gets the same answer alone (with the same padding) and in another order. */
export const batch: Question = (head) =>
  withParams(head, SIZES, async (params) => {
    const input = batchOf(randomRows(3, WHOLE, WIDTHS), WIDTHS);
    const logits = (rows: number[]) => logitsOf(() => forward(head, params, taken(input, rows)));
    const order = [2, 0, 3, 1], expected = await logits([0, 1, 2, 3]), turned = await logits(order);
    let worst = 0, fault: string | undefined;
    for (const [i, row] of expected.entries()) {
      const alone = off((await logits([i]))[0], row), elsewhere = off(turned[order.indexOf(i)], row);
      worst = Math.max(worst, alone, elsewhere);
      if (!(alone <= BOUND)) {
        fault ??= "A row alone gets a different answer than in a batch: something is computed across rows, " +
          "such as batch norm.";
      } else if (!(elsewhere <= BOUND)) {
        fault ??= "A row gets a different answer at another position in the batch.";
      }
    }
    tf.dispose(Object.values(input));
    return { figure: measured(worst), fault };
  });

/** Takes these rows of a batch, with their padding. */
function taken(input: FusionInput, rows: number[]): FusionInput {
  const places = tf.tensor1d(rows, "int32");
  return Object.fromEntries(
    Object.entries(input).map(([name, tensor]) => [name, tf.gather(tensor, places)]),
  ) as unknown as FusionInput;
}
