/**
 * Reads from a folder how a speech model's samples are prepared: `preprocessor_config.json`, or transformers
 * 5's `processor_config.json`.
 */
import { join } from "node:path";
import { z } from "zod";
import { parseFacts } from "../../../schema.ts";
import { type EncoderFiles, SAMPLE_RATE } from "../../encoder.ts";
import type { FileNames } from "../files.ts";
import type { SpeechConfig } from "./settings.ts";

const OWN = "preprocessor_config.json";
/**
 * Written by transformers 5, with the settings under `feature_extractor`; they override
 * `preprocessor_config.json`.
 */
const WITHIN = "processor_config.json";

export const PREPROCESSOR_FILES: FileNames = { required: [], optional: [OWN, WITHIN] };

const preprocessor = z.looseObject({
  sampling_rate: z.literal(SAMPLE_RATE).default(SAMPLE_RATE),
  do_normalize: z.boolean().optional(),
});
const processor = z.object({ feature_extractor: z.looseObject({}).nullish() });

/** Reads what the folder `at` says of its feature extractor, by a schema. Throws UndertoneError. */
export function said<T>(schema: z.ZodType<T>, { [OWN]: own, [WITHIN]: whole }: EncoderFiles, at: string): T {
  const inner = whole === undefined
    ? undefined
    : parseFacts(processor, whole, join(at, WITHIN)).feature_extractor;
  return parseFacts(schema, inner ?? own ?? {}, join(at, inner ? WITHIN : OWN));
}

/**
 * Collects all settings of the folder `at` in `preprocessor_config.json`. Missing ones get transformers'
 * defaults, and `notes` says so. Throws UndertoneError.
 */
export function settled(
  files: EncoderFiles,
  at: string,
): { files: EncoderFiles; normalise: boolean; notes: string[] } {
  const { [OWN]: _, [WITHIN]: __, ...others } = files;
  const own = said(preprocessor, files, at), normalise = own.do_normalize ?? true;
  const notes = own.do_normalize === undefined
    ? [
      `No file in ${at} says do_normalize: each recording is scaled to mean 0 and deviation 1, as transformers ` +
      `does by default. "do_normalize": false in its ${OWN} gives states without that.`,
    ]
    : [];
  return { files: saying({ ...others, [OWN]: own }, normalise), normalise, notes };
}

/**
 * Returns whether each utterance is normalised to zero mean and unit variance. If the files don't say, an
 * earlier version kept them: it normalised if the convolutions have layer norm. Throws UndertoneError.
 */
export function normalisation(files: EncoderFiles, config: SpeechConfig, at: string): boolean {
  const { do_normalize } = parseFacts(preprocessor, files[OWN] ?? {}, join(at, OWN));
  return do_normalize ?? config.feat_extract_norm === "layer";
}

/**
 * Returns whether earlier versions normalised utterances; they read only `preprocessor_config.json` of a
 * folder.
 */
export function formerlyNormalised({ [OWN]: own }: EncoderFiles, config: SpeechConfig): boolean {
  const { do_normalize } = (own ?? {}) as Record<string, unknown>;
  return typeof do_normalize === "boolean" ? do_normalize : config.feat_extract_norm === "layer";
}

/**
 * Returns files that state `do_normalize`, to be kept with a model, so that later defaults can't change it.
 */
export const saying = (files: EncoderFiles, normalise: boolean): EncoderFiles => ({
  ...files,
  [OWN]: { ...files[OWN] as Record<string, unknown>, do_normalize: normalise },
});
