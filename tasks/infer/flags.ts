/** The flags of `deno task infer`. */
import { z } from "zod";
import { SPLITS } from "../../lib/data/mod.ts";
import { FORMATS, PRETRAINED, PRETRAINED_IS } from "../../lib/jobs/mod.ts";
import { trainConfig } from "../../lib/config/mod.ts";

export const flags = z.strictObject({
  checkpoint: z.string().default(PRETRAINED).describe(
    `Run folder or checkpoint file; its encoders are those of its training, such as hf:<folder>#q8 ` +
      `(docs/ENCODERS.md). '${PRETRAINED}' is ${PRETRAINED_IS}.`,
  ),
  text: z.string().optional().describe(
    "Text of one utterance. With --input, features:<path> names stored features of its rows.",
  ),
  audio: z.string().optional().describe(
    "Recording of the utterance (wav, flac, mp3, ogg, opus; mp4 and more with ffmpeg). Several recordings, a " +
      "folder or a pattern ('clips/*.wav') give one prediction each; a single one of more than 30 s is cut into " +
      "segments. '-' reads a WAV file from the standard input. With --input, features:<path> names stored features of its rows.",
  ),
  input: z.string().optional().describe(
    "Manifest CSV of many utterances, with text and/or audio. May lack id, label and split.",
  ),
  segments: z.boolean().optional().describe(
    "Cut each recording into segments of speech, and predict each with its start and end. Done by default for a " +
      "single recording of more than 30 s; --no-segments predicts it as one.",
  ),
  windows: z.number().min(0.5).max(60).optional().describe(
    "Cut windows of so many seconds instead of segments of speech.",
  ),
  raw: z.boolean().default(false).describe(
    "The standard input of '--audio -' holds bare samples: 16 bits, little-endian, mono at 16 kHz.",
  ),
  formats: z.array(z.enum(FORMATS)).min(1).optional().describe(
    `Files to write to the folder of --output for a recording in segments (default all): ${
      FORMATS.join(", ")
    }.`,
  ),
  enroll: z.string().optional().describe(
    "Recordings of the speaker (a folder or a pattern), or a manifest with the column speaker, for a model that " +
      "was trained with --normalize by speaker: their statistics scale the states of the speaker's utterances.",
  ),
  encoding: trainConfig.shape.encoding.describe(
    "Encoding of --input or --data. UTF-8 or UTF-16 by default.",
  ),
  columns: trainConfig.shape.columns,
  pattern: trainConfig.shape.pattern,
  output: z.string().optional().describe(
    "CSV file to write the predictions of --input or --audio to. For a recording in segments, a folder, or a file " +
      `whose ending says its format: ${FORMATS.join(", ")}.`,
  ),
  overwrite: z.boolean().default(false).describe("Replace the file of --output."),
  escape_formulas: z.boolean().default(true).describe(
    "Put an apostrophe before text in --output that a spreadsheet would take for a formula.",
  ),
  n_samples: z.int().min(1).optional().describe(
    "Predict this many random rows of the data that the model was trained on.",
  ),
  data: z.string().optional().describe("Data set that --n-samples draws from, instead of the run's own."),
  split: z.enum(SPLITS).default("dev").describe("Split that --n-samples draws from."),
  seed: z.int().min(0).default(1).describe("Seed of --n-samples."),
  cache: trainConfig.shape.cache.describe("Folder of the feature cache, for --input and --n-samples."),
  sets: z.number().gt(0).lt(100).optional().describe(
    "Also give the set of labels that holds the true one for so many percent of rows, e.g. --sets 90 for 'joy or " +
      "surprise'. The dev rows of the run fit the sets.",
  ),
  use: trainConfig.shape.use.describe(
    "Your own modules that the model was trained with, e.g. --use my_head.ts. May be repeated.",
  ),
  engine: trainConfig.shape.engine,
  device: trainConfig.shape.device,
  threads: trainConfig.shape.threads,
});

/** The flags with their values. */
export type Flags = z.infer<typeof flags>;
