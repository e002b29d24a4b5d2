/**
 * Optimisers with PyTorch's semantics. `update` changes parameters and slots in place, in one pass over plain
 * numbers.
 */
import { add, div, mul, onceForEachMemory, simdLoop, simdMemory, sqrt, sub } from "../simd/mod.ts";
import { type Recorded, recordedAdam } from "./device_optimizer.ts";
import { gapsOf, type Spans } from "./moved_rows.ts";

export type Values = Float32Array | Float64Array;

/** The optimiser's state of one parameter: the number of updates, and one array for each slot. */
export interface ParameterState<V extends Values = Float32Array> {
  step: number;
  slots: Record<string, V>;
}

export interface UpdateSettings {
  /** Learning rate of this step. */
  lr: number;
  weightDecay: number;
  /** Factor on the gradient. It clips, and it turns the sum over rows into their mean. */
  scale: number;
}

export interface Optimizer {
  /** Names of the slots, as in PyTorch. */
  slots: readonly string[];
  /** Returns the state of a parameter before its first update. */
  init<V extends Values>(values: V): ParameterState<V>;
  /**
   * Updates `values` and `state` in place. The trainer skips a parameter without a gradient, so it does not
   * decay either. Outside the spans `moved`, gradient and slots are zero, and stay unread. Default: all moved.
   */
  update<V extends Values>(
    values: V,
    gradient: V,
    state: ParameterState<V>,
    settings: UpdateSettings,
    moved?: Spans,
  ): void;
  /** The same update as graph operations. */
  record: Recorded;
}

export interface AdamOptions {
  beta1?: number;
  beta2?: number;
  eps?: number;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
export const adamW = (options: AdamOptions = {}): Optimizer => adamWith(options, true);

/** Adam (Kingma and Ba 2015). Weight decay is an L2 term of the gradient. */
export const adam = (options: AdamOptions = {}): Optimizer => adamWith(options, false);

function adamWith({ beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: AdamOptions, decoupled: boolean): Optimizer {
  return {
    ...slotted(["exp_avg", "exp_avg_sq"]),
    record: recordedAdam({ beta1, beta2, eps }, decoupled),
    update(values, gradient, state, { lr, weightDecay, scale }, moved) {
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
      const spans = moved && !terms.l2 ? moved : [[0, values.length]] as const;
      for (const [from, to] of spans) {
        const [v, g, m, s] = [values, gradient, mean, square].map((array) => array.subarray(from, to));
        if (!adamSimd(v, g, m, s, terms)) adamLoop(v, g, m, s, terms);
      }
      if (!terms.decay) return;
      for (const [from, to] of gapsOf(spans, values.length)) decay(values.subarray(from, to), terms.decay);
    },
  };
}

/** The factors of one Adam update, the same for all values of a parameter. */
interface AdamTerms {
  /** Factor on the gradient, which clips it and averages over rows. */
  scale: number;
  /** Weight decay as an L2 term: this share of the value is added to the gradient. */
  l2: number;
  /** Decoupled weight decay: this share of the value is subtracted. */
  decay: number;
  beta1: number;
  beta2: number;
  /** 1 - beta1; `rest2` is 1 - beta2. */
  rest1: number;
  rest2: number;
  /** Learning rate with the mean's bias correction: lr / (1 - beta1^step). */
  rate: number;
  /** Bias correction of the square's root: 1 / sqrt(1 - beta2^step). */
  unbias: number;
  eps: number;
}

/**
 * One Adam update, value by value in double precision: value -= lr m̂ / (sqrt(v̂) + eps), with the
 * bias-corrected m̂ = m / (1 - beta1^step) and v̂ = v / (1 - beta2^step). The corrections do not depend on
 * the value, so `rate` and `unbias` hold them: rate m / (sqrt(v) unbias + eps).
 */
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

/**
 * One Adam update in float32, four values at a time. Returns false, and changes nothing, if the arrays do not
 * share one SIMD memory.
 */
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

/** What an update does to values without gradient and slots: value -= share * value. */
function decay(values: Values, share: number): void {
  const memory = simdMemory(values);
  if (memory) decayInLanes(memory)(values.length, { value: values.byteOffset }, { share });
  else for (let i = 0; i < values.length; i++) values[i] -= share * values[i];
}

const decayInLanes = onceForEachMemory(
  simdLoop({ arrays: ["value"], scalars: ["share"] }, ({ load, store, scalars: { share }, keep }) => {
    const value = keep(load("value"));
    store("value", sub(value, mul(share, value)));
  }),
);

function slotted(slots: readonly string[]): Pick<Optimizer, "slots" | "init"> {
  return {
    slots,
    init<V extends Values>(values: V): ParameterState<V> {
      const zeros = () => new (values.constructor as new (length: number) => V)(values.length);
      return { step: 0, slots: Object.fromEntries(slots.map((slot) => [slot, zeros()])) };
    },
  };
}
