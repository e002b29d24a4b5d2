/** Shapley values of the two modalities. */

/** The modalities that a model gets: neither, one of them, or both. */
export type Coalition = "none" | "text" | "audio" | "both";
/** All of them. */
export const COALITIONS: readonly Coalition[] = ["none", "text", "audio", "both"];

/** What each modality adds to an answer. */
export interface Shares {
  /** What text adds. */
  text: number;
  /** What speech adds. */
  audio: number;
}

/**
 * Returns the exact Shapley values of two modalities (Shapley 1953): the mean of what a modality adds if it
 * comes first and if it comes second. Their sum is the answer to both minus the answer to none.
 *
 * @example
 * ```ts
 * import { shapley } from "@undertone/undertone";
 *
 * console.log(shapley({ none: 0.2, text: 0.5, audio: 0.3, both: 0.9 })); // text 0.45, audio 0.25
 * ```
 */
export function shapley({ none, text, audio, both }: Readonly<Record<Coalition, number>>): Shares {
  return {
    text: (text - none + both - audio) / 2,
    audio: (audio - none + both - text) / 2,
  };
}
