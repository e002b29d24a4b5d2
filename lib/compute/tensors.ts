/**
 * TensorFlow.js's types, under the names that signatures here use. They are marked internal because
 * TensorFlow.js documents them; import them from `@tensorflow/tfjs-core` when you write a head.
 */
import type * as tf from "@tensorflow/tfjs-core";

/**
 * A tensor of any rank, or of rank `R`.
 * @internal
 */
export type Tensor<R extends tf.Rank = tf.Rank> = tf.Tensor<R>;

/**
 * A tensor of one number.
 * @internal
 */
export type Scalar = tf.Scalar;

/**
 * A vector.
 * @internal
 */
export type Tensor1D = tf.Tensor1D;

/**
 * A matrix.
 * @internal
 */
export type Tensor2D = tf.Tensor2D;

/**
 * A batch of sequences.
 * @internal
 */
export type Tensor3D = tf.Tensor3D;

/**
 * A batch of sequences, by attention head or channel.
 * @internal
 */
export type Tensor4D = tf.Tensor4D;

/**
 * A parameter: a tensor whose value training changes.
 * @internal
 */
export type Variable<R extends tf.Rank = tf.Rank> = tf.Variable<R>;

/**
 * Tensors by name.
 * @internal
 */
export type NamedTensorMap = tf.NamedTensorMap;
