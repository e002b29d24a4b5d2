/**
 * Reads CMU-MOSEI (Zadeh et al. 2018, https://aclanthology.org/P18-1208) in two layouts: as MMSA hands it out
 * (see mmsa.ts), with sentiment alone, and as CMU released it, with the answers of each rater:
 * `Raw/Labels/5000_batch_raw.csv` and others (Input.VIDEO_ID, Input.CLIP, Answer.happiness, …),
 * `Raw/Transcript/Segmented/Combined/<video>.txt` (`video___0___start___end___words`) and clips
 * `Raw/Videos/Segmented/Combined/<video>_0.mp4`. The latter is as people's scripts on GitHub read it;
 * we found no description of it, so it is unconfirmed, and so is that its raters give the SDK's labels.
 */
import { basename, dirname } from "node:path";
import { count } from "../../../errors.ts";
import { wholeText } from "../../../files/mod.ts";
import { type Rejection, type Split, splitNamed } from "../../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "../source.ts";
import { MOSI_VIDEOS } from "./cmu_mosi.ts";
import {
  clipOf,
  mmsaRows,
  mmsaTable,
  refuse,
  segment,
  segmentClips,
  segmentNotes,
  VIDEO_IS_SPEAKER,
  videosIn,
  wordlessNotes,
} from "./mmsa.ts";
import { linesOf, meanOf, targetFor } from "./reading.ts";

/**
 * The emotions in the order of CMU's Multimodal SDK, with their columns. Happy is joy and sad is sadness, as
 * in MELD.
 */
const EMOTIONS: Readonly<Record<string, string>> = {
  joy: "Answer.happiness",
  sadness: "Answer.sadness",
  anger: "Answer.anger",
  surprise: "Answer.surprise",
  disgust: "Answer.disgust",
  fear: "Answer.fear",
};

/** The labels of CMU-MOSEI: several can be present at once. */
export const MOSEI_LABELS: readonly string[] = Object.keys(EMOTIONS);

const SENTIMENT = "Answer.sentiment";
const COLUMNS = ["Input.VIDEO_ID", "Input.CLIP", SENTIMENT, ...Object.values(EMOTIONS)];

/** Names of label files in the release. */
const RELEASED =
  /^(5000_batch_raw|Batch_2980374_batch_results|extreme_sentiment_results|pom_extra_sqa_mono_results)/;
const TRANSCRIPT = /(?:^|\/)Transcript\/Segmented\/Combined\/[^/]+\.txt$/;
const FOLDS = "cmu_mosei_std_folds.py";

/**
 * Recognises CMU-MOSEI by its label files, or by the columns of MMSA's and videos that are not CMU-MOSI's.
 */
export const mosei: DataSource = {
  id: "mosei",
  name: "CMU-MOSEI",
  summary: "a CMU-MOSEI folder (with label.csv or Labels/5000_batch_raw.csv)",

  async recognise(_, place) {
    const { length } = place.kind === "folder" ? labelFiles(await place.files()) : [];
    if (length > 0) return { strength: 70, reason: `${count(length, "label file")} of CMU-MOSEI` };
    const table = await mmsaTable(place);
    if (!table || videosIn(table).every((video) => MOSI_VIDEOS.has(video))) return undefined;
    return { strength: 60, reason: "columns of MMSA, with videos that are not CMU-MOSI's" };
  },

  async read(path, place) {
    const files = place.kind === "folder" ? await place.files() : [];
    if (labelFiles(files).length > 0) return await released(path, place, files);
    const table = await mmsaTable(place);
    return table
      ? await mmsaRows("CMU-MOSEI", path, place, table)
      : refuse("CMU-MOSEI", place, path, "Labels/5000_batch_raw.csv, …");
  },
};

/** Returns the label files: all CSV files beside one with a name of the release. */
function labelFiles(files: readonly string[]): string[] {
  const known = files.filter((path) => RELEASED.test(basename(path)) && path.endsWith(".csv"));
  const folders = new Set(known.map((path) => dirname(path)));
  return files.filter((path) => path.endsWith(".csv") && folders.has(dirname(path)));
}

/** The answers of the raters of a segment. */
interface Rated {
  at: string;
  video: string;
  clip: string;
  sentiments: number[];
  /** Emotions that a rater found, each with its intensity. */
  present: Set<string>;
}

/**
 * Reads CMU's own release. An emotion is present if a rater found any of it, and sentiment is the raters'
 * mean, as CMU defines both. Splits are those of the SDK's file cmu_mosei_std_folds.py, if it lies in the
 * folder.
 */
