/**
 * Strict assertions. Under Deno 2.9 the short names of `node:assert/strict` compare loosely: `equal(1, "1")`
 * passes.
 */
export {
  deepStrictEqual as deepEqual,
  doesNotReject,
  doesNotThrow,
  match,
  notDeepStrictEqual as notDeepEqual,
  notStrictEqual as notEqual,
  ok,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert/strict";
