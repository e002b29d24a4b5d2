/**
 * Training steps in host memory. A graph computes the gradients; one pass then updates parameters and slots
 * in place.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { collectGarbage, type Helpers, moveInto, startHelpers, updateInPlace } from "../compute/mod.ts";
import { add, mul, onceForEachMemory, simdArrays, simdLoop, simdMemory } from "../simd/mod.ts";
import { type GradientStep, gradientStep, type StepGradients, widthOf } from "./gradients.ts";
import { type MovedRows, movedRows, type Spans, spansOf } from "./moved_rows.ts";
import type { Optimizer, ParameterState, Values } from "./optimizer.ts";
import type { Steps, TrainingTask } from "./steps.ts";

export function hostSteps(
  { loss, within, params, everTrained, optimizer, states }: TrainingTask,
): Steps {
  const sizes = Object.fromEntries(everTrained.map((name) => [name, params[name].size]));
  const helpers = total(sizes) >= WORTH_HELP ? startHelpers() : undefined;
  const buffers = allocateBuffers(sizes, optimizer, { states, helpers });
  settle(buffers, params);
  const remembered: Record<string, ParameterState> = { ...states };
  for (const name in states) if (buffers[name]) remembered[name] = buffers[name].state;
  const into = Object.fromEntries(Object.entries(buffers).map(([name, { gradient }]) => [name, gradient]));

  let phase: { names: string; step: GradientStep } | undefined;
  /** Returns the gradient step of these parameters, and disposes the previous phase's. */
  const stepOf = (trained: readonly string[]): GradientStep => {
    const names = trained.join();
    if (phase?.names !== names) {
      phase?.step.dispose();
      const training = Object.fromEntries(trained.map((name) => [name, params[name]]));
      phase = { names, step: gradientStep(loss, { params, training, into, within }) };
    }
    return phase.step;
  };

  return {
    async update(trained, batches, { clip, ratesOf, accept }) {
      const step = await stepOf(trained).run(batches), { gradients, rows, weight, loss } = step;
      const gradientNorm = normOf(step, params) / weight;
      accept(loss / weight, gradientNorm);
      const scale = clipFactor(gradientNorm, clip) / weight;
      for (const [name, gradient] of gradients) {
        const buffer = buffers[name], memory = remembered[name] ??= buffer.state;
        const settings = { ...ratesOf(name), scale }, moved = movedIn(buffer, rows.get(name), params[name]);
        await updateInPlace(
          params[name],
          (values) => optimizer.update(values, gradient, memory, settings, moved),
          buffer.values,
        );
      }
      return { loss, weight, gradientNorm };
    },
    states: () => Promise.resolve(remembered),
    [Symbol.dispose]() {
      phase?.step.dispose();
      helpers?.[Symbol.dispose]();
    },
  };
}

/** Memory of one trained parameter: values, gradient and slots, side by side for the SIMD loops. */
interface ParameterBuffers {
  values: Float32Array;
  gradient: Float32Array;
  state: ParameterState;
  /** The rows that have moved, if only lookups have contributed to its gradients so far. */
  moved?: MovedRows;
}

/** Numbers per iteration of an update: spans begin and end at whole iterations. */
const LANES = 4;

/** Returns which numbers of a parameter have moved, `rows` of it now; undefined if all may have. */
function movedIn(
  buffer: ParameterBuffers,
  rows: Int32Array | undefined,
  table: tf.Tensor,
): Spans | undefined {
  if (!rows || widthOf(table) % LANES > 0) return buffer.moved = undefined;
  buffer.moved ??= movedRows(buffer.state, widthOf(table));
  buffer.moved.add(rows);
  return buffer.moved.spans();
}

const cut = (array: Float32Array, spans: Spans): Float32Array[] =>
  spans.map(([from, to]) => array.subarray(from, to));

/** Numbers of all parameters from which on helpers update them faster: 10 ms of Adam. */
const WORTH_HELP = 2 ** 22;

