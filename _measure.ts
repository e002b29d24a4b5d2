import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "./lib/compute/mod.ts";
import { fit } from "./lib/jobs/fit.ts";
import { resolveMethod } from "./lib/jobs/prepare.ts";
import { newClassifier } from "./lib/model/mod.ts";
import { trainConfig } from "./lib/train/config.ts";
import { syntheticExamples, upTo } from "./tasks/bench/hidden_states.ts";
const LABELS = ["neutral", "joy", "sadness", "anger"];
async function run(device: string, method: string, options: Record<string, unknown>, epochs: number) {
  const engine = await useEngine({ engine: "onnx", device });
  const examples = syntheticExamples({
    rows: 16,
    text: { width: 12, lengths: () => 8 },
    audio: { width: 6, lengths: () => 8 },
    classes: 4,
    seed: 1,
  });
  const config = trainConfig.parse({ method, batch_size: 8, epochs, seed: 3 });
  const encoder = (width: number) => ({ id: "noise", fingerprint: "", width });
  const model = newClassifier({
    labels: LABELS,
    encoders: { text: encoder(12), audio: encoder(6) },
    maxLength: { text: 100, audio: 100 },
    seed: 3,
    ...resolveMethod({ method, options }),
  });
  engine.resetStats();
  const losses: number[] = [];
  let before = engine.stats();
  let t = performance.now();
  for await (const e of fit(model, { train: examples, dev: examples.slice(0, 4) }, config)) {
    if (e.type === "step") {
      losses.push(e.loss, e.gradientNorm);
      const s = engine.stats();
      if (e.step <= 4 || e.step % 50 === 0) {
        console.log(
          device,
          e.step,
          "up",
          s.uploadedBytes - before.uploadedBytes,
          "down",
          s.downloadedBytes - before.downloadedBytes,
          "flushes",
          s.flushes - before.flushes,
          "nodes",
          s.nodes - before.nodes,
          "compiles",
          s.compiles - before.compiles,
          "mixed",
          s.mixedGraphs,
          "resident",
          s.residentBytes,
          "tensors",
          tf.memory().numTensors,
          "ids",
          tf.engine().backend.numDataIds(),
          "ms",
          (performance.now() - t).toFixed(0),
          "run",
          (s.runMs - before.runMs).toFixed(0),
        );
      }
    }
    before = engine.stats();
    t = performance.now();
  }
  const weights = Object.fromEntries(
    await Promise.all(Object.entries(model.params).map(async ([n, v]) => [n, [...await v.data()]])),
  );
  console.log(
    Object.values(model.params).reduce((a, v) => a + v.size, 0) * 4,
    "bytes of parameters in",
    Object.keys(model.params).length,
  );
  return { losses, weights };
}
const [method = "attention_pooling", epochs = "3"] = Deno.args;
const options = method === "memocmt" ? { width: 16, heads: 2, hidden: 8 } : {};
const cpu = await run("cpu", method, options, +epochs), gpu = await run("webgpu", method, options, +epochs);
console.log("loss diff", Math.max(...cpu.losses.map((l, i) => Math.abs(l - gpu.losses[i]))));
let most = 0;
for (const n in cpu.weights) {
  cpu.weights[n].forEach((w: number, i: number) => most = Math.max(most, Math.abs(w - gpu.weights[n][i])));
}
console.log("weight diff", most);
