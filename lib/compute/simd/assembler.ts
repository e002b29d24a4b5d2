/**
 * Loops over four 32-bit lanes at once, written in TypeScript and assembled into WebAssembly when they are made. Numbers of
 * instructions: the WebAssembly specification 2.0, index of instructions.
 */

/** Instructions that leave four lanes on the stack. */
export type SimdCode = readonly number[];

const vector = (code: number, ...immediate: number[]) => [0xfd, ...leb(code), ...immediate];
const operation =
  (code: number) => (...operands: SimdCode[]): SimdCode => [...operands.flat(), ...vector(code)];

/** On four float32 numbers. */
export const sqrt: (a: SimdCode) => SimdCode = operation(0xe3);
export const add: (a: SimdCode, b: SimdCode) => SimdCode = operation(0xe4);
export const sub: (a: SimdCode, b: SimdCode) => SimdCode = operation(0xe5);
export const mul: (a: SimdCode, b: SimdCode) => SimdCode = operation(0xe6);
export const div: (a: SimdCode, b: SimdCode) => SimdCode = operation(0xe7);

/** On four 32-bit words. */
export const and: (a: SimdCode, b: SimdCode) => SimdCode = operation(0x4e);
export const or: (a: SimdCode, b: SimdCode) => SimdCode = operation(0x50);
export const xor: (a: SimdCode, b: SimdCode) => SimdCode = operation(0x51);
export const addWords: (a: SimdCode, b: SimdCode) => SimdCode = operation(0xae);
export const mulWords: (a: SimdCode, b: SimdCode) => SimdCode = operation(0xb5);
/** All bits where a >= b, both taken as unsigned. */
export const atLeast: (a: SimdCode, b: SimdCode) => SimdCode = operation(0x40);
export const shiftRight = (a: SimdCode, bits: number): SimdCode => [...a, 0x41, bits, ...vector(0xad)];

/** The first two lanes of a and of b in turn, and the last two. */
export const interleaveLow = (a: SimdCode, b: SimdCode): SimdCode => shuffle(a, b, [0, 4, 1, 5]);
export const interleaveHigh = (a: SimdCode, b: SimdCode): SimdCode => shuffle(a, b, [2, 6, 3, 7]);

function shuffle(a: SimdCode, b: SimdCode, order: readonly number[]): SimdCode {
  return [
    ...a,
    ...b,
    ...vector(0x0d, ...order.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))),
  ];
}

/** What the body of a loop is written with. */
export interface Body<A extends string, S extends string> {
  /** Four numbers of an array, where the loop stands; `group` counts on from there where a turn covers several. */
  load(array: A, group?: number): SimdCode;
  store(array: A, lanes: SimdCode, group?: number): void;
  /** Each scalar, four times. */
  scalars: Record<S, SimdCode>;
  /** Computes something once, for what follows to use as often as it likes. */
  keep(lanes: SimdCode): SimdCode;
  /** Adds four float32 numbers to the sum that the loop returns, in double precision. */
  total(lanes: SimdCode): void;
  /** Four words that start at `from` and grow by `by` with each turn. */
  count(from: SimdCode, by: number): SimdCode;
}

/** How a loop is called: numbers to go over (rounded up to whole turns), where its arrays start in bytes, its scalars. */
export type Loop<A extends string, S extends string> = (
  count: number,
  starts: Record<A, number>,
  scalars: Record<S, number>,
) => number;

export interface LoopShape<A extends string, S extends string> {
  arrays: readonly A[];
  /** Float32 where not said otherwise. */
  scalars: readonly S[];
  /** Scalars that are 32-bit words. */
  words?: readonly S[];
  /** Numbers of each array that a turn covers, a multiple of 4. */
  width?: number;
}

