/** Random utterances, as plain numbers and as padded batches. */
import { type Feed, toTensors } from "../compute/mod.ts";
import type { FusionInput } from "../fusion/mod.ts";
import { random, seedOf } from "../random.ts";

/** One utterance: states `[L][D]` per modality; empty if the modality is missing. */
export interface Row {
  text: number[][];
  audio: number[][];
}

/** Widths of the text and speech states. */
export type Widths = [text: number, audio: number];

/** Returns rows of normally distributed states with these lengths; length 0 means a missing modality. */
export function randomRows(seed: number, lengths: readonly [number, number][], widths: Widths): Row[] {
  return lengths.map(([text, audio], i) => {
    const { normal } = random(seedOf(seed, i));
    const states = (length: number, width: number) =>
      Array.from({ length }, () => Array.from({ length: width }, normal));
    return { text: states(text, widths[0]), audio: states(audio, widths[1]) };
  });
}

/**
 * Returns the rows as a padded batch of plain numbers. The padding (`extra` positions beyond the longest row)
 * holds random values.
 */
export function feedOf(rows: readonly Row[], widths: Widths, extra = 0, seed = 0): Feed {
  const { normal } = random(seedOf(seed, "padding"));
  const side = (name: "text" | "audio", width: number) => {
    const length = Math.max(1, ...rows.map((row) => row[name].length)) + extra;
    const each = <T>(of: (row: Row, t: number) => T) =>
      rows.flatMap((row) => Array.from({ length }, (_, t) => of(row, t)));
    const filler = () => Array.from({ length: width }, () => 3 * normal());
    const states = each((row, t) => row[name][t] ?? filler()).flat();
    const mask = each((row, t) => Number(t < row[name].length));
    return {
      [name]: { data: Float32Array.from(states), shape: [rows.length, length, width] },
      [`${name}Mask`]: { data: Float32Array.from(mask), shape: [rows.length, length] },
    };
  };
  return { ...side("text", widths[0]), ...side("audio", widths[1]) };
}

/** Returns the rows as a padded batch of tensors. The caller disposes them (or runs inside `tf.tidy`). */
export const batchOf = (rows: readonly Row[], widths: Widths, extra = 0, seed = 0): FusionInput =>
  toTensors(feedOf(rows, widths, extra, seed)) as unknown as FusionInput;
