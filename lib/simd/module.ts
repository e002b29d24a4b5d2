/**
 * Modules of WebAssembly in binary: one function over a memory that is given. Opcodes follow the WebAssembly
 * specification 2.0, index of instructions.
 */

/** Opcodes outside SIMD. */
export const OP = {
  loop: 0x03,
  end: 0x0b,
  br_if: 0x0d,
  local_get: 0x20,
  local_set: 0x21,
  no_result: 0x40,
  i32_const: 0x41,
  f64_store: 0x39,
  f64_const: 0x44,
  i32_lt_u: 0x49,
  i32_add: 0x6a,
  i32_sub: 0x6b,
  f64_add: 0xa0,
  simd_prefix: 0xfd,
} as const;

/** Opcodes after the SIMD prefix. */
export const SIMD = {
  v128_load: 0x00,
  v128_store: 0x0b,
  v128_const: 0x0c,
  i8x16_shuffle: 0x0d,
  i32x4_splat: 0x11,
  f32x4_splat: 0x13,
  f64x2_extract_lane: 0x21,
  i32x4_ge_u: 0x40,
  v128_and: 0x4e,
  v128_or: 0x50,
  v128_xor: 0x51,
  f64x2_promote_low_f32x4: 0x5f,
  i32x4_shr_u: 0xad,
  i32x4_add: 0xae,
  i32x4_mul: 0xb5,
  f32x4_sqrt: 0xe3,
  f32x4_add: 0xe4,
  f32x4_sub: 0xe5,
  f32x4_mul: 0xe6,
  f32x4_div: 0xe7,
  f64x2_add: 0xf0,
  f64x2_mul: 0xf2,
} as const;

/** Types of values. */
export const I32 = 0x7f, F32 = 0x7d, F64 = 0x7c, V128 = 0x7b;

/** Alignment of loads and stores as a power of 2: four bytes. */
export const ALIGNED_4 = 2;

/** Most pages of a memory, 64 KiB each. */
export const MOST_PAGES = 2 ** 16;

/** Ids of a module's sections. */
const SECTION = { types: 1, imports: 2, functions: 3, exports: 7, code: 10 } as const;

/** Marks a function type in the section of types. */
const FUNCTION_TYPE = 0x60;

/** Instructions that leave one value on the stack, mostly a vector. */
export type SimdCode = readonly number[];

/** A SIMD instruction. */
export const vector = (code: number, ...immediate: number[]): number[] => [
  OP.simd_prefix,
  ...leb(code),
  ...immediate,
];

export const get = (local: number): number[] => [OP.local_get, ...leb(local)];
export const set = (local: number, value: SimdCode): number[] => [...value, OP.local_set, ...leb(local)];

/** A function: types of its parameters, results and locals (how many of which), and its instructions. */
export interface FunctionCode {
  parameters: readonly number[];
  results: readonly number[];
  locals: readonly (readonly [count: number, type: number])[];
  body: readonly number[];
}

/** A function bound to a memory, and what other threads need to bind it too. */
export interface Bound {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  run(...args: readonly number[]): number;
}

/** Binds a function of `assemble` to a memory. */
export const bindModule = (module: WebAssembly.Module, memory: WebAssembly.Memory): Bound => ({
  module,
  memory,
  run: new WebAssembly.Instance(module, { host: { memory } }).exports.run as Bound["run"],
});

/**
 * Assembles a function. Returns what binds it to a memory. It is compiled on first use, for memories that
 * threads share apart from others.
 */
export function assemble(
  { parameters, results, locals, body }: FunctionCode,
): (memory: WebAssembly.Memory) => Bound {
  const declared = [locals.length, ...locals.flatMap(([count, type]) => [...leb(count), type])];
  const compile = (limits: readonly number[]) =>
    new WebAssembly.Module(
      new Uint8Array([
        ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
        ...section(SECTION.types, [FUNCTION_TYPE, ...list(parameters), ...list(results)]),
        ...section(SECTION.imports, [...name("host"), ...name("memory"), 2, ...limits]),
        ...section(SECTION.functions, [0]),
        ...section(SECTION.exports, [...name("run"), 0, 0]),
        ...section(SECTION.code, list([...declared, ...body])),
      ]),
    );
  let alone: WebAssembly.Module | undefined, shared: WebAssembly.Module | undefined;
  return (memory) => {
    const isShared = memory.buffer instanceof SharedArrayBuffer;
    return bindModule(isShared ? shared ??= compile(SHARED) : alone ??= compile(ALONE), memory);
  };
}

/** Limits of a memory: its kind, its smallest size and, if threads share it, its largest, in pages. */
const ALONE = [0, 0], SHARED = [3, 0, ...leb(MOST_PAGES)];

/** A module section with one entry. */
const section = (id: number, entry: readonly number[]) => [id, ...list([1, ...entry])];
const name = (text: string) => list([...new TextEncoder().encode(text)]);
const list = (items: readonly number[]) => [...leb(items.length), ...items];

/** Encodes a number that is not negative as signed LEB128, as constants are. */
export const signedLeb = (value: number): number[] =>
  value < 0x40 ? [value] : [value & 0x7f | 0x80, ...signedLeb(value >>> 7)];

/** Encodes a number as unsigned LEB128. */
export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [value & 0x7f | 0x80, ...leb(value >>> 7)];
}
