/** What a folder says of the samples that a speech model wants: in `preprocessor_config.json`, or as transformers 5 has it. */
import { join } from "node:path";
import { z } from "zod";
import { parseFacts } from "../../../schema.ts";
import { type EncoderFiles, SAMPLE_RATE } from "../../encoder.ts";
import type { FileNames } from "../files.ts";
import type { SpeechConfig } from "./settings.ts";

const OWN = "preprocessor_config.json";
/** Of transformers 5, under `feature_extractor`; it comes before the other there. */
const WITHIN = "processor_config.json";

export const PREPROCESSOR_FILES: FileNames = { required: [], optional: [OWN, WITHIN] };

const preprocessor = z.looseObject({
  sampling_rate: z.literal(SAMPLE_RATE).default(SAMPLE_RATE),
  do_normalize: z.boolean().optional(),
});
const processor = z.object({ feature_extractor: z.looseObject({}).nullish() });

/**
 * The files of the folder `at` with all in `preprocessor_config.json`: what no file says is as transformers takes it, and
 * `notes` tell that. Throws UndertoneError.
 */
export function settled(
  files: EncoderFiles,
  at: string,
): { files: EncoderFiles; normalise: boolean; notes: string[] } {
  const { [OWN]: own, [WITHIN]: whole, ...others } = files;
  const inner = whole === undefined
    ? undefined
    : parseFacts(processor, whole, join(at, WITHIN)).feature_extractor;
  const said = parseFacts(preprocessor, inner ?? own ?? {}, join(at, inner ? WITHIN : OWN));
  const normalise = said.do_normalize ?? true;
  const notes = said.do_normalize === undefined
    ? [
      `No file in ${at} says do_normalize: each recording is scaled to mean 0 and deviation 1, as transformers does ` +
      `by default. "do_normalize": false in its ${OWN} gives states without that.`,
    ]
    : [];
  return { files: saying({ ...others, [OWN]: said }, normalise), normalise, notes };
}

/**
 * Whether each utterance is to be normalised to zero mean and unit variance, by settled files, or by those that an earlier
 * version kept with a model: where these do not say, it did so if the convolutions have layer norm. Throws UndertoneError.
 */
export function normalisation(files: EncoderFiles, config: SpeechConfig, at: string): boolean {
  const { do_normalize } = parseFacts(preprocessor, files[OWN] ?? {}, join(at, OWN));
  return do_normalize ?? config.feat_extract_norm === "layer";
}

/** The same of versions before for the files of a folder, of which they read `preprocessor_config.json` alone. */
export function formerlyNormalised({ [OWN]: own }: EncoderFiles, config: SpeechConfig): boolean {
  const { do_normalize } = (own ?? {}) as Record<string, unknown>;
  return typeof do_normalize === "boolean" ? do_normalize : config.feat_extract_norm === "layer";
}

/** Files to keep with a model: they say it whatever the next version would take for granted. */
export const saying = (files: EncoderFiles, normalise: boolean): EncoderFiles => ({
  ...files,
  [OWN]: { ...files[OWN] as Record<string, unknown>, do_normalize: normalise },
});
