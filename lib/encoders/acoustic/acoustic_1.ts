import { SAMPLE_RATE, type SpeechEncoder } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import { embeddingGraph, speechEmbedding } from "../speech_embedding.ts";
import { speechGraph } from "../speech_graph.ts";
import { functionals, momentsWhere } from "./functionals.ts";
import { acoustic1Graph } from "./graph/acoustic_1.ts";
import { describe, phrasing, RATE, statesOf } from "./states.ts";
import { HOP } from "./spectrum.ts";

/** Part of the fingerprint. Runs and caches were made with it, so the states must not change. */
const VERSION = "1";

/**
 * Loads the first version of the acoustic encoder, for runs that were made with it. It reads the whole clip,
 * silence included, and each state carries the clip's length in s. Otherwise it is as `acoustic`, without the
 * functionals that came later.
 *
 * An empty clip has T = 0. Each clip is computed by itself, whatever the batch.
 */
export async function acoustic1(): Promise<SpeechEncoder> {
  const embedding = await speechEmbedding();
  const encode = async (samples: Float32Array) => {
    const [embedded] = await embedding.encode([samples]), description = describe(samples);
    const { tracks, mel, melodic } = description;
    return statesOf(description, embedded, [
      ...momentsWhere(embedded, []),
      ...functionals(mel),
      ...functionals(tracks),
      ...momentsWhere(tracks, melodic.voiced),
      ...phrasing(melodic),
      tracks.length * HOP / SAMPLE_RATE,
    ]);
  };
  const { width } = await encode(new Float32Array(SAMPLE_RATE));
  return {
    id: "acoustic@1",
    modality: "audio",
    fingerprint: fingerprint(VERSION, embedding.fingerprint),
    width,
    rate: RATE,
    encode: (batch) => inOrder(batch, encode),
    graph: async () => speechGraph(acoustic1Graph(width, await embeddingGraph())),
  };
}

/** Encodes one input after the other: each has much work for all cores. */
async function inOrder<In, Out>(batch: readonly In[], encode: (input: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (const input of batch) results.push(await encode(input));
  return results;
}
