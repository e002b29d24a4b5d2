import * as tf from "@tensorflow/tfjs-core";
import { type Attributes, gradient, unbroadcast } from "./gradient.ts";

type Unary = (dy: tf.Tensor, value: tf.Tensor, attributes: Attributes) => tf.Tensor;
type Binary = (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const where = (condition: tf.Tensor, dy: tf.Tensor) => tf.mul(dy, tf.cast(condition, "float32"));

/** Gradients that need the input. */
const fromInput: Record<string, Unary> = {
  Abs: (dy, x) => tf.mul(dy, tf.sign(x)),
  Square: (dy, x) => tf.mul(dy, tf.mul(x, 2)),
  Log: (dy, x) => tf.div(dy, x),
  Log1p: (dy, x) => tf.div(dy, tf.add(x, 1)),
  Sin: (dy, x) => tf.mul(dy, tf.cos(x)),
  Cos: (dy, x) => tf.mul(dy, tf.neg(tf.sin(x))),
  Softplus: (dy, x) => tf.mul(dy, tf.sigmoid(x)),
  Erf: (dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI))),
  LeakyRelu: (dy, x, { alpha }) => tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha)),
  ClipByValue: (dy, x, { clipValueMin, clipValueMax }) =>
    where(tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax)), dy),
};

/** Gradients that need only the output, so nothing is computed twice. */
const fromOutput: Record<string, Unary> = {
  Exp: (dy, y) => tf.mul(dy, y),
  Expm1: (dy, y) => tf.mul(dy, tf.add(y, 1)),
  Sqrt: (dy, y) => tf.div(tf.mul(dy, 0.5), y),
  Rsqrt: (dy, y) => tf.mul(dy, tf.mul(tf.mul(y, tf.square(y)), -0.5)),
  Reciprocal: (dy, y) => tf.mul(dy, tf.neg(tf.square(y))),
  Sigmoid: (dy, y) => tf.mul(dy, tf.sub(y, tf.square(y))),
  Tanh: (dy, y) => tf.sub(dy, tf.mul(dy, tf.square(y))),
  Relu: (dy, y) => where(tf.greater(y, 0), dy),
  Relu6: (dy, y) => where(tf.logicalAnd(tf.greater(y, 0), tf.less(y, 6)), dy),
  Elu: (dy, y) => tf.mul(dy, tf.add(tf.minimum(y, 0), 1)),
};

for (const [kernel, derivative] of Object.entries(fromInput)) {
  gradient(kernel, { inputs: ["x"] }, (dy, [x], attributes) => ({ x: () => derivative(dy, x, attributes) }));
}
for (const [kernel, derivative] of Object.entries(fromOutput)) {
  gradient(
    kernel,
    { outputs: [true] },
    (dy, [y], attributes) => ({ x: () => derivative(dy, y, attributes) }),
  );
}
for (const kernel of ["Floor", "Ceil", "Round", "Sign", "Step"]) {
  gradient(kernel, {}, (dy) => ({ x: () => tf.zerosLike(dy) }));
}
gradient(tf.Neg, {}, (dy) => ({ x: () => tf.neg(dy) }));

/** Gradients for a and b, before `unbroadcast`. If a and b tie for an extreme, a gets the whole gradient. */
const binary: Record<string, [Binary, Binary]> = {
  Add: [(dy) => dy, (dy) => dy],
  Sub: [(dy) => dy, (dy) => tf.neg(dy)],
  Multiply: [(dy, _, b) => tf.mul(dy, b), (dy, a) => tf.mul(dy, a)],
  RealDiv: [(dy, _, b) => tf.div(dy, b), (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b)))],
  Maximum: [(dy, a, b) => where(tf.greaterEqual(a, b), dy), (dy, a, b) => where(tf.less(a, b), dy)],
  Minimum: [(dy, a, b) => where(tf.lessEqual(a, b), dy), (dy, a, b) => where(tf.greater(a, b), dy)],
  SquaredDifference: [
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  ],
  Pow: [
    (dy, a, b) => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
    (dy, a, b) => {
      const positive = tf.greater(a, 0);
      const log = tf.log(tf.where(positive, a, tf.onesLike(a)));
      return tf.mul(dy, tf.mul(tf.pow(a, b), log));
    },
  ],
};
for (const [kernel, [byA, byB]] of Object.entries(binary)) {
  gradient(kernel, { inputs: ["a", "b"] }, (dy, [a, b]) => ({
    a: () => unbroadcast(byA(dy, a, b), a.shape),
    b: () => unbroadcast(byB(dy, a, b), b.shape),
  }));
}
for (const kernel of ["Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual"]) {
  gradient(kernel, { inputs: ["a", "b"] }, (_, [a, b]) => ({
    a: () => tf.zeros(a.shape),
    b: () => tf.zeros(b.shape),
  }));
}

gradient(
  tf.AddN,
  { inputs: "all" },
  (dy, saved) => Object.fromEntries(saved.map((_, i) => [i, () => tf.clone(dy)])),
);

gradient(tf.Select, { inputs: ["condition"] }, (dy, [condition]) => ({
  condition: () => tf.zeros(condition.shape),
  t: () => where(condition, dy),
  e: () => where(tf.logicalNot(condition), dy),
}));
