import { SAMPLE_RATE, type Sequence, type SpeechEncoder } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import { embeddingGraph, speechEmbedding } from "../speech_embedding.ts";
import { speechGraph } from "../speech_graph.ts";
import { mfcc } from "./descriptors.ts";
import {
  beside,
  covariances,
  firstTracks,
  functionals,
  momentsWhere,
  percentilesWhere,
  slopes,
  thirds,
  type Tracks,
} from "./functionals.ts";
import { speechModelFile } from "../../data/mod.ts";
import { acousticGraph } from "./graph/acoustic.ts";
import { speechWeights } from "./graph/voice_activity.ts";
import { pitchByBlocks } from "./pitch.ts";
import { frameCount, HOP } from "./spectrum.ts";
import { spokenPart, spokenTimes } from "./spoken.ts";
import { describe, phrasing, RATE, statesOf, STEP } from "./states.ts";

/** Part of the fingerprint: increase it when any number in the states changes. */
const VERSION = "2.4";
/** MFCCs in the statistics, in their covariances, and of these the ones whose slopes take part. */
export const COEFFICIENTS = 20, COVARYING = 13, SLOPING = 6;
/** MFCCs whose course over the utterance is described. */
export const COURSING = 8;
/** Percentiles of the descriptors over voiced frames. */
export const PERCENTS = [10, 25, 50, 75, 90];

/**
 * Loads an encoder of acoustic features, `[T,D]` at 12.5 Hz: the speech embedding (see speech_embedding.ts,
 * also for its licence), log-mel bands, and descriptors in the manner of eGeMAPS (Eyben et al. 2016, "The
 * Geneva Minimalistic Acoustic Parameter Set"): pitch, voicing, harmonicity, energy, spectral shape. Besides
 * these local values, each state carries functionals of the whole utterance, so that a head need not learn to
 * compute statistics from few clips.
 *
 * Only the speech of a clip counts (see spoken.ts): silence and noise around it change nothing, and T is the
 * length of the speech. A clip without speech has T = 0. Each clip is computed by itself, whatever the batch.
 */
export async function acoustic(): Promise<SpeechEncoder> {
  const embedding = await speechEmbedding(), model = await speechModelFile();
  const statesOfSpeech = async (speech: Float32Array): Promise<Sequence> => {
    const [embedded] = await embedding.encode([speech]), description = describe(speech, pitchByBlocks);
    const { tracks, mel, melodic: { voiced }, melodic } = description;
    const cepstrum: Tracks = {
      data: mfcc(mel.data as Float32Array, COEFFICIENTS),
      length: mel.length,
      width: COEFFICIENTS,
    };
    const varying = beside([firstTracks(cepstrum, COVARYING), slopes(firstTracks(cepstrum, SLOPING))]);
    return statesOf(description, embedded, [
      ...momentsWhere(embedded, []),
      ...functionals(mel),
      ...functionals(tracks),
      ...momentsWhere(tracks, voiced),
      ...phrasing(melodic),
      ...covariances(varying),
      ...thirds(beside([tracks, firstTracks(cepstrum, COURSING)])),
      ...percentilesWhere(tracks, voiced, PERCENTS),
      ...momentsWhere(cepstrum, voiced),
    ]);
  };
  const { width } = await statesOfSpeech(new Float32Array(SAMPLE_RATE));
  return {
    id: "acoustic@2",
    modality: "audio",
    fingerprint: fingerprint(VERSION, embedding.fingerprint, model),
    width,
    rate: RATE,
    async timesOf(samples) {
      const starts = await spokenTimes(samples), hop = HOP / SAMPLE_RATE;
      const frames = frameCount(starts.length * HOP);
      const count = frames === 0 ? 0 : Math.max(1, Math.floor(frames / STEP));
      return Array.from({ length: count }, (_, t) => {
        const hops = starts.slice(t * STEP, (t + 1) * STEP);
        return { start: Math.max(0, hops[0]), end: hops[hops.length - 1] + hop };
      });
    },
    nothing: "has no speech, and acoustic@2 reads nothing else",
    async encode(batch) {
      const sequences: Sequence[] = [];
      for (const samples of batch) {
        const speech = await spokenPart(samples);
        sequences.push(
          speech.length > 0 ? await statesOfSpeech(speech) : { data: new Float32Array(0), length: 0, width },
        );
      }
      return sequences;
    },
    graph: async () => speechGraph(acousticGraph(width, await embeddingGraph(), await speechWeights())),
  };
}