const total = (sizes: Record<string, number>): number => Object.values(sizes).reduce((a, b) => a + b, 0);

/**
 * Allocates buffers for parameters of these sizes, where helpers can take part in loops, and copies the
 * optimiser's known `states` into them.
 */
function allocateBuffers(
  sizes: Record<string, number>,
  { slots }: Pick<Optimizer, "slots">,
  { states, helpers }: { states: Record<string, ParameterState>; helpers?: Helpers },
): Record<string, ParameterBuffers> {
  const lengths = Object.values(sizes).map((size) => Array(2 + slots.length).fill(size));
  const arrays = simdArrays(lengths, { shared: helpers !== undefined });
  if (helpers) { for (const [values] of arrays) helpers.help(simdMemory(values)!); }
  return Object.fromEntries(
    Object.keys(sizes).map((name, i) => {
      const [values, gradient, ...rest] = arrays[i], known = states[name];
      slots.forEach((slot, k) => known && rest[k].set(known.slots[slot]));
      const state = {
        step: known?.step ?? 0,
        slots: Object.fromEntries(slots.map((slot, k) => [slot, rest[k]])),
      };
      return [name, { values, gradient, state }];
    }),
  );
}

/** Parameters of this many bytes or more make it worth a garbage collection to free their former arrays. */
const LARGE = 2 ** 26;

/**
 * Moves parameters into their buffers, before gradients and slots take as much memory as their former
 * arrays.
 */
function settle(buffers: Record<string, ParameterBuffers>, params: TrainingTask["params"]): void {
  let bytes = 0;
  for (const name in buffers) {
    const { values } = buffers[name];
    moveInto(values, params[name]);
    bytes += values.byteLength;
  }
  if (bytes >= LARGE) collectGarbage();
}

/** Returns the L2 norm over all gradients, summed in double precision. */
export const globalNorm = (gradients: Iterable<Values>): number => Math.sqrt(squaresIn(gradients));

/** Returns the L2 norm of a step's gradients. Squares that the graph summed are not summed again. */
function normOf({ gradients, rows, squares }: StepGradients, params: TrainingTask["params"]): number {
  let sum = 0;
  for (const [name, gradient] of gradients) {
    const ids = rows.get(name);
    const filled = ids ? cut(gradient, spansOf(ids, widthOf(params[name]))) : [gradient];
    sum += squares.get(name) ?? squaresIn(filled);
  }
  return Math.sqrt(sum);
}

function squaresIn(arrays: Iterable<Values>): number {
  let sum = 0;
  for (const values of arrays) sum += squares(values);
  return sum;
}

function squares(values: Values): number {
  const total = sumOfSquaresSimd(values);
  if (total !== undefined) return total;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

/**
 * Returns the factor that brings `norm` down to `maxNorm`, as PyTorch's `clip_grad_norm_`; 1 if `maxNorm` is
 * 0.
 */
export const clipFactor = (norm: number, maxNorm: number): number =>
  maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1;

/** Numbers per iteration of the sum. */
const SQUARES = 16;

const squaresLoop = onceForEachMemory(
  simdLoop({ arrays: ["x"], scalars: [], width: SQUARES }, ({ load, total, keep }) => {
    const square = (group: number) => {
      const x = keep(load("x", group));
      return mul(x, x);
    };
    total(add(add(square(0), square(1)), add(square(2), square(3))));
  }),
);

/**
 * Returns Σ x²: squares and sums of four in float32, the rest in double precision. Returns undefined if `x`
 * is not in SIMD memory.
 */
function sumOfSquaresSimd(x: Values): number | undefined {
  const memory = simdMemory(x), whole = x.length - x.length % SQUARES;
  if (!memory) return undefined;
  let sum = squaresLoop(memory)(whole, { x: x.byteOffset }, {});
  for (let i = whole; i < x.length; i++) sum += x[i] * x[i];
  return sum;
}
