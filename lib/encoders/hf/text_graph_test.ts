import { deepEqual } from "../../testing/assert.ts";
import { textGraphInputs } from "./text_graph.ts";

Deno.test("padding never goes beyond the encoder's limit: there is no embedding for it", () => {
  const tokenizer = { encode: () => [], limit: 5, file: () => ({}) };
  const { feed } = textGraphInputs(tokenizer, 0);
  const lengthOf = (rows: number[][], spare: number) => feed(rows, spare).input_ids.shape[1];
  deepEqual([lengthOf([[1, 2]], 3), lengthOf([[1, 2], [1, 2, 3, 4]], 3), lengthOf([[1, 2, 3, 4, 5]], 3)], [
    5,
    5,
    5,
  ]);
  deepEqual([lengthOf([[1, 2]], 0), lengthOf([[1]], 1)], [2, 2]);
});
