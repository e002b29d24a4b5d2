/** `deno task infer`: predicts the emotion of your own text and recordings, or of the rows of a data set. */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import {
  clipPath,
  clipWarningsNote,
  type Dataset,
  isMissing,
  loadDataset,
  rowsOf as splitRows,
  SPLITS,
  type Utterance,
} from "../lib/data/mod.ts";
import { isStored, type Modality } from "../lib/encoders/mod.ts";
import { badInput } from "../lib/errors.ts";
import { fromProject } from "../lib/paths.ts";
import { writeFileAtomic } from "../lib/files/mod.ts";
import {
  checkpointPath,
  type GivenFeatures,
  infer,
  type Inference,
  loadOtherData,
  loadRunData,
  type Prediction,
  predictionsCsv,
  requireDataSource,
  rowsReading,
  useModules,
} from "../lib/jobs/mod.ts";
import { configOf } from "../lib/model/mod.ts";
import { loadCheckpoint } from "../lib/train/mod.ts";
import { random } from "../lib/random.ts";
import { trainConfig } from "../lib/config/mod.ts";
import { type Table, tableText } from "../lib/plot/mod.ts";
import { clipsOf } from "./cli/clips.ts";
import { parseFlags, splitWords } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { requireOutput } from "./cli/output_file.ts";
import { count, encodeProgress, leftOut } from "./cli/show.ts";

