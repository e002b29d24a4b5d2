import { deepEqual, equal } from "../testing/assert.ts";
import { add, bindModule, type Helper, helpWith, mul, simdArrays, simdLoop, simdMemory } from "./mod.ts";

const axpy = simdLoop(
  { arrays: ["x", "y"], scalars: ["a"], elementwise: true },
  ({ load, store, scalars }) => {
    store("y", add(mul(load("x"), scalars.a), load("y")));
  },
);

/** Runs y += 3 x over `length` numbers with these helpers. Returns y, and some numbers beyond it. */
function run(length: number, helpers: readonly Helper[]): number[] {
  const [[x, y]] = simdArrays([[length + 8, length + 8]]), memory = simdMemory(x, y)!;
  x.forEach((_, i) => x[i] = i % 1000);
  y.fill(1);
  helpWith(memory, helpers);
  axpy(memory)(length, { x: x.byteOffset, y: y.byteOffset }, { a: 3 });
  return [...y];
}

/** A helper in this thread. It begins at once, or never. */
function helper(begins: boolean): Helper & { asked: number } {
  const own: Helper & { asked: number } = {
    asked: 0,
    ask({ module, memory }, args) {
      own.asked++;
      if (begins) bindModule(module, memory).run(...args);
      return () => begins;
    },
  };
  return own;
}

Deno.test("a loop in parts equals the loop, whichever helpers begin", () => {
  for (const length of [2 ** 16, 2 ** 16 + 4, 3 * 2 ** 16 + 100]) {
    const wanted = run(length, []);
    equal(wanted[length - 1], 1 + 3 * ((length - 1) % 1000));
    deepEqual(wanted.slice(length), Array(8).fill(1));
    for (const begins of [[true], [false], [true, false, true]]) {
      const helpers = begins.map(helper);
      deepEqual(run(length, helpers), wanted, `${length} ${begins}`);
      deepEqual(helpers.map(({ asked }) => asked), begins.map(() => 1));
    }
  }
});

Deno.test("short loops stay in one thread, as do those whose numbers depend on others", () => {
  const asked = helper(true);
  run(1000, [asked]);
  const [[x]] = simdArrays([[2 ** 17]]), memory = simdMemory(x)!;
  helpWith(memory, [asked]);
  x.fill(1);
  const sum = simdLoop({ arrays: ["x"], scalars: [] }, ({ load, total }) => total(load("x")));
  equal(sum(memory)(x.length, { x: x.byteOffset }, {}), 2 ** 17);
  equal(asked.asked, 0);
});
