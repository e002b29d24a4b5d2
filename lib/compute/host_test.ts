import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { ENGINES, hostValues, hostValuesSync, moveInto, updateInPlace, useEngine } from "./mod.ts";

const double = (values: Float32Array) => values.forEach((v, i) => values[i] = 2 * v);

for (const engine of ENGINES) {
  testWith(
    engine,
    `an update in place shares nothing with what the variable was made from, on ${engine}`,
    async () => {
      await useEngine({ engine });
      const source = Float32Array.of(1, 2, 3);
      const variable = tf.variable(tf.tensor1d(source));
      const snapshot = tf.clone(variable);
      await updateInPlace(variable, double);
      const storage = hostValuesSync(variable);
      await updateInPlace(variable, double);
      assert.deepEqual([...variable.dataSync()], [4, 8, 12]);
      if (engine !== "tensorflow") {
        assert.equal(hostValuesSync(variable), storage, "the second update copied again");
      }
      const later = tf.clone(variable);
      await updateInPlace(variable, double);
      assert.deepEqual([...variable.dataSync()], [8, 16, 24]);
      assert.deepEqual([...later.dataSync()], [4, 8, 12]);
      assert.deepEqual([...snapshot.dataSync()], [1, 2, 3]);
      assert.deepEqual([...source], [1, 2, 3]);
      tf.dispose([variable, snapshot, later]);
    },
  );

  testWith(engine, `what was computed before an update sees the old values, on ${engine}`, async () => {
    await useEngine({ engine });
    const variable = tf.variable(tf.tensor1d([1, 2]));
    await updateInPlace(variable, double);
    const before = tf.mul(variable, 10);
    await updateInPlace(variable, double);
    const after = tf.mul(variable, 10);
    assert.deepEqual([...await hostValues(before)], [20, 40]);
    assert.deepEqual([...await hostValues(after)], [40, 80]);
    tf.dispose([variable, before, after]);
  });
}

Deno.test("a variable moves into room with its values, and leaves the array it was made from", async () => {
  await useEngine({ engine: "onnx" });
  const made = Float32Array.of(1, 2, 3), room = new Float32Array(3), variable = tf.variable(tf.tensor(made));
  moveInto(room, variable);
  assert.equal(hostValuesSync(variable), room);
  updateInPlace(variable, (values) => values.fill(7));
  assert.deepEqual([[...room], [...made]], [[7, 7, 7], [1, 2, 3]]);
  variable.dispose();
});
