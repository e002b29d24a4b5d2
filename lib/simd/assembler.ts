/** Writes loops over four 32-bit lanes in TypeScript, and assembles them into WebAssembly at run time. */
import {
  ALIGNED_4,
  assemble,
  F32,
  F64,
  get,
  I32,
  leb,
  OP,
  set,
  signedLeb,
  SIMD,
  type SimdCode,
  V128,
  vector,
} from "./module.ts";
import { inParts } from "./together.ts";

export type { SimdCode } from "./module.ts";

const operation =
  (code: number) => (...operands: SimdCode[]): SimdCode => [...operands.flat(), ...vector(code)];

/** Operations on four float32 numbers. */
export const sqrt: (a: SimdCode) => SimdCode = operation(SIMD.f32x4_sqrt);
export const add: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.f32x4_add);
export const sub: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.f32x4_sub);
export const mul: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.f32x4_mul);
export const div: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.f32x4_div);

/** Operations on four 32-bit words. */
export const and: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.v128_and);
export const or: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.v128_or);
export const xor: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.v128_xor);
export const addWords: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.i32x4_add);
export const mulWords: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.i32x4_mul);
/** Sets all bits of a lane if a >= b, both unsigned. */
export const atLeast: (a: SimdCode, b: SimdCode) => SimdCode = operation(SIMD.i32x4_ge_u);
export const shiftRight = (
  a: SimdCode,
  bits: number,
): SimdCode => [...a, OP.i32_const, bits, ...vector(SIMD.i32x4_shr_u)];

/** Interleaves the first two lanes of a and b, or the last two. */
export const interleaveLow = (a: SimdCode, b: SimdCode): SimdCode => shuffle(a, b, [0, 4, 1, 5]);
export const interleaveHigh = (a: SimdCode, b: SimdCode): SimdCode => shuffle(a, b, [2, 6, 3, 7]);

function shuffle(a: SimdCode, b: SimdCode, order: readonly number[]): SimdCode {
  return [
    ...a,
    ...b,
    ...vector(SIMD.i8x16_shuffle, ...order.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))),
  ];
}

/** The operations available in the body of a loop. */
export interface Body<A extends string, S extends string> {
  /**
   * Loads four numbers of an array at the current position. If an iteration covers several groups of four,
   * `group` selects one.
   */
  load(array: A, group?: number): SimdCode;
  store(array: A, lanes: SimdCode, group?: number): void;
  /** Each scalar, in all four lanes. */
  scalars: Record<S, SimdCode>;
  /** Computes a value once; the result can be used repeatedly. */
  keep(lanes: SimdCode): SimdCode;
  /** Adds four float32 numbers, in double precision, to the sum that the loop returns. */
  total(lanes: SimdCode): void;
  /** Four words that start at `from` and grow by `by` with each iteration. */
  count(from: SimdCode, by: number): SimdCode;
}

/**
 * Runs a loop: number of elements (rounded up to whole iterations), byte offsets of the arrays, and scalars.
 */
export type Loop<A extends string, S extends string> = (
  count: number,
  starts: Record<A, number>,
  scalars: Record<S, number>,
) => number;

export interface LoopShape<A extends string, S extends string> {
  arrays: readonly A[];
  /** Scalars; float32 unless `words` names them. */
  scalars: readonly S[];
  /** Scalars that are 32-bit words. */
  words?: readonly S[];
  /** Numbers of each array per iteration, a multiple of 4. */
  width?: number;
  /** Whether each number depends only on those at its place, without a sum: threads may share the loop. */
  elementwise?: boolean;
}

/**
 * Assembles the loop that `write` describes. Returns a function that binds it to the memory of its arrays.
 */