/** Assembles the loop that `write` describes; what it gives runs it over arrays that lie in `memory`. */
export function simdLoop<A extends string, S extends string>(
  { arrays, scalars, words = [], width = 4 }: LoopShape<A, S>,
  write: (body: Body<A, S>) => void,
): (memory: WebAssembly.Memory) => Loop<A, S> {
  const isWord = (scalar: S) => words.includes(scalar);
  // Locals: `end` and the arrays' starts, the scalars, the place in bytes; then lanes: the scalars' and what the body keeps.
  const end = 0, firstScalar = 1 + arrays.length, at = firstScalar + scalars.length, firstLanes = at + 1;
  const before: number[] = [], code: number[] = [], after: number[] = [];
  let locals = firstLanes + scalars.length;
  const totals: number[] = [];
  const address = (array: A) => [...get(1 + arrays.indexOf(array)), ...get(at), ADD];
  const keep = (value: SimdCode) => {
    code.push(...set(locals, value));
    return get(locals++);
  };
  write({
    load: (array, group = 0) => [...address(array), ...vector(0x00, 2, ...leb(16 * group))],
    store: (array, lanes, group = 0) =>
      void code.push(...address(array), ...lanes, ...vector(0x0b, 2, ...leb(16 * group))),
    scalars: record(scalars, (_, i) => get(firstLanes + i)),
    keep,
    total(lanes) {
      const four = keep(lanes), sum = locals++;
      const promoted = (two: SimdCode) => [...two, ...vector(0x5f)];
      const high = shuffle(four, four, [2, 3, 2, 3]);
      const both = [...promoted(four), ...promoted(high), ...vector(0xf0)];
      code.push(...set(sum, [...get(sum), ...both, ...vector(0xf0)]));
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
    set(firstLanes + i, [...get(firstScalar + i), ...vector(isWord(scalar) ? 0x11 : 0x13)])
  );
  const advance = set(at, [...get(at), 0x41, ...leb(4 * width), ADD]);
  const again = [...get(at), ...get(end), 0x49, 0x0d, 0]; // i32.lt_u, br_if
  const lane = (sum: number, i: number) => [...get(sum), ...vector(0x21, i)];
  const result = totals.flatMap((sum) => [...lane(sum, 0), ...lane(sum, 1), 0xa0, 0xa0]); // onto the 0 below
  const body = [
    ...spread,
    ...before,
    ...[0x03, 0x40, ...code, ...after, ...advance, ...again, 0x0b],
    ...[0x44, 0, 0, 0, 0, 0, 0, 0, 0, ...result, 0x0b],
  ];
  const types = [I32, ...arrays.map(() => I32), ...scalars.map((scalar) => isWord(scalar) ? I32 : F32)];
  const bytes = new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [0x60, ...list(types), ...list([F64])]),
    ...section(2, [...name("host"), ...name("memory"), 2, 0, 0]),
    ...section(3, [0]),
    ...section(7, [...name("loop"), 0, 0]),
    ...section(10, list([2, 1, I32, ...leb(locals - firstLanes), V128, ...body])),
  ]);
  let module: WebAssembly.Module | undefined;
  return (memory) => {
    module ??= new WebAssembly.Module(bytes);
    const { loop } = new WebAssembly.Instance(module, { host: { memory } }).exports;
    const call = loop as (...args: number[]) => number;
    return (count, starts, values) =>
      count === 0 ? 0 : call(4 * count, ...arrays.map((a) => starts[a]), ...scalars.map((s) => values[s]));
  };
}

const I32 = 0x7f, F32 = 0x7d, F64 = 0x7c, V128 = 0x7b, ADD = 0x6a;

const get = (local: number): number[] => [0x20, ...leb(local)];
const set = (local: number, value: SimdCode): number[] => [...value, 0x21, ...leb(local)];

/** The same word four times. */
export const splat = (word: number): SimdCode => constant(word, word, word, word);

/** Four words. */
export const constant = (...wordsOf: readonly number[]): SimdCode =>
  vector(0x0c, ...wordsOf.flatMap((word) => [0, 8, 16, 24].map((bits) => word >>> bits & 0xff)));

/** A section of one entry. */
const section = (id: number, entry: readonly number[]) => [id, ...list([1, ...entry])];
const name = (text: string) => list([...new TextEncoder().encode(text)]);
const list = (items: readonly number[]) => [...leb(items.length), ...items];

const record = <K extends string, V>(keys: readonly K[], value: (key: K, i: number) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key, i) => [key, value(key, i)])) as Record<K, V>;

/** Unsigned LEB128. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [value & 0x7f | 0x80, ...leb(value >>> 7)];
}
