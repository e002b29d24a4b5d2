import { deepEqual } from "../lib/testing/assert.ts";
import { dealt } from "./dealt.ts";

Deno.test("every file is in one batch, and neighbours are in different ones", () => {
  deepEqual(dealt(["a", "b", "c", "d", "e"], 2), [["a", "c", "e"], ["b", "d"]]);
  deepEqual(dealt(["a"], 3), [["a"]]);
});
