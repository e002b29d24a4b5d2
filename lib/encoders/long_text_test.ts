import { deepEqual, equal, match } from "../testing/assert.ts";
import type { Dataset } from "../data/mod.ts";
import type { TextEncoder } from "./encoder.ts";
import { readExamples } from "./examples.ts";

const book = "word ".repeat(200_001);
const dataset = {
  labels: ["a"],
  source: "a book",
  root: "/",
  rows: [
    { id: "line", split: "train", text: "one two", label: "a" },
    { id: "book", split: "train", text: book, label: "a" },
  ],
} as unknown as Dataset;

/** Counts words, and fails the test if it sees the book. */
const words = (text: string): number => {
  equal(text.length < 100, true, "the tokenizer must not see the book");
  return text.split(" ").length;
};

Deno.test("a text of a million characters is left out by name, before a tokenizer sees it", async () => {
  const encoder: TextEncoder = {
    id: "words",
    modality: "text",
    fingerprint: "0",
    width: 1,
    lengthOf: words,
    encode: (batch) =>
      Promise.resolve(
        batch.map((text) => ({ data: new Float32Array(words(text)), length: words(text), width: 1 })),
      ),
  };
  const preprocess = {
    rowOf: (text: string) => new Float32Array(words(text)),
    statesOf: (row: ArrayLike<number>) => row.length,
    pad: () => ({}),
    batchSize: 1,
  };
  for (
    const readers of [{ frozen: { text: encoder }, modelEncoders: {} }, {
      frozen: {},
      modelEncoders: { text: { preprocess } },
    }]
  ) {
    const { rows, rejected } = await readExamples(dataset, readers, { text: 9, audio: 9 });
    deepEqual(rows.map(({ id }) => id), ["line"]);
    deepEqual(rejected.map(({ id, at }) => [id, at]), [["book", "a book"]]);
    match(rejected[0].reason, /at most 100,000 characters but found one of 1,000,005 .+ one a row/);
  }
});
