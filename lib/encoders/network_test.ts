import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { deepEqual, equal, notEqual, ok } from "../testing/assert.ts";
import { toyNetwork } from "../testing/toy_encoders.ts";
import { frozenEncoder, modelEncoder } from "./network.ts";

/** Returns the number of variables that `run` creates. */
async function variablesMade(run: () => unknown): Promise<number> {
  const engine = tf.engine(), { makeVariable } = engine;
  let made = 0;
  engine.makeVariable = function (...args) {
    made++;
    return makeVariable.apply(engine, args);
  };
  try {
    await run();
  } finally {
    engine.makeVariable = makeVariable;
  }
  return made;
}

Deno.test("a frozen encoder creates its variables once per engine, and frees them", async () => {
  await useEngine();
  const live = tf.memory().numTensors, encoder = frozenEncoder(toyNetwork("text"));
  equal(await variablesMade(() => encoder.encode(["one", "two"])), 2);
  const [first] = await encoder.encode(["one"]);
  equal(await variablesMade(() => encoder.encode(["two", "one"])), 0);
  equal(await variablesMade(() => useEngine().then(() => encoder.encode(["one"]))), 0);
  for (const options of [{ engine: "cpu" }, { threads: 1 }, {}]) {
    await useEngine(options);
    const states: Float32Array[] = [];
    equal(await variablesMade(async () => states.push((await encoder.encode(["one"]))[0].data)), 2);
    ok(states[0].every((x, i) => Math.abs(x - first.data[i]) < 1e-5));
  }
  encoder.release!();
  equal(tf.memory().numTensors, live);
  deepEqual((await encoder.encode(["one"]))[0].length, 3);
  encoder.release!();
  encoder.release!();
});

Deno.test("weights are shared: parameters of one model train without the frozen encoder or another model", async () => {
  await useEngine();
  const network = toyNetwork("text"), encoder = frozenEncoder(network);
  const [before] = await encoder.encode(["abc"]);
  const [one, other] = [modelEncoder(network), modelEncoder(network)];
  one.params["embedding.weight"].assign(tf.zeros([128, 4]));
  deepEqual((await encoder.encode(["abc"]))[0], before);
  deepEqual(await other.params["embedding.weight"].data(), network.weights["embedding.weight"].data);
  [one, other].forEach(({ params }) => disposeParams(params));
  encoder.release!();
});

Deno.test("the fingerprint depends on weights and identity", () => {
  const network = toyNetwork("text"), { fingerprint } = frozenEncoder(network);
  equal(frozenEncoder(toyNetwork("text")).fingerprint, fingerprint);
  notEqual(frozenEncoder({ ...network, identity: ["another"] }).fingerprint, fingerprint);
  const { data, shape } = network.weights["dense.weight"];
  const weights = { ...network.weights, "dense.weight": { shape, data: data.map((x) => 2 * x) } };
  notEqual(frozenEncoder({ ...network, weights }).fingerprint, fingerprint);
});