export function simdLoop<A extends string, S extends string>(
  { arrays, scalars, words = [], width = 4, elementwise = false }: LoopShape<A, S>,
  write: (body: Body<A, S>) => void,
): (memory: WebAssembly.Memory) => Loop<A, S> {
  const isWord = (scalar: S) => words.includes(scalar);
  // Locals: `end` and the arrays' offsets, the scalars, the byte position; then vectors: the scalars and kept
  // values.
  const end = 0, firstScalar = 1 + arrays.length, at = firstScalar + scalars.length, firstLanes = at + 1;
  const before: number[] = [], code: number[] = [], after: number[] = [];
  let locals = firstLanes + scalars.length;
  const totals: number[] = [];
  const address = (array: A) => [...get(1 + arrays.indexOf(array)), ...get(at), OP.i32_add];
  const keep = (value: SimdCode) => {
    code.push(...set(locals, value));
    return get(locals++);
  };
  write({
    load: (array, group = 0) => [...address(array), ...vector(SIMD.v128_load, ALIGNED_4, ...leb(16 * group))],
    store: (array, lanes, group = 0) =>
      void code.push(...address(array), ...lanes, ...vector(SIMD.v128_store, ALIGNED_4, ...leb(16 * group))),
    scalars: record(scalars, (_, i) => get(firstLanes + i)),
    keep,
    total(lanes) {
      const four = keep(lanes), sum = locals++;
      const promoted = (two: SimdCode) => [...two, ...vector(SIMD.f64x2_promote_low_f32x4)];
      const high = shuffle(four, four, [2, 3, 2, 3]);
      const both = [...promoted(four), ...promoted(high), ...vector(SIMD.f64x2_add)];
      code.push(...set(sum, [...get(sum), ...both, ...vector(SIMD.f64x2_add)]));
      totals.push(sum);
    },
    count(from, by) {
      const counter = locals++;
      before.push(...set(counter, from));
      after.push(...set(counter, addWords(get(counter), splat(by))));
      return get(counter);
    },
  });
  const spread = scalars.flatMap((scalar, i) =>
    set(firstLanes + i, [
      ...get(firstScalar + i),
      ...vector(isWord(scalar) ? SIMD.i32x4_splat : SIMD.f32x4_splat),
    ])
  );
  const advance = set(at, [...get(at), OP.i32_const, ...signedLeb(4 * width), OP.i32_add]);
  const again = [...get(at), ...get(end), OP.i32_lt_u, OP.br_if, 0];
  const lane = (sum: number, i: number) => [...get(sum), ...vector(SIMD.f64x2_extract_lane, i)];
  // Each sum is added to the 0 that lies below on the stack.
  const result = totals.flatMap((sum) => [...lane(sum, 0), ...lane(sum, 1), OP.f64_add, OP.f64_add]);
  const body = [
    ...spread,
    ...before,
    ...[OP.loop, OP.no_result, ...code, ...after, ...advance, ...again, OP.end],
    ...[OP.f64_const, 0, 0, 0, 0, 0, 0, 0, 0, ...result, OP.end],
  ];
  const bind = assemble({
    parameters: [I32, ...arrays.map(() => I32), ...scalars.map((scalar) => isWord(scalar) ? I32 : F32)],
    results: [F64],
    locals: [[1, I32], [locals - firstLanes, V128]],
    body,
  });
  return (memory) => {
    const bound = bind(memory), run = elementwise ? inParts(bound, arrays.length) : bound.run;
    return (count, starts, values) =>
      count === 0 ? 0 : run(4 * count, ...arrays.map((a) => starts[a]), ...scalars.map((s) => values[s]));
  };
}

/** The same word in all four lanes. */
export const splat = (word: number): SimdCode => constant(word, word, word, word);

/** A vector of four words. */
export const constant = (...wordsOf: readonly number[]): SimdCode =>
  vector(SIMD.v128_const, ...wordsOf.flatMap((word) => [0, 8, 16, 24].map((bits) => word >>> bits & 0xff)));

const record = <K extends string, V>(keys: readonly K[], value: (key: K, i: number) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key, i) => [key, value(key, i)])) as Record<K, V>;
