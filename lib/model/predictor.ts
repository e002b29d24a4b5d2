/** Predicts logits with a model. */
import { capture, dropoutKeys } from "../nn/mod.ts";
import type { Buffers, Example } from "../data/mod.ts";
import { badInput } from "../errors.ts";
import { firstNotFinite } from "../finite.ts";
import type { ForwardContext } from "../fusion/mod.ts";
import { type Classifier, forward } from "./classifier.ts";
import { reader } from "./reader.ts";

/** The context of a prediction. */
export const INFERENCE: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

export interface PredictOptions {
  /** Rows per batch; default 8, 32 or 64, depending on the model's encoders. */
  batchSize?: number;
  signal?: AbortSignal;
}

/** Predicts with the current parameters of a model. */
export interface Predictor extends Disposable {
  /**
   * Returns the logits of scaled examples `[N][C]`, in the order of the examples. Throws UndertoneError that
   * names a row whose logits are not finite.
   */
  logits(examples: readonly Example[], options?: PredictOptions): Promise<Float32Array[]>;
}

/**
 * Creates a predictor. It keeps its compiled graphs, so reuse
 * it for repeated calls. Each call uses the current parameters.
 */
export function predictor(model: Classifier): Predictor {
  const buffers: Buffers = new Map();
  const captured = capture((inputs) => ({ logits: forward(model, inputs, INFERENCE).logits }), model.params);
  return {
    async logits(examples, { batchSize = batchSizeFor(model), signal } = {}) {
      const { lengths, feed } = reader(model, examples, buffers);
      const order = Int32Array.from(examples, (_, row) => row).sort((a, b) => lengths[a] - lengths[b]);
      const logits = new Array<Float32Array>(examples.length), { classes } = model.sizes;
      for (let start = 0; start < order.length; start += batchSize) {
        signal?.throwIfAborted();
        const rows = order.subarray(start, start + batchSize);
        const outputs = await captured.run(feed(rows), INFERENCE);
        rows.forEach((row, i) => {
          logits[row] = outputs.logits.slice(i * classes, (i + 1) * classes);
          requireAnswer(logits[row], model.labels, examples[row]);
        });
      }
      return logits;
    },
    [Symbol.dispose]: captured.dispose,
  };
}

function requireAnswer(logits: Float32Array, labels: readonly string[], { id }: Example): void {
  const place = firstNotFinite(logits);
  if (place < 0) return;
  throw badInput({
    expected: "finite logits",
    found: `${logits[place]} for ${labels[place]}`,
    at: `row '${id}'`,
    todo:
      "The model's weights or the row's input are too large to compute with: train at a lower learning rate, " +
      "or leave the row out.",
  });
}

/**
 * Batch sizes that fit in memory: the first convolution of
 * wav2vec2 alone takes 65 MB for ten seconds of speech.
 */
const batchSizeFor = ({ modelEncoders }: Classifier): number =>
  modelEncoders.audio ? 8 : modelEncoders.text ? 32 : 64;

/** Predicts once; see `Predictor.logits`. */
export async function predictLogits(
  model: Classifier,
  examples: readonly Example[],
  options: PredictOptions = {},
): Promise<Float32Array[]> {
  using once = predictor(model);
  return await once.logits(examples, options);
}
