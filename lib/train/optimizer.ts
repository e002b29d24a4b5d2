/** Optimisers as values `{slots, init, update}`: one pass over plain numbers, in place, with PyTorch's semantics. */
import { add, div, mul, onceForEachMemory, simdLoop, simdMemory, sqrt, sub } from "../compute/mod.ts";
import { type Recorded, recordedAdam, recordedSgd } from "./device_optimizer.ts";

export type Values = Float32Array | Float64Array;

/** What an optimiser remembers of one parameter: updates made, and one array per slot. */
export interface ParameterState<V extends Values = Float32Array> {
  step: number;
  slots: Record<string, V>;
}

export interface UpdateSettings {
  /** Learning rate in force. */
  lr: number;
  weightDecay: number;
  /** Factor on the gradient: what clips it and turns a sum over rows into their mean. */
  scale: number;
}

export interface Optimizer {
  /** Names of its slots, as PyTorch calls them. */
  slots: readonly string[];
  /** State before the first update of a parameter. */
  init<V extends Values>(values: V): ParameterState<V>;
  /** Changes `values` and `state`; a parameter without a gradient is not passed here at all, so it does not decay either. */
  update<V extends Values>(values: V, gradient: V, state: ParameterState<V>, settings: UpdateSettings): void;
  /** The same as operations of the graph. */
  record: Recorded;
}

export interface AdamOptions {
  beta1?: number;
  beta2?: number;
  eps?: number;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
export const adamW = (options: AdamOptions = {}): Optimizer => adamWith(options, true);

/** Adam (Kingma and Ba 2015); weight decay is an L2 term of the gradient. */
export const adam = (options: AdamOptions = {}): Optimizer => adamWith(options, false);

/** Stochastic gradient descent; weight decay is an L2 term of the gradient, momentum is undampened. */
export function sgd({ momentum = 0, nesterov = false } = {}): Optimizer {
  return {
    ...slotted(momentum ? ["momentum_buffer"] : []),
    record: recordedSgd(momentum, nesterov),
    update(values, gradient, state, { lr, weightDecay, scale }) {
      const velocity = state.slots.momentum_buffer;
      state.step++;
      for (let i = 0; i < values.length; i++) {
        let direction = gradient[i] * scale + weightDecay * values[i];
        if (velocity) {
          const v = velocity[i] = momentum * velocity[i] + direction;
          direction = nesterov ? direction + momentum * v : v;
        }
        values[i] -= lr * direction;
      }
    },
  };
}

function adamWith({ beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: AdamOptions, decoupled: boolean): Optimizer {
  return {
    ...slotted(["exp_avg", "exp_avg_sq"]),
    record: recordedAdam({ beta1, beta2, eps }, decoupled),
    update(values, gradient, state, { lr, weightDecay, scale }) {
      const { exp_avg: mean, exp_avg_sq: square } = state.slots;
      const step = ++state.step;
      const terms: AdamTerms = {
        scale,
        l2: decoupled ? 0 : weightDecay,
        decay: decoupled ? lr * weightDecay : 0,
        beta1,
        beta2,
        rest1: 1 - beta1,
        rest2: 1 - beta2,
        rate: lr / (1 - beta1 ** step),
        unbias: 1 / Math.sqrt(1 - beta2 ** step),
        eps,
      };
      const done = adamSimd(values, gradient, mean, square, terms);
      if (!done) adamLoop(values, gradient, mean, square, terms);
    },
  };
}

/** What Adam multiplies by in one update; the same for all numbers of a parameter. */
interface AdamTerms {
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

/** Adam's pass, number by number in double precision. */
function adamLoop(values: Values, gradient: Values, mean: Values, square: Values, terms: AdamTerms): void {
  const { scale, l2, decay, beta1, beta2, rest1, rest2, rate, unbias, eps } = terms;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const g = gradient[i] * scale + l2 * value;
    const m = beta1 * mean[i] + rest1 * g;
    const v = beta2 * square[i] + rest2 * g * g;
    mean[i] = m;
    square[i] = v;
    values[i] = value - (decay * value + rate * m / (Math.sqrt(v) * unbias + eps));
  }
}

const adamInLanes = onceForEachMemory(simdLoop({
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

/** The same in float32, four at a time; false where the arrays are not in lane memory together, and nothing was done. */
function adamSimd(
  value: Values,
  gradient: Values,
  mean: Values,
  square: Values,
  terms: AdamTerms,
): boolean {
  const memory = simdMemory(value, gradient, mean, square);
  if (!memory) return false;
  const starts = {
    value: value.byteOffset,
    gradient: gradient.byteOffset,
    mean: mean.byteOffset,
    square: square.byteOffset,
  };
  adamInLanes(memory)(value.length, starts, terms as AdamTerms & Record<string, number>);
  return true;
}

function slotted(slots: readonly string[]): Pick<Optimizer, "slots" | "init"> {
  return {
    slots,
    init<V extends Values>(values: V): ParameterState<V> {
      const zeros = () => new (values.constructor as new (length: number) => V)(values.length);
      return { step: 0, slots: Object.fromEntries(slots.map((slot) => [slot, zeros()])) };
    },
  };
}
