import * as tf from "@tensorflow/tfjs-core";
import type { FusionInput } from "../fusion/mod.ts";
import type { Params } from "../nn/mod.ts";
import { random, seedOf } from "../random.ts";
import { figure, type Finding, logitsOf, off, type Question, SIZES, WHOLE, WIDTHS } from "./check.ts";
import { forward, gradients, type Head, named, withParams } from "./head.ts";
import { batchOf, randomRows } from "./rows.ts";

const BOUND = 1e-3;

/** Step sizes of the finite differences. */
const STEPS = [3e-2, 1e-2, 3e-3, 1e-3];

/** How far to move a tensor whose gradient is 0, to see whether the logits depend on it. */
const FAR = 3;

/**
 * Compares gradients with central differences, along one direction per tensor: half the gradient itself, half
 * random. The differentiated value is Σ w·logits with random w, so that every logit counts. The step size
 * with the smallest error counts. At a kink (a maximum over positions, a ReLU) the slopes of different step
 * sizes differ; the gradient may then be off by twice that spread.
 */
export const gradientsAgree: Question = (head) =>
  withParams(head, SIZES, async (params) => {
    const input = batchOf(randomRows(3, WHOLE, WIDTHS), WIDTHS);
    const weights = normals("weights", WHOLE.length * SIZES.classes);
    const matrix = tf.tensor2d(weights, [WHOLE.length, SIZES.classes]);
    const found = gradients(head, params, input, [], undefined, (logits) => tf.sum(tf.mul(matrix, logits)));
    const slopes = named(found);
    try {
      return await compare(slopes, { head, params, input, weights });
    } finally {
      tf.dispose([Object.values(input), matrix, slopes]);
    }
  });

interface Place {
  head: Head;
  params: Params;
  input: FusionInput;
  weights: Float32Array;
}

async function compare(slopes: Record<string, tf.Tensor>, place: Place): Promise<Finding> {
  const { head, params, input } = place;
  const still = await logitsOf(() => forward(head, params, input));
  const inputs = { "the text states": input.text, "the speech states": input.audio };
  let worst = { name: "", error: 0, bound: BOUND };
  for (const [name, tensor] of Object.entries<tf.Tensor>({ ...params, ...inputs })) {
    const slope = slopes[name] ? await floats(slopes[name]) : new Float32Array(tensor.size);
    if (slope.every((value) => value === 0)) {
      const far = await moved(place, name, unit(normals(name, slope.length)), FAR);
      if (off(far.flat(), still.flat()) < 1e-4) continue;
      return {
        figure: `0 for ${name}`,
        fault:
          `The logits depend on ${name}, yet its gradient is 0: an operation in between has no gradient, ` +
          "such as round, floor, argMax or a comparison.",
      };
    }
    const size = still.flat().reduce((sum, value, i) => sum + Math.abs(place.weights[i] * value), 0);
    const { error, bound } = await slopeError(place, name, slope, 0.1 * size);
    if (error / bound > worst.error / worst.bound) worst = { name, error, bound };
  }
  const measured = `${figure(worst.error)} off at most (bound ${figure(worst.bound)})`;
  if (worst.error <= worst.bound) return { figure: measured };
  return {
    figure: measured,
    fault: `The gradient for ${worst.name} differs from finite differences: ` +
      "an operation in between has a wrong gradient.",
  };
}

/**
 * Returns the error of a gradient along a direction, relative to the slope or to `least`, and the allowed
 * error.
 */
async function slopeError(place: Place, name: string, slope: Float32Array, least: number) {
  const ahead = unit(slope), random = unit(normals(name, slope.length));
  const side = Math.sign(dot(random, ahead)) || 1;
  const along = unit(ahead.map((value, i) => value + side * random[i]));
  const expected = dot(slope, along);
  const found: number[] = [], scale = Math.max(Math.abs(expected), least, 1e-12);
  let error = Infinity;
  for (const step of STEPS) {
    const [up, down] = [await moved(place, name, along, step), await moved(place, name, along, -step)];
    found.push((weighted(up, place.weights) - weighted(down, place.weights)) / (2 * step));
    const distance = Math.abs(found.at(-1)! - expected) / scale;
    if (Number.isFinite(distance)) error = Math.min(error, distance);
    if (error < BOUND / 10) break;
  }
  const spread = (Math.max(...found) - Math.min(...found)) / scale;
  return { error, bound: Number.isFinite(spread) ? Math.max(BOUND, 2 * spread) : BOUND };
}

/** Returns the logits after one tensor moves along a direction. */
async function moved(
  { head, params, input }: Place,
  name: string,
  direction: Float32Array,
  step: number,
): Promise<number[][]> {
  const side = name === "the text states" ? "text" : name === "the speech states" ? "audio" : undefined;
  const from = side ? input[side] : params[name], values = await floats(from);
  return await logitsOf(() => {
    const at = tf.tensor(values.map((value, i) => value + step * direction[i]), from.shape);
    return side
      ? forward(head, params, { ...input, [side]: at })
      : forward(head, { ...params, [name]: at as tf.Variable }, input);
  });
}

const weighted = (logits: number[][], weights: Float32Array): number =>
  logits.flat().reduce((sum, value, i) => sum + weights[i] * value, 0);

const floats = async (tensor: tf.Tensor) => await tensor.data() as Float32Array;

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

const unit = (values: Float32Array): Float32Array => {
  const length = Math.sqrt(dot(values, values));
  return values.map((value) => value / length);
};

function normals(name: string, length: number): Float32Array {
  const { normal } = random(seedOf(5, name));
  return Float32Array.from({ length }, normal);
}
