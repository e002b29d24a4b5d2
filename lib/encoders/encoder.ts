/** What every encoder is: a batch of inputs in, hidden states out. */

import type { Modality, Sequence } from "../data/sequence.ts";

export type { Modality, Sequence };
export { SAMPLE_RATE } from "../data/audio/resample.ts";

/** Frozen: inputs in, one Sequence each out; cacheable. `In` is a string (text) or mono samples at 16 kHz (speech). */
export interface FrozenEncoder<In> {
  /** Registry name, e.g. `use-lite`. */
  id: string;
  modality: Modality;
  /** Changes whenever weights or preprocessing change; keys the feature cache. */
  fingerprint: string;
  /** Width of a hidden state, D. */
  width: number;
  /** Hidden states per second of speech, in Hz; absent for text. */
  rate?: number;
  /** Result does not depend on what else is in the batch. */
  encode(batch: readonly In[]): Promise<Sequence[]>;
}

export type TextEncoder = FrozenEncoder<string>;
export type SpeechEncoder = FrozenEncoder<Float32Array>;
