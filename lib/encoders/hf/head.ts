/** Classification heads of transformers: hidden states `[L,D]` of one utterance in, logits `[C]` out. */
import type { Sequence, Weights } from "../encoder.ts";
import { linearShapes, type Shapes } from "./weights.ts";

/** Sizes of a head. */
export interface HeadSizes {
  /** Width of a hidden state, D. */
  width: number;
  /** Number of classes, C. */
  classes: number;
  /** Width between the two linear layers of a speech head. */
  projection: number;
}

/** A kind of head. */
export interface Head {
  /** `model_type`s of the models that have it. */
  families: readonly string[];
  /** Shapes of its parameters by name. */
  shapes(sizes: HeadSizes): Shapes;
  logits(states: Sequence, weights: Weights): Float64Array;
}

const first = ({ data, width }: Sequence): Float64Array => Float64Array.from(data.subarray(0, width));

/** Returns W x + b. */
function linear(x: ArrayLike<number>, name: string, weights: Weights): Float64Array {
  const { data: weight } = weights[`${name}.weight`], { data: bias } = weights[`${name}.bias`];
  return Float64Array.from(bias, (sum, row) => {
    for (let i = 0; i < x.length; i++) sum += weight[row * x.length + i] * x[i];
    return sum;
  });
}

/** A head for text: two linear layers on the first token's state, with an activation between them. */
const onFirst = (
  families: readonly string[],
  [inner, outer]: [string, string],
  activate: (x: number) => number,
): Head => ({
  families,
  shapes: ({ width, classes }) => ({
    ...linearShapes(inner, width, width),
    ...linearShapes(outer, width, classes),
  }),
  logits: (states, weights) => linear(linear(first(states), inner, weights).map(activate), outer, weights),
});

/** Heads of AutoModelForSequenceClassification. */
export const TEXT_HEADS: readonly Head[] = [
  onFirst(["bert"], ["pooler.dense", "classifier"], Math.tanh),
  onFirst(["roberta", "xlm-roberta", "camembert"], ["classifier.dense", "classifier.out_proj"], Math.tanh),
  onFirst(["distilbert"], ["pre_classifier", "classifier"], (x) => Math.max(0, x)),
];

/** Heads of AutoModelForAudioClassification: a projection, its mean over all real frames, a linear layer. */
export const SPEECH_HEADS: readonly Head[] = [{
  families: ["wav2vec2", "hubert", "wavlm", "data2vec-audio", "unispeech", "unispeech-sat"],
  shapes: ({ width, classes, projection }) => ({
    ...linearShapes("projector", width, projection),
    ...linearShapes("classifier", projection, classes),
  }),
  // The mean of projections is the projection of the mean.
  logits: (states, weights) => linear(linear(mean(states), "projector", weights), "classifier", weights),
}];

function mean({ data, length, width }: Sequence): Float64Array {
  const sum = new Float64Array(width);
  for (let i = 0; i < length * width; i++) sum[i % width] += data[i];
  return sum.map((x) => x / length);
}
