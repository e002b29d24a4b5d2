/**
 * Compares every op and its gradient with PyTorch (fixtures gradients.json and convolution.json), on each
 * engine.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../../testing/assert.ts";
import { toleranceOf, underTest } from "../../testing/engines.ts";
import { testWith } from "../../testing/needs.ts";
import { jsonFixture } from "../../testing/shared.ts";
import {
  conv1d,
  ENGINES,
  gelu,
  groupNorm,
  layerNorm,
  leakyRelu,
  linear,
  maskedMax,
  maskedMean,
  maskedMin,
  maskedSoftmax,
  scaledMatMul,
  useEngine,
} from "../mod.ts";

interface Numbers {
  shape: number[];
  values: number[];
}
interface Case {
  inputs: Numbers[];
  cotangent: Numbers;
  output: Numbers;
  gradients: Numbers[];
}

const { cases: given, mask, indices } = jsonFixture("gradients.json") as {
  cases: Record<string, Case>;
  mask: number[][];
  indices: number[];
};
const { cases: convolutions, frames } = jsonFixture("convolution.json") as {
  cases: Record<string, Case>;
  frames: number[][];
};
const FLAGS = ["00", "01", "10", "11"];
/** Ops without fixtures of their own, each with the case that it must equal. */
const twins = FLAGS.map((flags) => [`scaledMatMul ${flags}`, given[`matMul batched ${flags}`]] as const);
const cases = { ...given, ...convolutions, ...Object.fromEntries(twins) };
const masks = () => tf.tensor2d(mask);
const lookups = () => tf.tensor1d(indices, "int32");

/** Takes tensors of the ranks in the fixture. */
// deno-lint-ignore no-explicit-any
type Op = (...inputs: any[]) => tf.Tensor;

/** Ops by the first word of their cases' names, or by the whole name if the attributes differ. */
const ops: Record<string, Op> = {
  abs: tf.abs,
  neg: tf.neg,
  square: tf.square,
  exp: tf.exp,
  expm1: tf.expm1,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  relu: tf.relu,
  relu6: (x) => tf.relu6(tf.mul(x, 4)),
  elu: tf.elu,
  softplus: tf.softplus,
  erf: tf.erf,
  sin: tf.sin,
  cos: tf.cos,
  leakyRelu,
  gelu: (x) => gelu(x),
  "gelu tanh": (x) => gelu(x, "tanh"),
  "gelu tanh far": (x) => gelu(x, "tanh"),
  clip: (x) => tf.clipByValue(x, -1, 0.5),
  floor: tf.floor,
  sign: tf.sign,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  log: tf.log,
  log1p: tf.log1p,
  reciprocal: tf.reciprocal,
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  pow: tf.pow,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  "pow negative base": (x) => tf.pow(x, 3),
  where: (a, b) => tf.where(tf.greater(a, b), tf.mul(a, 2), tf.mul(b, 3)),
  addN: (...list) => tf.addN(list),
  "sum all": (x) => tf.sum(x),
  "sum last": (x) => tf.sum(x, -1),
  "sum two": (x) => tf.sum(x, [0, 2]),
  "sum keep": (x) => tf.sum(x, 1, true),
  "mean all": (x) => tf.mean(x),
  "mean middle": (x) => tf.mean(x, 1),
  "mean keep": (x) => tf.mean(x, -1, true),
  "max ties": (x) => tf.max(x, 1),
  "min ties": (x) => tf.min(x, 0, true),
  "max two": (x) => tf.max(x, [0, 2]),
  "prod last": (x) => tf.prod(x, 1),
  "prod two": (x) => tf.prod(x, [0, 2]),
  "prod keep": (x) => tf.prod(x, 0, true),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  cumsum: (x) => tf.cumsum(x, 1),
  reshape: (x) => tf.mul(tf.reshape(tf.reshape(x, [4, 6]), [2, 12]), 2),
  transpose: (x) => tf.transpose(x, [2, 0, 3, 1]),
  concat: (...list) => tf.concat(list, 1),
  stack: (...list) => tf.stack(list, 1),
  split: (x) => {
    const [a, b, c] = tf.split(x, [2, 1, 3], 1) as tf.Tensor2D[];
    const column = (t: tf.Tensor2D, i: number) => tf.reshape(tf.slice(t, [0, i], [-1, 1]), [-1]);
    return tf.mul(tf.mul(tf.sum(a, 1), column(b, 0)), column(c, 1));
  },
  unstack: (x) => {
    const [a, , c] = tf.unstack(x, 1);
    return tf.mul(a, c);
  },
  slice: (x) => tf.slice(x, [1, 0, 2], [2, -1, 3]),
  pad: (x) => tf.pad(x, [[0, 3], [1, 2]]),
  tile: (x) => tf.tile(x, [2, 1, 3]),
  broadcastTo: (x) => tf.broadcastTo(x, [2, 3, 4]),
  reverse: (x) => tf.reverse(x, 1),
  "gather rows": (x) => tf.gather(x, lookups()),
  "gather columns": (x) => tf.gather(x, lookups(), 1),
  segmentSum: (x) => tf.unsortedSegmentSum(x, lookups(), 3),
  "matMul heads": (a, b) => tf.matMul(a, b, false, true),
  "matMul broadcast heads": (a, b) => tf.matMul(a, b),
  ...Object.fromEntries(
    ["", "batched ", "shared "].flatMap((kind) =>
      FLAGS.map((flags): [string, Op] => [
        `matMul ${kind}${flags}`,
        (a, b) => tf.matMul(a, b, flags[0] === "1", flags[1] === "1"),
      ])
    ),
  ),
  ...Object.fromEntries(FLAGS.map((flags): [string, Op] => [
    `scaledMatMul ${flags}`,
    (a, b) => {
      const [transposeA, transposeB] = [flags[0] === "1", flags[1] === "1"];
      return scaledMatMul(tf.mul(a, 4), b, { transposeA, transposeB, scale: 0.25 });
    },
  ])),
  linear,
  layerNorm,
  "layerNorm epsilon": (x, gamma, beta) => layerNorm(tf.mul(x, 0.001), gamma, beta, 1e-12),
  conv1d,
  "conv1d strided": (x, weight, bias) => conv1d(x, weight, bias, { stride: 2 }),
  "conv1d first": (x, weight) => conv1d(x, weight, undefined, { stride: 5 }),
  "conv1d positional": (x, weight, bias) => conv1d(x, weight, bias, { padding: 2, groups: 2 }),
  "conv1d all": (x, weight, bias) => conv1d(x, weight, bias, { stride: 3, padding: 1, groups: 3 }),
  groupNorm: (x, gamma, beta) => groupNorm(x, tf.tensor2d(frames), gamma, beta),
  maskedSoftmax: (x) => maskedSoftmax(x, masks()),
  "maskedSoftmax attention": (x) => maskedSoftmax(x, tf.expandDims(masks(), 1)),
  "maskedSoftmax middle": (x) => maskedSoftmax(x, tf.expandDims(masks(), 2), 1),
  maskedMean: (x) => maskedMean(x, masks()),
  maskedMax: (x) => maskedMax(x, masks()),
  maskedMin: (x) => maskedMin(x, masks()),
};

