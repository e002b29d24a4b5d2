import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "../../files/safetensors.ts";
import type { Sequence } from "../encoder.ts";
import { useLite } from "./use_lite.ts";
import { readPackage } from "./weights.ts";

const encoder = await useLite();
const reference = await readSafetensors(fileURLToPath(new URL("reference.safetensors", import.meta.url)));
const texts: string[] = JSON.parse(reference.metadata.texts);
const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

/** The package's sentence embedding: a tanh layer over the mean state, scaled to length 1. */
async function sentence({ data, length, width }: Sequence): Promise<Float32Array> {
  const { weight } = await readPackage();
  const kernel = weight("tanh_layer_0/weights").data;
  const hidden = weight("tanh_layer_0/bias").data.map((bias, out) => {
    for (let i = 0; i < data.length; i++) bias += data[i] / length * kernel[(i % width) * width + out];
    return Math.tanh(bias);
  });
  const norm = Math.hypot(...hidden);
  return hidden.map((x) => x / norm);
}

Deno.test("states pool to the package's own sentence embeddings", async () => {
  const states = await encoder.encode(texts);
  for (const [i, sequence] of states.entries()) {
    const expected = (reference.tensors.embedding.data as Float32Array).subarray(i * 512, i * 512 + 512);
    ok(distance(await sentence(sequence), expected) < 1e-4, texts[i]);
  }
});

Deno.test("states of a text do not depend on the batch it is in", async () => {
  const together = await encoder.encode([...texts, ...texts.toReversed()]);
  for (const [i, text] of texts.entries()) {
    const [alone] = await encoder.encode([text]);
    equal(alone.data.length, together[i].data.length);
    ok(distance(alone.data, together[i].data) < 1e-5, text);
    ok(distance(alone.data, together[2 * texts.length - 1 - i].data) < 1e-5, text);
  }
});

Deno.test("long texts are cut at 128 tokens, blank ones have no states, an empty batch no sequences", async () => {
  const [long, blank] = await encoder.encode([texts.at(-1)!, " "]);
  deepEqual([long.length, long.data.length, blank.length, blank.data.length], [128, 128 * 512, 0, 0]);
  const whole = reference.tensors.lengths.data.at(-1)!;
  ok(whole > 128);
  deepEqual([encoder.lengthOf!(texts.at(-1)!), encoder.lengthOf!(" ")], [whole, 0]);
  deepEqual(await encoder.encode([]), []);
});
