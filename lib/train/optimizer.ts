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
   * decay either. Outside the spans `moved`, gradient and slots are zero, and stay unread. Default: all
   * moved.
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
      const arrays = { value: values, gradient, mean, square }, memory = simdMemory(...Object.values(arrays));
      if (memory) adamSimd(memory, arrays, terms, spans);
      else for (const [from, to] of spans) adamLoop(arrays, terms, from, to);
      if (terms.decay) decay(values, terms.decay, gapsOf(spans, values.length));
    },
  };
}

/** The arrays of a parameter: its values, their gradient and both slots. */
type AdamArrays = Record<"value" | "gradient" | "mean" | "square", Values>;

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
function adamLoop(arrays: AdamArrays, terms: AdamTerms, from: number, to: number): void {
  const { value: values, gradient, mean, square } = arrays;
  const { scale, l2, decay, beta1, beta2, rest1, rest2, rate, unbias, eps } = terms;
  for (let i = from; i < to; i++) {
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
  elementwise: true,
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

/** One Adam update of these spans in float32, four values at a time. */
function adamSimd(memory: WebAssembly.Memory, arrays: AdamArrays, terms: AdamTerms, spans: Spans): void {
  const update = adamInLanes(memory), scalars = terms as AdamTerms & Record<string, number>;
  for (const [from, to] of spans) {
    const at = (name: keyof AdamArrays) => arrays[name].byteOffset + FLOAT * from;
    const starts = { value: at("value"), gradient: at("gradient"), mean: at("mean"), square: at("square") };
    update(to - from, starts, scalars);
  }
}

/** Bytes of a number in SIMD memory. */
const FLOAT = 4;

/** What an update does to values without gradient and slots: value -= share * value. */
function decay(values: Values, share: number, spans: Spans): void {
  const memory = simdMemory(values), inLanes = memory && decayInLanes(memory);
  for (const [from, to] of spans) {
    if (inLanes) inLanes(to - from, { value: values.byteOffset + FLOAT * from }, { share });
    else for (let i = from; i < to; i++) values[i] -= share * values[i];
  }
}

const decayInLanes = onceForEachMemory(
  simdLoop(
    { arrays: ["value"], scalars: ["share"], elementwise: true },
    ({ load, store, scalars: { share }, keep }) => {
      const value = keep(load("value"));
      store("value", sub(value, mul(share, value)));
    },
  ),
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
