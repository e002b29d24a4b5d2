import * as tf from "@tensorflow/tfjs-core";
import { hostValues, useEngine } from "../compute/mod.ts";
import { equal, ok, rejects } from "../testing/assert.ts";
import { checkFile } from "./check.ts";
import { classifierGraph } from "./classifier_graph.ts";
import { stateInputs } from "./parts_inputs.ts";
import { modelOf } from "./testing.ts";

Deno.test("a file whose answers differ from the model's is refused", async () => {
  await useEngine();
  const model = modelOf("attention_pooling", {}, { text: 4, audio: 3, classes: 3 });
  const parts = [stateInputs("text", 4), stateInputs("audio", 3)].map((inputs) => ({ inputs }));
  const bytes = classifierGraph(model, parts, { metadata: {}, at: "the test" });
  const states = (length: number, width: number) => ({
    length,
    width,
    data: Float32Array.from({ length: length * width }, (_, i) => Math.cos(i)),
  });
  const trials = [[3, 5], [1, 2]].map(([t, a], i) => {
    const example = { id: `${i}`, text: states(t, 4), audio: states(a, 3) };
    return { example, rows: { text: example.text.data, audio: example.audio.data } };
  });
  const { answers, difference } = await checkFile(bytes, model, parts, trials);
  equal(answers, 8);
  ok(difference < 1e-6);
  const bias = model.params["classifier.bias"];
  bias.assign(tf.tidy(() => tf.add(bias, [0, 0.001, 0])));
  await rejects(checkFile(bytes, model, parts, trials), /probabilities differ from the model.s by 0\.000/);
  const values = await hostValues(bias), kept = values[1];
  values[1] = NaN;
  const spoilt = classifierGraph(model, parts, { metadata: {}, at: "the test" });
  values[1] = kept;
  await rejects(checkFile(spoilt, model, parts, trials), /probabilities differ from the model.s by NaN/);
});