/** Wrong on the plain backend, which pairs batches incorrectly if both sides are broadcast. */
const notOnCpu = new Set(["matMul broadcast heads"]);

for (const engine of ENGINES) {
  testWith(
    engine,
    `values and gradients of ${Object.keys(cases).length} cases equal PyTorch on ${engine}`,
    async (t) => {
      const { stats, resetStats } = await useEngine(underTest(engine));
      for (const [name, { inputs, cotangent, output, gradients }] of Object.entries(cases)) {
        if (engine === "cpu" && notOnCpu.has(name)) continue;
        await t.step(name, async () => {
          resetStats();
          const op = ops[name] ?? ops[name.split(" ")[0]];
          const tensor = ({ shape, values }: Numbers) => tf.tensor(values, shape);
          const got = tf.tidy(() => {
            const xs = inputs.map(tensor);
            return [op(...xs), ...tf.grads(op)(xs, tensor(cotangent))];
          });
          for (const [i, expected] of [output, ...gradients].entries()) {
            const what = i ? `gradient ${i}` : "output";
            assert.deepEqual(got[i].shape, expected.shape, what);
            near(await got[i].data() as Float32Array, expected.values, what, toleranceOf(name, engine));
          }
          tf.dispose(got);
          const { fallbacks, graphsUsingHost } = stats();
          assert.deepEqual(Object.keys(fallbacks).filter((kernel) => kernel !== "Expm1"), []);
          assert.equal(graphsUsingHost, 0);
        });
      }
    },
  );
}

/** Asserts equality up to a share of the largest entry, or of 1 if that is larger. */
function near(actual: Float32Array, expected: number[], what: string, tolerance: number): void {
  const scale = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => {
    assert.ok(
      Math.abs(actual[i] - value) <= tolerance * scale,
      `${what}[${i}] is ${actual[i]}, expected ${value}`,
    );
  });
}
