import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { checkpointed, ENGINES, useEngine } from "../mod.ts";
import { capture, type Drawing, drawing, droppedOut } from "../testing.ts";

const x = { data: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i + 1)), shape: [3, 4] };

for (const engine of ENGINES) {
  testWith(
    engine,
    `values and gradients are those of what is kept, draws among it, called and replayed, on ${engine}`,
    async () => {
      await useEngine({ engine });
      const params = {
        w: tf.variable(tf.tensor2d(Array.from({ length: 16 }, (_, i) => Math.cos(i)), [4, 4])),
        idle: tf.variable(tf.scalar(2)),
      };
      const step = (again: boolean) => {
        const layer = ({ x }: { x: tf.Tensor2D }, c: Drawing): tf.Tensor2D =>
          tf.tanh(droppedOut(tf.matMul(tf.square(droppedOut(x, 0.25, c)), params.w as tf.Tensor2D), 0.5, c));
        return capture(({ x }, c) => {
          const stack = (x: tf.Tensor2D) => {
            const one = (x: tf.Tensor2D) =>
              again ? checkpointed((given) => layer(given, c), { x }, params) : layer({ x }, c);
            return tf.sum(tf.square(one(tf.add(one(x), x)))) as tf.Scalar;
          };
          const { value, grads } = tf.variableGrads(() => stack(x as tf.Tensor2D), Object.values(params));
          const dx = tf.grad((x) => stack(x as tf.Tensor2D))(x);
          return { value, dx, dw: grads[params.w.name] };
        }, params);
      };
      const kept = step(false), twice = step(true), before = tf.memory().numTensors;
      for (let key = 0; key < 5; key++) {
        const [a, b] = [
          await kept.run({ x }, drawing(key)).then((o) => structuredClone(o)),
          await twice.run({ x }, drawing(key)),
        ];
        for (const name in a) {
          a[name].forEach((want, i) =>
            ok(Math.abs(b[name][i] - want) < 1e-5, `${name}: ${b[name][i]} for ${want}`)
          );
        }
      }
      kept.dispose();
      twice.dispose();
      ok(tf.memory().numTensors <= before);
      tf.dispose(params);
    },
  );
}

Deno.test("the checkpointed function is computed a second time for its gradient", async () => {
  const { resetStats, stats } = await useEngine({ engine: "onnx" });
  const nodes = async (again: boolean) => {
    resetStats();
    const f = ({ x }: { x: tf.Tensor }) => tf.tanh(tf.exp(tf.sin(x)));
    const dx = tf.grad((x) => again ? checkpointed(f, { x }, {}) : f({ x }))(tf.tensor1d([0.1, 0.2]));
    const values = await dx.data();
    dx.dispose();
    return { nodes: stats().nodes, values: [...values] };
  };
  const kept = await nodes(false), twice = await nodes(true);
  deepEqual(twice.values, kept.values);
  ok(twice.nodes >= kept.nodes + 3, `${twice.nodes} after ${kept.nodes}`);
  equal(tf.engine().state.gradientDepth, 0);
});
