import { trainConfig } from "../config/mod.ts";
import { ok, throws } from "../testing/assert.ts";
import type { Checkpoint } from "../train/mod.ts";
import { requireHead } from "./claims.ts";

const config = trainConfig.parse({ method: "attention_pooling", seed: 1 });

/** A checkpoint that claims these sizes, consistently, and holds a single small tensor. */
const claiming = (width: number, labels: number): Checkpoint => {
  const encoder = (id: string) => ({ id, fingerprint: "0", width, rate: 50 });
  return {
    about: {
      method: config.method,
      options: config.options,
      labels: Array.from({ length: labels }, (_, i) => `${i}`),
      encoders: { text: encoder("use-lite"), audio: encoder("acoustic") },
      sizes: { text: width, audio: width, classes: labels },
      seed: 1,
    },
    params: { "classifier.bias": { shape: [3], data: new Float32Array(3) } },
    extras: {},
  } as unknown as Checkpoint;
};

Deno.test("sizes that a checkpoint only claims are refused before memory is reserved for them", () => {
  for (const [width, labels] of [[1e9, 3], [1e15, 3], [8, 1e5]]) {
    const before = Deno.memoryUsage().rss, started = performance.now();
    throws(
      () => requireHead(claiming(width, labels), config, "a.safetensors"),
      /^UndertoneError: Expected the \d+ tensors of/,
    );
    ok(performance.now() - started < 2000 && Deno.memoryUsage().rss - before < 2 ** 28, `${width}`);
  }
});