const flags = z.strictObject({
  checkpoint: z.string().describe("Run folder or checkpoint file."),
  text: z.string().optional().describe(
    "Text of one utterance. With --input, features:<path> names stored features of its rows.",
  ),
  audio: z.string().optional().describe(
    "Recording of the utterance (wav, flac, mp3, ogg, opus; mp4 and more with ffmpeg). Several recordings, a " +
      "folder or a pattern ('clips/*.wav') give one prediction each. With --input, features:<path> names stored features of its rows.",
  ),
  input: z.string().optional().describe(
    "Manifest CSV of many utterances, with text and/or audio. May lack id, label and split.",
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
  output: z.string().optional().describe("CSV file to write the predictions of --input or --audio to."),
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
  use: trainConfig.shape.use.describe(
    "Your own modules that the model was trained with, e.g. --use my_head.ts. May be repeated.",
  ),
  engine: trainConfig.shape.engine,
  device: trainConfig.shape.device,
  threads: trainConfig.shape.threads,
});

type Flags = z.infer<typeof flags>;

export const task: Task = {
  name: "infer",
  summary: "Predicts the emotion of text and speech with a trained model.",
  flags,
  examples: [
    [
      "deno task infer --checkpoint outputs/first --n-samples=3",
      "three rows of its data, with their true labels",
    ],
    [
      'deno task infer --checkpoint outputs/first --text "You did what?" --audio me.wav',
      "your own words and voice",
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
    const features = featuresOf(given);
    for (const modality of Object.keys(features)) given[modality as Modality] = undefined;
    const clips = given.audio === undefined ? undefined : await clipsOf([given.audio, ...words]);
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
      enroll: given.enroll === undefined ? undefined : await enrolmentOf(given.enroll, given),
      cacheDir: own ? undefined : given.cache,
      engine: { engine: given.engine, device: given.device, threads: given.threads },
      signal,
      onProgress: encoding.update,
    });
    encoding.end();
    const { predictions, rejected } = result;
    for (const rejection of rejected) console.error(own ? rejection.reason : leftOut(rejection));
    if (clips?.many && rejected.length > 0) {
      console.error(`note: ${count(rejected.length, "clip")} of ${clips.paths.length} can't be used`);
    }
    tellNotes(result);
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

/** Returns the stored features that --text and --audio name for the rows of --input or --n-samples. */
function featuresOf(given: Flags): GivenFeatures {
  if (given.input === undefined && given.n_samples === undefined) return {};
  const named = (["text", "audio"] as const).filter((modality) => isStored(modality, given[modality] ?? ""));
  return Object.fromEntries(named.map((modality) => [modality, given[modality]]));
}

/** Returns what the checkpoint says of its training. */
async function trainedOf({ checkpoint }: Flags) {
  const path = checkpointPath(checkpoint), saved = await loadCheckpoint(path);
  return { about: saved.about, config: configOf(saved, path) };
}

/** Returns the modalities whose features are stored: rows need not name their text or clip. */
async function storedOf({ checkpoint }: Flags, features: GivenFeatures): Promise<Modality[]> {
  const { encoders } = (await loadCheckpoint(checkpointPath(checkpoint))).about;
  return (["text", "audio"] as const).filter((modality) =>
    features[modality] ?? isStored(modality, encoders[modality]?.id ?? "")
  );
}

/** Returns the utterances to predict: the user's text and recording, a manifest, or random rows. */
async function rowsOf(
  given: Flags,
  clips: { paths: string[]; many: boolean } | undefined,
  features: GivenFeatures,
): Promise<Pick<Dataset, "rows" | "root"> & Partial<Pick<Dataset, "rejected">> & { among?: Utterance[] }> {
  const { audio, input, output, n_samples } = given, text = given.text?.trim() || undefined;
  const ways = [text !== undefined || audio !== undefined, input !== undefined, n_samples !== undefined];
  const several = input !== undefined || clips?.many;
  if (ways.filter(Boolean).length !== 1 || (output !== undefined && !several)) {
    throw badInput({
      expected:
        "one of: --text and/or --audio; --input or several clips, optionally with --output; --n-samples",
      found: !ways.some(Boolean)
        ? "none of them"
        : output !== undefined && !several
        ? "--output for a single utterance"
        : "several of them",
      at: "the command line",
      todo: "Write, for example, --n-samples=3.",
    });
  }
  if (input !== undefined) {
    const { encoding, columns, pattern, cache } = given;
    const reading = rowsReading(await trainedOf(given), await storedOf(given, features));
    const dataset = await loadDataset(input, { ...reading, encoding, columns, pattern, cache });
    for (const note of dataset.notes) console.error(`note: ${note}`);
    for (const rejection of dataset.rejected) console.error(leftOut(rejection));
    return dataset;
  }
  if (n_samples !== undefined) return await samples(given, n_samples, features);
  if (clips?.many) {
    if (text !== undefined) {
      throw badInput({
        expected: "one recording beside --text",
        found: `${clips.paths.length} recordings`,
        at: "the command line",
        todo: "Omit --text, or name text and clip of each utterance in a manifest (--input).",
      });
    }
    return { rows: clips.paths.map((path) => ({ id: path, split: "test", audio: path })), root: Deno.cwd() };
  }
  const row: Utterance = { id: "input", split: "test", text, audio: audio && resolve(audio) };
  return { rows: [row], root: audio ? dirname(resolve(audio)) : "" };
}

/** Returns the rows of an enrolment: those of a data set, or the clips that a folder or pattern names. */
async function enrolmentOf(
  path: string,
  { encoding, columns, cache }: Flags,
): Promise<Pick<Dataset, "rows" | "root">> {
  const kind = await Deno.stat(path).catch(() => undefined);
  const isTable = /\.([ct]sv|parquet)$/i.test(path) ||
    (kind?.isDirectory && await isFile(`${path}/manifest.csv`));
  if (!isTable) {
    const { paths } = await clipsOf([path]);
    return { rows: paths.map((path) => ({ id: path, split: "test", audio: path })), root: Deno.cwd() };
  }
  const dataset = await loadDataset(path, { labelled: false, encoding, columns, cache });
  for (const note of dataset.notes) console.error(`note: ${note}`);
  for (const rejection of dataset.rejected) console.error(leftOut(rejection));
  return dataset;
}

const isFile = (path: string) => Deno.stat(path).then(({ isFile }) => isFile, () => false);

/** Returns a table of predictions from clips: the most probable emotion and all probabilities. */
function tableOf(predictions: readonly Prediction[]): Table {
  const labels = Object.keys(predictions[0].probabilities);
  return {
    columns: ["clip", "predicted", ...labels.map((name) => ({ name, percent: true }))],
    rows: predictions.map(({ id, predicted, probabilities }) => [
      id,
      predicted,
      ...labels.map((label) => probabilities[label]),
    ]),
  };
}

/**
 * Returns random rows of the data that the model was trained on, or of the embedded sample if that data is
 * missing.
 */
async function samples(
  given: Flags,
  wanted: number,
  features: GivenFeatures,
): Promise<Pick<Dataset, "rows" | "root"> & { among: Utterance[] }> {
  const { data, encoding, columns, pattern, cache, split, seed } = given;
  const path = checkpointPath(given.checkpoint), trained = await trainedOf(given), own = trained.config.data;
  const stored = await storedOf(given, features);
  const load = async () => {
    const reading = { encoding, columns, pattern, cache };
    if (data !== undefined) return await loadOtherData(data, trained, stored, reading);
    await requireDataSource(own, trained.about.modules, path);
    // The sample has no stored features.
    if (stored.length > 0 || !await isMissing(own)) {
      return await loadRunData(fromProject(given.checkpoint), trained, stored, reading);
    }
    console.error(`note: the model's data, ${own}, is not here; using rows of the embedded sample instead`);
    return await loadDataset("sample");
  };
  const dataset = await load();
  for (const note of dataset.notes) console.error(`note: ${note}`);
  const all = splitRows(dataset, split), rows = random(seed).shuffle(all).slice(0, wanted);
  if (rows.length < wanted) console.error(`note: the split '${split}' has ${count(all.length, "row")}`);
  return { root: dataset.root, rows, among: all };
}

/** Prints the notes about the predictions. */
function tellNotes({ unused, method, notes, clipWarnings }: Inference): void {
  for (const note of notes) console.error(`note: ${note}`);
  for (const modality of unused) console.error(`note: this ${method} model does not look at ${modality}`);
  const note = clipWarningsNote(clipWarnings);
  if (note) console.error(`note: ${note}`);
}

/** Formats a prediction for the terminal: the utterance, the answer, the truth and the probabilities. */
function card({ id, text, audio, label, target, predicted, probabilities }: Prediction): string {
  const bars = Object.entries(probabilities).sort(([, a], [, b]) => b - a).map(([name, p]) =>
    `  ${name.padEnd(12)} ${(100 * p).toFixed(1).padStart(5)} %  ${"█".repeat(Math.round(p * 30))}`
  );
  return [
    `${id}${text ? `: “${text}”` : ""}${audio ? `  [${audio}]` : ""}`,
    `  predicted ${predicted}${label ? `, true ${label}${label === predicted ? " ✓" : " ✗"}` : ""}`,
    ...target
      ? [`  true      ${Object.entries(target).map(([name, n]) => `${name} ${rounded(n)}`).join(", ")}`]
      : [],
    ...bars,
    "",
  ].join("\n");
}

const rounded = (value: number): number => Number(value.toFixed(3));

if (import.meta.main) await main(task);
