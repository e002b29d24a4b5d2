/** A check asks one question about a head and reports the answer with figures. */
import * as tf from "@tensorflow/tfjs-core";
import type { FusionSizes } from "../fusion/mod.ts";
import type { Head } from "./head.ts";
import type { Widths } from "./rows.ts";

/** The result of one check of a fusion method. */
export interface Check {
  /** Name of the check: "padding". */
  name: string;
  /** Whether the method passed. */
  passed: boolean;
  /** The measured value: "3.0e-7 off at most (bound 1e-5)". */
  figure: string;
  /** The fault and its usual cause; empty if the check passed. */
  why: string;
}

/** The finding of a check; `fault` is set if the head failed. */
export interface Finding {
  figure: string;
  fault?: string;
}

/** Checks a head on the current engine. */
export type Question = (head: Head) => Promise<Finding> | Finding;

export const SIZES: FusionSizes = { text: 12, audio: 8, classes: 3 };
export const WIDTHS: Widths = [SIZES.text, SIZES.audio];

/** Lengths of text and speech: of rows with both modalities, and of rows that lack one or both. */
export const WHOLE: readonly [number, number][] = [[5, 7], [1, 1], [3, 9], [4, 2]];
export const LACKING: readonly [number, number][] = [[4, 0], [0, 6], [0, 0]];

/** Describes a row of these lengths within a sentence. */
export const rowName = ([text, audio]: readonly [number, number]): string =>
  text && audio
    ? "a row with both modalities"
    : text
    ? "a row without speech"
    : audio
    ? "a row without text"
    : "a row without text and speech";

/** Formats a number for reports: 3.0e-7, 0. */
export const figure = (value: number): string => value === 0 ? "0" : value.toExponential(1);

/** Returns the rows of a matrix as numbers. */
export async function rowsOf(matrix: tf.Tensor): Promise<number[][]> {
  const [rows, width] = matrix.shape, values = await matrix.data();
  return Array.from({ length: rows }, (_, i) => Array.from(values.slice(i * width, (i + 1) * width)));
}

/** Returns the logits `[B][C]` of a batch and disposes their tensors. */
export async function logitsOf(answer: () => { logits: tf.Tensor2D }): Promise<number[][]> {
  const logits = tf.tidy(() => answer().logits);
  const rows = await rowsOf(logits);
  logits.dispose();
  return rows;
}

/**
 * Returns the largest deviation, absolute or relative, whichever is smaller. Two values that are both not
 * finite count as equal.
 */
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
 * Returns the largest deviation of a tensor, absolute or relative, whichever is smaller. Returns infinity if
 * shapes differ or if a value is not finite.
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
