import { deepEqual } from "../../testing/assert.ts";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "../../files/safetensors.ts";
import { tokenizer, type Vocabulary } from "./tokenizer.ts";
import { readPackage } from "./weights.ts";

const reserved: Vocabulary = Array.from({ length: 6 }, () => ["", 0] as const);
const { encode } = tokenizer([...reserved, ["\u2581", -2], ["a", -3], ["\u2581a", -4], ["b", null], [
  "ab",
  -5.5,
]]);

Deno.test("the most probable split wins; a missing probability is that of the piece before", () => {
  deepEqual(encode("a"), [8]); // -4 beats -5 for its two parts
  deepEqual(encode("ab"), [6, 10]); // -7.5 beats -8 for the word's start and "b"
  deepEqual(encode("ba"), [6, 9, 7]);
});

Deno.test("white space is normalised, runs of unknown characters become one id, blank texts have none", () => {
  deepEqual(encode(" a\t\n a "), [8, 8]);
  deepEqual(encode("a😀?!a"), [8, 0, 7]);
  deepEqual(encode(" \n"), []);
  deepEqual(encode(""), []);
});

Deno.test("ids equal those of the vocabulary's own tokenizer", async () => {
  const path = fileURLToPath(new URL("reference.safetensors", import.meta.url));
  const { tensors, metadata } = await readSafetensors(path);
  const { encode } = tokenizer((await readPackage()).vocabulary);
  let start = 0;
  for (const [i, text] of JSON.parse(metadata.texts).entries()) {
    const expected = tensors.ids.data.slice(start, start += tensors.lengths.data[i]);
    deepEqual(encode(text), [...expected], text);
  }
});
