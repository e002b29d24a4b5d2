import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { toTensor, useEngine } from "../compute/mod.ts";
import { jsonFixture } from "../testing/shared.ts";
import {
  applyLoss,
  classWeights,
  crossEntropy,
  type CrossEntropyOptions,
  lossNamed,
  mixedLossInputs,
  registerLoss,
  targetsOf,
} from "./losses.ts";

interface Case {
  name: string;
  logits: number[][];
  labels: number[];
  options: CrossEntropyOptions;
  mean: number;
  weight: number;
  gradient_of_mean: number[][];
}

const { cases, mixed, tolerance } = jsonFixture("losses.json") as {
  cases: Case[];
  mixed: (Case & { others: number[]; shares: number[] })[];
  tolerance: { float32: number };
};
await useEngine({ engine: "cpu" });

const near = (found: number, expected: number, note: string) =>
  ok(
    Math.abs(found - expected) <= tolerance.float32 * Math.max(1, Math.abs(expected)),
    `${note}: ${found} for ${expected}`,
  );

/** Returns the summed loss and its weight. */
function lossOf(logits: tf.Tensor2D, labels: number[], options: CrossEntropyOptions) {
  const { inputs, weight } = targetsOf(Int32Array.from(labels), logits.shape[1], options);
  const sum = tf.tidy(() => {
    const targets = Object.fromEntries(
      Object.entries(inputs).map(([name, given]) => [name, toTensor(given)]),
    );
    return crossEntropy(logits, targets, options.focalGamma);
  });
  return { sum, weight };
}

for (const { name, logits, labels, options, mean, weight, gradient_of_mean } of cases) {
  Deno.test(`${name} ${JSON.stringify(options)}: loss and gradient equal PyTorch`, () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor2d(logits);
    const loss = lossOf(x, labels, options);
    near(loss.sum.dataSync()[0] / loss.weight, mean, "mean");
    near(loss.weight, weight, "weight");
    const gradient = tf.grad((x: tf.Tensor) => lossOf(x as tf.Tensor2D, labels, options).sum)(x);
    const found = gradient.dataSync();
    gradient_of_mean.flat().forEach((want, i) => near(found[i] / weight, want, `gradient ${i}`));
    tf.dispose([x, loss.sum, gradient]);
    equal(tf.memory().numTensors, before);
  });
}

for (const { logits, labels, others, shares, options, mean, weight, gradient_of_mean } of mixed) {
  Deno.test(`mixed rows ${JSON.stringify(options)}: loss and gradient equal PyTorch`, () => {
    const of = (value: number) => ({ kind: "class", value }) as const;
    const pairs = labels.map((label, i) => ({ own: of(label), other: of(others[i]), share: shares[i] }));
    const given = mixedLossInputs(pairs, "class", 5, options);
    const { targets, truth } = given.inputs;
    const sum = (x: tf.Tensor) =>
      applyLoss(lossNamed("cross_entropy"), x as tf.Tensor2D, {
        targets: toTensor(targets) as tf.Tensor2D,
        truth: toTensor(truth) as tf.Tensor2D,
      }, { focalGamma: 0 });
    const x = tf.tensor2d(logits), found = tf.grad(sum)(x).dataSync();
    near(given.weight, weight, "weight");
    near(sum(x).dataSync()[0] / given.weight, mean, "mean");
    gradient_of_mean.flat().forEach((want, i) => near(found[i] / weight, want, `gradient ${i}`));
    shares.forEach((share, i) =>
      near(truth.data[5 * i + labels[i]], labels[i] === others[i] ? 1 : share, `${i}`)
    );
  });
}

Deno.test("mixed distributions and labels are the mixture of the two", () => {
  for (const kind of ["distribution", "labels"] as const) {
    const pair = { own: { kind, value: [1, 0, 0] }, other: { kind, value: [0, 0.5, 0.5] }, share: 0.25 };
    const { inputs, weight } = mixedLossInputs([pair], kind, 3);
    deepEqual([[...inputs.targets.data], weight], [[0.25, 0.375, 0.375], 1]);
  }
});

Deno.test("sums and weights of parts add up to the whole batch", () => {
  const { logits, labels } = cases[0];
  const options = { classWeights: [0.25, 1, 2.5, 0.5, 4], labelSmoothing: 0.1, focalGamma: 2 };
  const of = (from: number, to: number) => {
    const part = lossOf(tf.tensor2d(logits.slice(from, to)), labels.slice(from, to), options);
    return { sum: part.sum.dataSync()[0], weight: part.weight };
  };
  const whole = of(0, 6), a = of(0, 2), b = of(2, 6);
  near(a.sum + b.sum, whole.sum, "sum");
  equal(a.weight + b.weight, whole.weight);
});

Deno.test("a focal gamma below 1 stays finite if the true class has probability 1", () => {
  const gradient = tf.grad((x: tf.Tensor) => lossOf(x as tf.Tensor2D, [0], { focalGamma: 0.5 }).sum);
  ok(gradient(tf.tensor2d([[200, 0, 0]])).dataSync().every(Number.isFinite));
});

Deno.test("class weights: none, scikit-learn's balanced, and their square root", () => {
  equal(classWeights("none", [1, 2]), undefined);
  deepEqual(classWeights("balanced", [1, 3, 4]), [8 / 3, 8 / 9, 8 / 12]);
  const counts = [1, 4, 25];
  const [a, b, c] = classWeights("sqrt", counts)!;
  near(a / b, 2, "ratio");
  near(a / c, 5, "ratio");
  near((a * 1 + b * 4 + c * 25) / 30, 1, "mean over the rows");
  deepEqual(classWeights("balanced", [2, 0, 2]), [1, 0, 1]);
});

Deno.test("a registered loss is found by its name, and a wrong name is refused with the nearest", async () => {
  registerLoss({
    id: "squared_error",
    summary: "squared distance of the probabilities to the target",
    targets: ["class"],
    apply: (logits, { targets }) => tf.sum(tf.squaredDifference(tf.softmax(logits), targets)),
  });
  const targets = tf.tensor2d([[1, 0]]);
  const sum = lossNamed("squared_error").apply(tf.tensor2d([[0, 0]]), { targets, truth: targets }, {
    focalGamma: 0,
  });
  equal((await sum.data())[0], 0.5);
  throws(() => lossNamed("cross-entropy"), /found 'cross-entropy' at --loss\. Did you mean cross_entropy\?/);
  const again = { ...lossNamed("squared_error"), id: "other", summary: "" };
  throws(() => registerLoss(again), /found no summary/);
});

Deno.test("a loss that returns a number per row is refused", () => {
  const perRow = {
    ...lossNamed("cross_entropy"),
    id: "per_row",
    apply: (logits: tf.Tensor2D) => logits as never,
  };
  const x = tf.tensor2d([[0, 0]]);
  throws(
    () => applyLoss(perRow, x, { targets: x, truth: x }, { focalGamma: 0 }),
    /found a tensor of shape \[1,2\] at the loss 'per_row'\. End it with tf\.sum/,
  );
});
