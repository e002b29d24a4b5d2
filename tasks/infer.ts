/** `deno task infer`: predicts the emotion of your own text and recordings, or of the rows of a data set. */
import { clipPath, type Rejection } from "../lib/data/mod.ts";
import type { Modality } from "../lib/encoders/mod.ts";
import { writeFileAtomic } from "../lib/files/mod.ts";
import {
  checkpointPath,
  infer,
  isPretrained,
  predictionsCsv,
  PRETRAINED_IS,
  useModules,
} from "../lib/jobs/mod.ts";
import { tableText } from "../lib/plot/mod.ts";
import { clipsOf } from "./cli/clips.ts";
import { parseFlags, splitWords } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tellNotes } from "./cli/output.ts";
import { requireOutput } from "./cli/output_file.ts";
import { count, encodeProgress, leftOut } from "./cli/show.ts";
import { type Flags, flags } from "./infer/flags.ts";
import { isCut, predictRecordings } from "./infer/recording.ts";
import { enrolmentOf, featuresOf, rowsOf } from "./infer/rows.ts";
import { card, tableOf, tellNotesOf } from "./infer/show.ts";

/** Returns why the one input can't be used, with its place where the reason names none. */
const alone = ({ at, reason }: Rejection): string => reason.startsWith("has ") ? `${at} ${reason}` : reason;

export const task: Task = {
  name: "infer",
  summary: "Predicts the emotion of text and speech with a trained model.",
  flags,
  examples: [
    [
      'deno task infer --text "You did what?" --audio me.wav',
      "your own words and voice, with the model that comes with Undertone",
    ],
    [
      'deno task infer --checkpoint outputs/first --text "You did what?" --audio me.wav',
      "the same, with a model of your own",
    ],
    [
      "deno task infer --checkpoint outputs/first --n-samples=3",
      "three rows of its data, with their true labels",
    ],
    [
      "deno task infer --checkpoint outputs/first --input rows.csv --output predictions.csv",
      "many utterances",
    ],
    [
      "deno task infer --checkpoint outputs/first --audio my/clips",
      "every recording of a folder, as a table",
    ],
    [
      "deno task infer --checkpoint outputs/first --audio talk.wav --segments --output talk",
      "the emotions along a long recording, as a timeline, tables and subtitles",
    ],
    [
      "ffmpeg -i talk.mp4 -f wav - | deno task infer --checkpoint outputs/first --audio -",
      "each segment of a stream when it ends",
    ],
    [
      "deno task infer --checkpoint outputs/first --audio me.wav --enroll my/clips",
      "with your own voice known, for a model that scales by speaker",
    ],
  ],
  notes: "You may leave out --text or --audio. The model then predicts from the other one alone.\n" +
    "--json prints an array with an object for each utterance. After the predictions come those that can't be " +
    "predicted: they have id, at and error, and no predicted.",

  async run(args, signal, json) {
    // A shell that expands a pattern leaves the further files as words without a flag.
    const { words, rest } = splitWords(flags, args), given = parseFlags(flags, rest);
    if (words.length > 0 && given.audio === undefined) parseFlags(flags, args); // throws
    await useModules(given.use); // before the data, which they may read
    if (isPretrained(given.checkpoint)) tellNotes([`answered by ${PRETRAINED_IS}`]);
    const features = featuresOf(given);
    for (const modality of Object.keys(features)) given[modality as Modality] = undefined;
    const named = given.audio === undefined ? [] : [given.audio, ...words];
    const clips = named.length === 0 ? undefined : await clipsOf(named);
    const isRows = given.input !== undefined || given.n_samples !== undefined;
    if (!isRows && await isCut(given, clips?.paths ?? [])) {
      return await predictRecordings(given, clips!.paths, signal, json);
    }
    if (given.output !== undefined) await requireNewFile(given.output, given, [...clips?.paths ?? []]);
    const rows = await rowsOf(given, clips, features);
    if (given.output !== undefined) {
      const own = rows.rows.flatMap(({ audio }) => audio === undefined ? [] : [clipPath(rows.root, audio)]);
      await requireNewFile(given.output, given, own);
    }
    using encoding = encodeProgress();
    const own = given.input === undefined && given.n_samples === undefined && !clips?.many;
    const result = await infer(given.checkpoint, rows, {
      among: rows.among,
      use: given.use,
      features,
      sets: given.sets === undefined ? undefined : given.sets / 100,
      enroll: given.enroll === undefined ? undefined : await enrolmentOf(given.enroll, given),
      cacheDir: own ? undefined : given.cache,
      engine: { engine: given.engine, device: given.device, threads: given.threads },
      signal,
      onProgress: encoding.update,
    });
    encoding.end();
    const { predictions, rejected } = result;
    for (const rejection of rejected) console.error(own ? alone(rejection) : leftOut(rejection));
    if (clips?.many && rejected.length > 0) {
      tellNotes([`${count(rejected.length, "clip")} of ${clips.paths.length} can't be used`]);
    }
    tellNotesOf(result);
    if (given.output && predictions.length > 0) {
      const csv = predictionsCsv(predictions, result, { formulas: !given.escape_formulas });
      await writeFileAtomic(given.output, csv);
      console.log(`${count(predictions.length, "prediction")} in ${given.output}`);
    } else if (clips?.many) {
      if (predictions.length > 0) console.log(tableText(tableOf(predictions)));
    } else for (const prediction of predictions) console.log(card(prediction));
    json([
      ...predictions,
      ...[...rows.rejected ?? [], ...rejected].map(({ id, at, reason: error }) => ({ id, at, error })),
    ]);
    if (predictions.length === 0) return 2;
  },
};

/**
 * Throws bad input if --output would replace a file that the task reads, or another one without --overwrite.
 */
const requireNewFile = (output: string, given: Flags, clips: readonly string[]): Promise<void> =>
  requireOutput(output, {
    flag: "--output",
    overwrite: given.overwrite,
    inputs: [given.input ?? [], checkpointPath(given.checkpoint), given.use, clips].flat(),
  });

if (import.meta.main) await main(task);
