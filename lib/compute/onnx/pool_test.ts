import * as assert from "../../testing/assert.ts";
import { bufferPool } from "./pool.ts";

Deno.test("a buffer comes back for the same length only", () => {
  const pool = bufferPool(1000);
  const buffer = pool.take(10);
  pool.give(buffer);
  assert.notEqual(pool.take(9), buffer);
  assert.equal(pool.take(10), buffer);
  assert.notEqual(pool.take(10), buffer);
  assert.equal(pool.idle(), 0);
});

Deno.test("buffers beyond the limit are not kept", () => {
  const pool = bufferPool(100);
  pool.give(new Float32Array(20));
  pool.give(new Float32Array(10));
  assert.equal(pool.idle(), 80);
  pool.give(new Float32Array(5));
  assert.equal(pool.idle(), 100);
});
