/** Lengths of clips, as the encoder of a model tells them. */
import type { Example } from "../data/mod.ts";
import type { Classifier } from "../model/mod.ts";

/** Length of each clip in seconds, by the id of its row. */
export type Durations = ReadonlyMap<string, number>;

/** Returns the seconds that the model's encoder reads of each clip, before any bound cuts it. */
export function durationsOf(
  examples: readonly Example[],
  { encoders }: Pick<Classifier, "encoders">,
): Durations {
  const rate = encoders.audio?.rate;
  return new Map(examples.flatMap(({ id, audio, raw }) => {
    const clip = audio ?? raw?.audio;
    return clip && rate ? [[id, (clip.whole ?? clip.length) / rate] as const] : [];
  }));
}
