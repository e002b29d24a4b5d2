/** Real weights: MiniLM's hidden states, sentence embeddings and ids equal PyTorch's. */
import { useEngine } from "../../compute/mod.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { readJson } from "../../files/json.ts";
import { equal, ok } from "../../testing/assert.ts";
import { shared } from "../../testing/shared.ts";
import { testWith } from "../../testing/needs.ts";
import { frozenTextEncoder } from "./text_encoder.ts";

const folder = shared("models/all-MiniLM-L6-v2");

testWith("shared/models/all-MiniLM-L6-v2", {
  name: "MiniLM's states and sentence embeddings equal PyTorch's",
  async fn() {
    await useEngine();
    const { tensors } = await readSafetensors(`${folder}/expected.safetensors`);
    const { texts } = await readJson(`${folder}/expected.json`) as { texts: string[] };
    const [, length, width] = tensors.last_hidden_state.shape;
    const encoder = await frozenTextEncoder(folder!);
    equal(encoder.width, width);
    for (const [b, states] of (await encoder.encode(texts)).entries()) {
      const mask = (tensors.attention_mask.data as Int32Array).subarray(b * length, (b + 1) * length);
      equal(states.length, mask.reduce((a, m) => a + m, 0));
      const rows = tensors.last_hidden_state.data.subarray(b * length * width, (b + 1) * length * width);
      ok(states.data.every((x, i) => Math.abs(x - rows[i]) < 2e-5), texts[b]);
      const embedding = tensors.sentence_embedding.data.subarray(b * width, (b + 1) * width);
      ok(sentence(states.data, width).every((x, i) => Math.abs(x - embedding[i]) < 5e-6), texts[b]);
    }
  },
});

/** The mean of all states, scaled to length 1. */
function sentence(data: Float32Array, width: number): number[] {
  const sum = new Array<number>(width).fill(0);
  data.forEach((x, i) => sum[i % width] += x);
  const norm = Math.hypot(...sum);
  return sum.map((x) => x / norm);
}
