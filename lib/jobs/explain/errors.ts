/** Where a model is surest and wrong. */
import type { Prediction } from "../predictions.ts";

/**
 * Returns the predictions of classes that are wrong, the most confident first, at most `most` of them.
 * Predictions without a true label are left out; of equal confidence, the smaller id comes first.
 *
 * @example
 * ```ts
 * import { confidentErrors } from "@undertone/undertone";
 *
 * const probabilities = { joy: 0.9, anger: 0.1 };
 * confidentErrors([{ id: "a", label: "anger", predicted: "joy", probabilities }]); // this one
 * ```
 */
export function confidentErrors(predictions: readonly Prediction[], most = 5): Prediction[] {
  const sure = ({ probabilities, predicted }: Prediction) => probabilities[predicted] ?? 0;
  return predictions.filter(({ label, predicted }) => label !== undefined && label !== predicted)
    .sort((a, b) => sure(b) - sure(a) || (a.id < b.id ? -1 : 1))
    .slice(0, Math.max(0, most));
}
