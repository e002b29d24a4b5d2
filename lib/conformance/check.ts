/** What a check is: a question about a head, and its answer with figures. */
import * as tf from "@tensorflow/tfjs-core";
import type { FusionSizes } from "../fusion/mod.ts";
import type { Head } from "./head.ts";
import type { Widths } from "./rows.ts";

/** The answer to one question about a fusion method. */
export interface Check {
  /** The question: "padding". */
  name: string;
  /** Whether the method holds it. */
  passed: boolean;
  /** What was measured: "3.0e-7 off at most (bound 1e-5)". */
  figure: string;
  /** What is wrong, and what usually causes it; empty where the check passed. */
  why: string;
}

/** What a check found; a fault where it did not pass. */
export interface Finding {
  figure: string;
  fault?: string;
}

/** Asks a head, on the engine in use. */
export type Question = (head: Head) => Promise<Finding> | Finding;

export const SIZES: FusionSizes = { text: 12, audio: 8, classes: 3 };
export const WIDTHS: Widths = [SIZES.text, SIZES.audio];

/** Lengths of text and speech of rows that have both, and of rows that lack one or both. */
export const WHOLE: readonly [number, number][] = [[5, 7], [1, 1], [3, 9], [4, 2]];
export const LACKING: readonly [number, number][] = [[4, 0], [0, 6], [0, 0]];

/** How a row of these lengths is called in a sentence. */
export const rowName = ([text, audio]: readonly [number, number]): string =>
  text && audio
    ? "a row with both modalities"
    : text
    ? "a row without speech"
    : audio
    ? "a row without text"
    : "a row without text and speech";

/** Numbers as they are told: 3.0e-7, 0. */
export const figure = (value: number): string => value === 0 ? "0" : value.toExponential(1);

/** Rows of a matrix as numbers. */
export async function rowsOf(matrix: tf.Tensor): Promise<number[][]> {
  const [rows, width] = matrix.shape, values = await matrix.data();
  return Array.from({ length: rows }, (_, i) => Array.from(values.slice(i * width, (i + 1) * width)));
}

/** Logits `[B][C]` of a batch, whose tensors are freed. */
export async function logitsOf(answer: () => { logits: tf.Tensor2D }): Promise<number[][]> {
  const logits = tf.tidy(() => answer().logits);
  const rows = await rowsOf(logits);
  logits.dispose();
  return rows;
}

/** Deviation of numbers from others, absolute or relative, whichever is smaller. Where both are not finite they agree. */
export function off(actual: readonly number[], expected: readonly number[]): number {
  let worst = 0;
  actual.forEach((value, i) => {
    const wanted = expected[i];
    if (!Number.isFinite(value) && !Number.isFinite(wanted)) return;
    const deviation = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
    worst = Number.isFinite(deviation) ? Math.max(worst, deviation) : Infinity;
  });
  return worst;
}

/**
 * Largest deviation of a tensor, absolute or relative, whichever is smaller; infinite where shapes differ or a value is not
 * finite.
 */
export async function deviation(
  actual: tf.Tensor,
  expected: { shape: readonly number[]; data: ArrayLike<number> } | tf.Tensor,
): Promise<number> {
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  const wanted = Array.from(expected instanceof tf.Tensor ? await expected.data() : expected.data);
  const got = Array.from(await actual.data());
  return got.every(Number.isFinite) ? off(got, wanted) : Infinity;
}