async function released(folder: string, place: Place, files: readonly string[]): Promise<SourceRows> {
  const target = targetFor(place, ["labels", "values"], folder);
  const notes: string[] = [], rejected: Rejection[] = [], words = new Map<string, string>();
  for (const path of files.filter((path) => TRANSCRIPT.test(path))) {
    for (const line of await linesOf(`${folder}/${path}`, place.encoding, notes)) {
      const [video, clip, , , ...text] = line.split("___");
      if (text.length > 0) words.set(`${video}_${clip}`, text.join("___"));
    }
  }
  const rated = await ratedSegments(labelFiles(files), place, notes, rejected);
  const folds = files.find((path) => basename(path) === FOLDS);
  const splits = folds === undefined
    ? undefined
    : foldsIn(wholeText(await Deno.readFile(`${folder}/${folds}`), folds));
  const clips = segmentClips(place.audio ? files : []), candidates: Candidate[] = [];
  let wordless = 0;
  for (const { at, video, clip, sentiments, present } of rated) {
    const named = segment(video, clip), split = splits?.get(video), text = words.get(named.id);
    if (splits !== undefined && split === undefined) {
      rejected.push({ at, id: named.id, reason: `a video of no standard fold: ${video}` });
      continue;
    }
    wordless += Number(text === undefined);
    candidates.push({
      at,
      ...named,
      ...split && { split },
      text,
      audio: clipOf(clips, video, clip) ??
        (clips.paths.size > 0 || place.byName ? `Videos/Segmented/Combined/${named.id}.mp4` : undefined),
      target: target === "values"
        ? { sentiment: sentiments.length > 0 ? meanOf(sentiments) : "" }
        : Object.fromEntries(MOSEI_LABELS.map((name) => [name, present.has(name) ? "1" : "0"])),
    });
  }
  if (splits === undefined) {
    notes.push(`The standard folds are in ${FOLDS} of CMU's Multimodal SDK: put that file into ${folder}.`);
  }
  return {
    name: "CMU-MOSEI",
    path: folder,
    root: folder,
    target,
    labels: target === "values" ? ["sentiment"] : MOSEI_LABELS,
    candidates,
    rejected,
    notes: [
      ...notes,
      ...clips.notes,
      ...segmentNotes(clips, place, folder, "Videos/Segmented/Combined/<video>_0.mp4"),
      ...wordlessNotes(wordless),
      VIDEO_IS_SPEAKER,
    ],
  };
}

/**
 * Returns the segments in the order of the label files. A rater's answer that is in several files counts
 * once. One without any number is no answer.
 */
async function ratedSegments(
  paths: readonly string[],
  place: Place,
  notes: string[],
  rejected: Rejection[],
): Promise<Rated[]> {
  const rated = new Map<string, Rated>(), seen = new Set<string>();
  let copies = 0, empty = 0;
  for (const path of paths) {
    const table = await place.table(path);
    if (!COLUMNS.every((name) => table.columns.includes(name))) {
      notes.push(`Not read: ${path}, which lacks columns of CMU-MOSEI's label files.`);
      continue;
    }
    notes.push(...table.notes);
    for (const each of table.rejected) rejected.push(each);
    for (const { line, cells } of table.rows) {
      const video = basename(cells["Input.VIDEO_ID"]), clip = cells["Input.CLIP"], id = `${video}_${clip}`;
      const at = `${table.path}, line ${line}`, assignment = cells.AssignmentId;
      const odd = COLUMNS.slice(2).find((name) =>
        cells[name] !== "" && !Number.isFinite(Number(cells[name]))
      );
      if (odd !== undefined) {
        rejected.push({ id, at, reason: `no number: '${cells[odd]}' for '${odd}'` });
        continue;
      }
      if (assignment && seen.has(assignment)) copies++;
      else if (COLUMNS.slice(2).every((name) => cells[name] === "")) empty++;
      else {
        if (assignment) seen.add(assignment);
        const known = rated.get(id) ?? { at, video, clip, sentiments: [], present: new Set() };
        rated.set(id, known);
        if (cells[SENTIMENT] !== "") known.sentiments.push(Number(cells[SENTIMENT]));
        for (const [name, column] of Object.entries(EMOTIONS)) {
          if (Number(cells[column]) > 0) known.present.add(name);
        }
      }
    }
  }
  if (copies > 0) {
    notes.push(`Ignored ${count(copies, "answer")} of raters that another label file has, too.`);
  }
  if (empty > 0) notes.push(`Ignored ${count(empty, "answer")} of raters without any number.`);
  return [...rated.values()];
}

/** Returns the split of each video in the SDK's file: `standard_train_fold=['a', 'b']`. */
function foldsIn(text: string): Map<string, Split> {
  const splits = new Map<string, Split>();
  for (const [, name, list] of text.matchAll(/standard_(train|valid|test)_fold\s*=\s*\[([^\]]*)\]/g)) {
    for (const [, video] of list.matchAll(/['"]([^'"]+)['"]/g)) splits.set(video, splitNamed(name)!);
  }
  return splits;
}
