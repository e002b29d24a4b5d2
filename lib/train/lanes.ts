/** Passes of training over arrays in lane memory: what optimizer.ts and clip.ts do number by number, four at a time. */
import { add, div, laneLoop, laneMemory, mul, perMemory, sqrt, sub } from "../compute/mod.ts";

export type Values = Float32Array | Float64Array;

/** What Adam multiplies by in one update; the same for all numbers of a parameter. */
export interface AdamTerms {
  /** Factor on the gradient. */
  scale: number;
  /** Share of the value added to the gradient. */
  l2: number;
  /** Share of the value taken off. */
  decay: number;
  beta1: number;
  beta2: number;
  /** 1 - beta1 and 1 - beta2. */
  rest1: number;
  rest2: number;
  /** Learning rate over the mean's bias. */
  rate: number;
  /** What takes the bias off the root of the square. */
  unbias: number;
  eps: number;
}

const adamLoop = perMemory(laneLoop({
  arrays: ["value", "gradient", "mean", "square"],
  scalars: ["scale", "l2", "decay", "beta1", "beta2", "rest1", "rest2", "rate", "unbias", "eps"],
}, ({ load, store, scalars, keep }) => {
  const { scale, l2, decay, beta1, beta2, rest1, rest2, rate, unbias, eps } = scalars;
  const value = keep(load("value"));
  const g = keep(add(mul(load("gradient"), scale), mul(l2, value)));
  const m = keep(add(mul(beta1, load("mean")), mul(rest1, g)));
  const v = keep(add(mul(beta2, load("square")), mul(mul(rest2, g), g)));
  store("mean", m);
  store("square", v);
  const step = div(mul(rate, m), add(mul(sqrt(v), unbias), eps));
  store("value", sub(value, add(mul(decay, value), step)));
}));

/** Adam's pass in float32; false where the arrays are not in lane memory together, and nothing was done. */
export function adamLanes(
  value: Values,
  gradient: Values,
  mean: Values,
  square: Values,
  terms: AdamTerms,
): boolean {
  const memory = laneMemory(value, gradient, mean, square);
  if (!memory) return false;
  const starts = {
    value: value.byteOffset,
    gradient: gradient.byteOffset,
    mean: mean.byteOffset,
    square: square.byteOffset,
  };
  adamLoop(memory)(value.length, starts, terms as AdamTerms & Record<string, number>);
  return true;
}

const squaresLoop = perMemory(laneLoop({ arrays: ["x"], scalars: [] }, ({ load, total, keep }) => {
  const x = keep(load("x"));
  total(mul(x, x));
}));

/** Sum of squares, taken in float32 and added in double precision; undefined where `x` is not in lane memory. */
export function squaresLanes(x: Values): number | undefined {
  const memory = laneMemory(x), whole = x.length & ~3;
  if (!memory) return undefined;
  let sum = squaresLoop(memory)(whole, { x: x.byteOffset }, {});
  for (let i = whole; i < x.length; i++) sum += x[i] * x[i];
  return sum;
}
