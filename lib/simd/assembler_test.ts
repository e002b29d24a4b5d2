import { deepEqual, equal, ok } from "../testing/assert.ts";
import {
  add,
  addWords,
  and,
  atLeast,
  constant,
  div,
  interleaveHigh,
  interleaveLow,
  mul,
  mulWords,
  or,
  shiftRight,
  simdLoop,
  splat,
  sqrt,
  sub,
  xor,
} from "./assembler.ts";
import { simdArrays, simdMemory } from "./memory.ts";

const { fround } = Math;
const starts = <A extends string>(arrays: Record<A, ArrayBufferView>) =>
  Object.fromEntries(
    Object.entries<ArrayBufferView>(arrays).map(([name, a]) => [name, a.byteOffset]),
  ) as Record<
    A,
    number
  >;

Deno.test("every operation on numbers rounds to float32 as fround does", () => {
  const [[x, y]] = simdArrays([[8, 8]]), memory = simdMemory(x, y)!;
  const run = simdLoop({ arrays: ["x", "y"], scalars: ["a", "b"] }, ({ load, store, scalars, keep }) => {
    const root = keep(sqrt(mul(load("x"), load("x"))));
    store("y", sub(div(add(root, scalars.a), load("y")), mul(scalars.b, root)));
  })(memory);
  const numbers = [0.1, -2.5, 3e-3, 7e4, -0, 1e-40, Infinity, NaN];
  x.set(numbers);
  y.set(numbers.map((_, i) => i - 3));
  equal(run(8, starts({ x, y }), { a: 0.3, b: 1 / 3 }), 0);
  const a = fround(0.3), b = fround(1 / 3);
  numbers.map(fround).forEach((v, i) => {
    const root = fround(Math.sqrt(fround(v * v)));
    equal(y[i], fround(fround(fround(root + a) / (i - 3)) - fround(b * root)), `${v}`);
  });
});

Deno.test("operations on words wrap as Math.imul does; an iteration may cover several groups", () => {
  const [[out]] = simdArrays([[16]]), memory = simdMemory(out)!;
  const words = new Uint32Array(memory.buffer, out.byteOffset, 16);
  const run = simdLoop({ arrays: ["out"], scalars: ["seed"], words: ["seed"], width: 8 }, (body) => {
    const at = body.keep(body.count(addWords(body.scalars.seed, constant(0, 1, 2, 3)), 4));
    const mixed = body.keep(xor(mulWords(at, splat(0x9e3779b1)), shiftRight(at, 3)));
    const large = body.keep(or(and(atLeast(mixed, splat(2 ** 31)), splat(0xff)), splat(0x100)));
    body.store("out", interleaveLow(mixed, large), 0);
    body.store("out", interleaveHigh(mixed, large), 1);
  })(memory);
  run(16, starts({ out }), { seed: -2 });
  const expected = Array.from({ length: 8 }, (_, i) => {
    const at = i - 2 >>> 0, mixed = (Math.imul(at, 0x9e3779b1) ^ at >>> 3) >>> 0;
    return [mixed, mixed >= 2 ** 31 ? 0x1ff : 0x100];
  });
  deepEqual([...words], expected.flat());
});

Deno.test("a sum has double precision, and numbers beyond the count are unchanged", () => {
  const [[x]] = simdArrays([[4096]]), memory = simdMemory(x)!;
  const run = simdLoop({ arrays: ["x"], scalars: [] }, ({ load, store, total }) => {
    total(load("x"));
    store("x", splat(0));
  })(memory);
  x.fill(0.1);
  x[0] = 2 ** 30;
  const expected = 2 ** 30 + 3999 * fround(0.1);
  ok(Math.abs(run(4000, starts({ x }), {}) - expected) < 1e-12 * expected);
  deepEqual([...x.subarray(3998, 4002)], [0, 0, fround(0.1), fround(0.1)]);
  equal(run(0, starts({ x }), {}), 0);
});

Deno.test("an iteration may cover 16 numbers and more", () => {
  for (const width of [16, 32, 64]) {
    const [[x]] = simdArrays([[4 * width]]), memory = simdMemory(x)!;
    const run = simdLoop({ arrays: ["x"], scalars: [], width }, ({ load, total }) => {
      for (let group = 0; group < width / 4; group++) total(load("x", group));
    })(memory);
    x.forEach((_, i) => x[i] = i);
    equal(run(x.length, starts({ x }), {}), 2 * width * (4 * width - 1));
  }
});

Deno.test("arrays share a memory and start at cache lines; other arrays are not in it", () => {
  const [[a, b], [c]] = simdArrays([[5, 0], [17]]), [[other]] = simdArrays([[1]]);
  ok(simdMemory(a, b, c));
  equal(simdMemory(a, other), undefined);
  equal(simdMemory(new Float32Array(4)), undefined);
  deepEqual([a, b, c].map(({ byteOffset }) => byteOffset % 64), [0, 0, 0]);
  c.fill(1);
  deepEqual([...a], [0, 0, 0, 0, 0]);
});

Deno.test("memories of unused arrays are freed", () => {
  for (let i = 0; i < 3000; i++) simdArrays([[1000]])[0][0].fill(i);
});
