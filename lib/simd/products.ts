/** Sums of products at regular places: what filters and correlations consist of. */
import { ALIGNED_4, assemble, get, I32, leb, OP, set, SIMD, type SimdCode, V128, vector } from "./module.ts";

/** Sums that are computed together, because they share the weights. */
const TOGETHER = 4;
/** Products that an iteration adds to each of them: two vectors of two. */
const TAPS = 4;

/** Arrays in double precision, and the loop over them. */
export interface Products {
  x: Float64Array<ArrayBuffer>;
  weights: Float64Array<ArrayBuffer>;
  sums: Float64Array<ArrayBuffer>;
  /**
   * Sets sums[m], for m < count, to the sum over t < taps of x[from + m step + t] weights[t]. `taps` is a
   * multiple of 4. Each sum is ((a + b) + c) + d, of which a adds every fourth product in order, b those
   * after them, and so on. Sums beyond `count`, to the next multiple of 4, hold no meaning.
   */
  run(from: number, step: number, taps: number, count: number): void;
}

/**
 * Makes arrays of these lengths. Throws RangeError from `run` if it reads or writes beyond them.
 */
export function simdProducts(longest: { x: number; weights: number; sums: number }): Products {
  const lengths = [longest.x, longest.weights, TOGETHER * Math.ceil(longest.sums / TOGETHER)];
  const bytes = lengths.map((length) => 16 * Math.ceil(length / 2));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes.reduce((a, b) => a + b) / 2 ** 16) });
  const [x, weights, sums] = lengths.map((length, i) =>
    new Float64Array(memory.buffer as ArrayBuffer, bytes.slice(0, i).reduce((a, b) => a + b, 0), length)
  );
  const { run: loop } = bind(memory);
  return {
    x,
    weights,
    sums,
    run(from, step, taps, count) {
      const last = from + (TOGETHER * Math.ceil(count / TOGETHER) - 1) * step + taps;
      if (last > x.length || taps > weights.length || count > sums.length || taps % TAPS !== 0) {
        throw new RangeError(`${count} sums of ${taps} products from ${from} on, ${step} apart`);
      }
      if (count === 0 || taps === 0) sums.fill(0, 0, count);
      else {
        loop(
          8 * from,
          8 * step,
          weights.byteOffset,
          weights.byteOffset + 8 * taps,
          sums.byteOffset,
          sums.byteOffset + 8 * count,
        );
      }
    },
  };
}

const bind = assemble(products());

/**
 * The function: addresses of x, the step in bytes, begin and end of the weights, begin and end of the sums.
 */
function products() {
  const x = 0, step = 1, first = 2, end = 3, sum = 4, last = 5; // parameters
  const weight = 6, places = [7, 8, 9, 10], a = 11, b = 12; // and locals: the weights of an iteration
  const low = [13, 14, 15, 16], high = [17, 18, 19, 20]; // sums of each place
  const add32 = (local: number, value: SimdCode) => set(local, [...get(local), ...value, OP.i32_add]);
  const bytes = (n: number): SimdCode => [OP.i32_const, ...leb(n)];
  const load = (
    local: number,
    at: number,
  ) => [...get(local), ...vector(SIMD.v128_load, ALIGNED_4, ...leb(at))];
  const addProduct = (to: number, place: number, at: number, weights: number) =>
    set(to, [
      ...get(to),
      ...load(place, at),
      ...get(weights),
      ...vector(SIMD.f64x2_mul),
      ...vector(SIMD.f64x2_add),
    ]);
  const lane = (local: number, i: number) => [...get(local), ...vector(SIMD.f64x2_extract_lane, i)];
  const zero = vector(SIMD.v128_const, ...Array(16).fill(0));
  const inner = [
    ...set(a, load(weight, 0)),
    ...set(b, load(weight, 16)),
    ...places.flatMap((place, i) => [
      ...addProduct(low[i], place, 0, a),
      ...addProduct(high[i], place, 16, b),
      ...add32(place, bytes(8 * TAPS)),
    ]),
    ...add32(weight, bytes(8 * TAPS)),
    ...[...get(weight), ...get(end), OP.i32_lt_u, OP.br_if, 0],
  ];
  const outer = [
    ...places.flatMap((place, i) =>
      set(place, i === 0 ? get(x) : [...get(places[i - 1]), ...get(step), OP.i32_add])
    ),
    ...set(x, [...get(places[TOGETHER - 1]), ...get(step), OP.i32_add]),
    ...[...low, ...high].flatMap((local) => set(local, zero)),
    ...set(weight, get(first)),
    ...[OP.loop, OP.no_result, ...inner, OP.end],
    ...places.flatMap((_, i) => [
      ...get(sum),
      ...[...lane(low[i], 0), ...lane(low[i], 1), OP.f64_add],
      ...[...lane(high[i], 0), OP.f64_add, ...lane(high[i], 1), OP.f64_add],
      ...[OP.f64_store, ALIGNED_4, ...leb(8 * i)],
    ]),
    ...add32(sum, bytes(8 * TOGETHER)),
    ...[...get(sum), ...get(last), OP.i32_lt_u, OP.br_if, 0],
  ];
  return {
    parameters: Array(6).fill(I32),
    results: [],
    locals: [[5, I32], [10, V128]] as const,
    body: [OP.loop, OP.no_result, ...outer, OP.end, OP.end],
  };
}
