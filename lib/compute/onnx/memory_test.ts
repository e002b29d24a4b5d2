/**
 * Long trainings over many lengths keep memory level: tensors, buffers, sessions and the process's own
 * memory.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../../testing/assert.ts";
import type { Example } from "../../data/mod.ts";
import { fusionMethod } from "../../fusion/mod.ts";
import { fit } from "../../jobs/fit.ts";
import { newClassifier } from "../../model/mod.ts";
import { random } from "../../random.ts";
import { isLong } from "../../testing/amount.ts";
import { planFor, planRun } from "../../config/run_plan.ts";
import { trainConfig } from "../../config/train.ts";
import { useEngine } from "../mod.ts";
import { disposeParams } from "../../nn/mod.ts";

const STEPS_PER_EPOCH = 100, EPOCHS = isLong ? 20 : 8, BATCH = 4;

/** Returns the process's memory in bytes, after a garbage collection. */
function resident(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().rss;
}

Deno.test(`${EPOCHS * STEPS_PER_EPOCH} steps over many lengths leak no memory`, async () => {
  const engine = await useEngine({ engine: "onnx" });
  const { normal, integer } = random(3);
  const sequence = (width: number, longest: number) => {
    const length = 1 + integer(longest);
    return { data: Float32Array.from({ length: length * width }, normal), length, width };
  };
  const examples: Example[] = Array.from({ length: STEPS_PER_EPOCH * BATCH }, (_, i) => ({
    id: `${i}`,
    text: sequence(24, 40),
    audio: sequence(16, 90),
    target: { kind: "class" as const, value: integer(3) },
  }));
  const config = trainConfig.parse({ method: "memocmt", epochs: EPOCHS, batch_size: BATCH });
  const encoder = (width: number) => ({ id: "noise", fingerprint: "", width });
  const method = fusionMethod("memocmt"), before = tf.memory();
  const model = newClassifier({
    method,
    options: method.options.parse({ width: 16, heads: 2, hidden: 8 }) as Record<string, unknown>,
    labels: ["a", "b", "c"],
    encoders: { text: encoder(24), audio: encoder(16) },
    maxLength: { text: 64, audio: 128 },
    seed: 1,
  });
  const live: { tensors: number; bytes: number; compiles: number }[] = [];
  for await (
    const event of fit(
      model,
      { train: examples, dev: examples.slice(0, 8) },
      planFor(planRun(config), "class"),
    )
  ) {
    if (event.type !== "epoch") continue;
    live.push({ tensors: tf.memory().numTensors, bytes: resident(), compiles: engine.stats().compiles });
  }
  disposeParams(model.params);
  assert.equal(tf.memory().numTensors, before.numTensors);
  assert.equal(tf.memory().numDataBuffers, before.numDataBuffers);
  const settled = live[EPOCHS / 4], last = live.at(-1)!;
  assert.ok(last.tensors <= settled.tensors, `${settled.tensors} tensors grew to ${last.tensors}`);
  const grown = (last.bytes - settled.bytes) / 2 ** 20;
  assert.ok(grown < 48, `${grown.toFixed(0)} MiB more than ${(settled.bytes / 2 ** 20).toFixed(0)}`);
});
