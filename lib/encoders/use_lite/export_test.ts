import { fileURLToPath } from "node:url";
import { Tokenizer } from "@huggingface/tokenizers";
import { deepEqual, ok } from "../../testing/assert.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { distance, encoderOf } from "../onnx_graph/testing.ts";
import { useLite } from "./use_lite.ts";

const { tensors, metadata } = await readSafetensors(
  fileURLToPath(new URL("reference.safetensors", import.meta.url)),
);
const texts: string[] = JSON.parse(metadata.texts); // the last has more than 128 tokens
const encoder = await useLite(), graph = await encoder.graph!();

Deno.test("the graph gives the encoder's states: alone, in a batch, and with padding", async () => {
  const encode = await encoderOf(graph as never), expected = await encoder.encode(texts);
  const rows = texts.map((text) => graph.rowOf(text));
  for (const [i, row] of rows.entries()) {
    const [alone] = await encode([row], 0);
    ok(distance(alone, expected[i]) < 1e-4, texts[i]); // states reach 20
  }
  const batch = await encode([...rows, undefined, []], 9);
  for (const [i, text] of texts.entries()) ok(distance(batch[i], expected[i]) < 1e-4, text);
  deepEqual(batch.slice(-2).map(({ length }) => length), [0, 0]);
});

Deno.test("a batch of blank texts has no states, and ids after the 128th are cut", async () => {
  const encode = await encoderOf(graph as never);
  deepEqual((await encode([undefined, undefined], 0)).map(({ length }) => length), [0, 0]);
  const [long] = await encoder.encode([texts.at(-1)!]), { data, shape: _ } = tensors.ids;
  const start = [...tensors.lengths.data].slice(0, -1).reduce((sum, n) => sum + n, 0);
  const [uncut] = await encode([Array.from(data.slice(start), Number)], 0);
  ok(distance(uncut, long) < 1e-4);
});

Deno.test("tokenizer.json gives the ids of the tokenizer, whatever the white space", () => {
  const json = graph.tokenizer!, tokenizer = new Tokenizer(json as never, {} as never);
  const more = [
    " two  spaces\t\n",
    "\u00a0\u3000no-break and wide\ufeff",
    "<s> </s> extra_token_id_1 reserved 1",
    "\u2581already \u2581there",
    "ﬁne ½ ① e\u0301",
    "Ünïcödé 𠀀 and 😀😀?!",
    "12:30, http://x.y :-) :(",
  ];
  for (const text of [...texts, ...more]) {
    const { ids } = tokenizer.encode(text) as { ids: number[] };
    deepEqual(ids.slice(0, 128), graph.rowOf(text), text);
  }
});
