/** Losses of targets that are no classes: values and gradients equal PyTorch's, and finite differences. */
import * as tf from "@tensorflow/tfjs-core";
import { toTensor, useEngine } from "../compute/mod.ts";
import { equal, ok, throws } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { type Target, TARGET_KINDS, type VectorKind } from "../target.ts";
import {
  allLosses,
  applyLoss,
  type CrossEntropyOptions,
  defaultLoss,
  type LossInputs,
  lossInputs,
  lossNamed,
  registerLoss,
} from "./losses.ts";

interface Case {
  loss: string;
  kind: VectorKind;
  logits: number[][];
  targets: number[][];
  options: CrossEntropyOptions;
  mean: number;
  gradient_of_mean: number[][];
}

const { losses, tolerance } = jsonFixture("targets.json") as {
  losses: Case[];
  tolerance: { losses: number };
};
await useEngine({ engine: "cpu" });

const near = (found: number, expected: number, allowed: number, note: string) =>
  ok(
    Math.abs(found - expected) <= allowed * Math.max(1, Math.abs(expected)),
    `${note}: ${found}, ${expected}`,
  );

/** Returns the mean loss of a case at these logits, as a tensor. */
function meanOf({ loss, kind, targets, options }: Case, logits: tf.Tensor2D): tf.Scalar {
  const rows = targets.map((value): Target => ({ kind, value }));
  const { inputs, weight } = lossInputs(rows, kind, targets[0].length, options);
  const given = Object.fromEntries(Object.entries(inputs).map(([name, host]) => [name, toTensor(host)]));
  return tf.div(applyLoss(lossNamed(loss), logits, given as LossInputs, { focalGamma: 0 }), weight);
}

const at = (given: Case, logits: number[][]): number =>
  tf.tidy(() => meanOf(given, tf.tensor2d(logits)).dataSync()[0]);

losses.forEach((given, i) => {
  const name = `${i + 1}: ${given.loss} ${JSON.stringify(given.options)}`;

  Deno.test(`${name}: value and gradient equal PyTorch`, () => {
    const { logits, mean, gradient_of_mean } = given;
    near(at(given, logits), mean, tolerance.losses, "mean");
    const before = tf.memory().numTensors;
    const x = tf.tensor2d(logits), gradient = tf.grad((x) => meanOf(given, x as tf.Tensor2D))(x);
    const found = gradient.dataSync();
    gradient_of_mean.flat().forEach((want, i) => near(found[i], want, tolerance.losses, `gradient ${i}`));
    tf.dispose([x, gradient]);
    equal(tf.memory().numTensors - before, 0);
  });

  Deno.test(`${name}: gradient equals finite differences`, () => {
    const gradient = tf.tidy(() =>
      tf.grad((x) => meanOf(given, x as tf.Tensor2D))(tf.tensor2d(given.logits)).dataSync()
    );
    const moved = (row: number, c: number, by: number) =>
      at(given, given.logits.map((logits, i) => logits.map((x, j) => i === row && j === c ? x + by : x)));
    const scale = Math.max(1, Math.abs(given.mean)), step = 1 / 64; // exact in float32
    given.logits.forEach((logits, row) =>
      logits.forEach((_, c) => {
        const slope = (moved(row, c, step) - moved(row, c, -step)) / (2 * step);
        near(gradient[row * logits.length + c], slope, 1e-3 * scale, `row ${row}, ${c}`);
      })
    );
  });
});

Deno.test("losses that are sums over rows add up from parts; concordance is of a whole batch", () => {
  for (const given of losses) {
    const { logits, targets } = given,
      part = (from: number, to: number) =>
        at({ ...given, targets: targets.slice(from, to) }, logits.slice(from, to)) * (to - from);
    const parts = part(0, 2) + part(2, targets.length), whole = given.mean * targets.length;
    if (given.loss === "ccc") ok(Math.abs(parts - whole) > 0.01);
    else near(parts, whole, 1e-5, given.loss);
  }
});

Deno.test("extreme logits and a batch without any spread give finite losses and gradients", () => {
  const cases: [string, VectorKind, number[][], number[][]][] = [
    ["cross_entropy", "distribution", [[1e4, -1e4]], [[0.5, 0.5]]],
    ["binary_cross_entropy", "labels", [[1e4, -1e4]], [[0, 1]]],
    ["ccc", "values", [[1, 2]], [[1, 2]]],
    ["ccc", "values", [[1], [1]], [[3], [3]]],
  ];
  for (const [loss, kind, logits, targets] of cases) {
    const given = { loss, kind, logits, targets, options: {} } as unknown as Case;
    ok(Number.isFinite(at(given, logits)), loss);
    const gradient = tf.grad((x) => meanOf(given, x as tf.Tensor2D))(tf.tensor2d(logits));
    ok(gradient.dataSync().every(Number.isFinite), loss);
  }
});

Deno.test("each kind of target has a default loss; 'auto' is no name for a loss", () => {
  equal(
    TARGET_KINDS.map((kind) => defaultLoss(kind).id).join(),
    "cross_entropy,cross_entropy,binary_cross_entropy,mse",
  );
  throws(() => registerLoss({ ...allLosses()[0], id: "auto" }), /which stands for the default loss/);
});
