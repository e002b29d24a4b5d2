import { deepEqual, equal, notEqual, ok } from "./testing/assert.ts";
import { random, randomWords, seedOf } from "./random.ts";

Deno.test("the same seed gives the same stream, another seed another", () => {
  const draw = (seed: number) => Array.from({ length: 5 }, random(seed).uniform);
  deepEqual(draw(7), draw(7));
  notEqual(draw(7)[0], draw(8)[0]);
});

Deno.test("uniform and normal have the moments they should", () => {
  const stream = random(1), n = 20_000;
  const uniforms = Array.from({ length: n }, stream.uniform),
    normals = Array.from({ length: n }, stream.normal);
  const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
  ok(Math.abs(mean(uniforms) - 0.5) < 0.01);
  ok(Math.abs(mean(normals)) < 0.03);
  ok(Math.abs(mean(normals.map((x) => x * x)) - 1) < 0.05);
});

Deno.test("shuffle keeps every item", () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  const shuffled = random(3).shuffle(items);
  notEqual(shuffled.join(), items.join());
  deepEqual([...shuffled].sort((a, b) => a - b), items);
});

Deno.test("seedOf tells its parts apart", () => {
  equal(seedOf(1, "a"), seedOf(1, "a"));
  notEqual(seedOf(1, "a"), seedOf(1, "b"));
  notEqual(seedOf(1, 23), seedOf(12, 3));
});

Deno.test("randomWords equals single draws", () => {
  for (const seed of [0, 1, 0x7fffffff, 0xffffffff]) {
    const { uniform } = random(seed);
    const expected = Array.from({ length: 100 }, () => uniform() * 2 ** 32);
    deepEqual([...randomWords(seed, 100)], expected);
  }
});
