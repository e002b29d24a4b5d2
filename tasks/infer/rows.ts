/** The utterances that `deno task infer` predicts: the user's own, those of a manifest, or random rows. */
import { dirname, resolve } from "node:path";
import {
  type Dataset,
  isMissing,
  loadDataset,
  rowsOf as splitRows,
  type Utterance,
} from "../../lib/data/mod.ts";
import { isStored, type Modality } from "../../lib/encoders/mod.ts";
import { badInput } from "../../lib/errors.ts";
import { fromProject } from "../../lib/paths.ts";
import {
  checkpointPath,
  type GivenFeatures,
  loadOtherData,
  loadRunData,
  requireDataSource,
  rowsReading,
} from "../../lib/jobs/mod.ts";
import { configOf } from "../../lib/model/mod.ts";
import { loadCheckpoint } from "../../lib/train/mod.ts";
import { random } from "../../lib/random.ts";
import { clipsOf } from "../cli/clips.ts";
import { tellNotes } from "../cli/output.ts";
import { count, leftOut } from "../cli/show.ts";
import type { Flags } from "./flags.ts";

/** Returns the stored features that --text and --audio name for the rows of --input or --n-samples. */
export function featuresOf(given: Flags): GivenFeatures {
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
export async function rowsOf(
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
    tellNotes(dataset.notes);
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
export async function enrolmentOf(
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
  tellNotes(dataset.notes);
  for (const rejection of dataset.rejected) console.error(leftOut(rejection));
  return dataset;
}

const isFile = (path: string) => Deno.stat(path).then(({ isFile }) => isFile, () => false);

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
    tellNotes([`the model's data, ${own}, is not here; using rows of the embedded sample instead`]);
    return await loadDataset("sample");
  };
  const dataset = await load();
  tellNotes(dataset.notes);
  const all = splitRows(dataset, split), rows = random(seed).shuffle(all).slice(0, wanted);
  if (rows.length < wanted) tellNotes([`the split '${split}' has ${count(all.length, "row")}`]);
  return { root: dataset.root, rows, among: all };
}
