/**
 * Reads MSP-Podcast (Lotfian & Busso 2019, https://doi.org/10.1109/TAFFC.2017.2736999) from its release:
 * `Labels/labels_consensus.csv` (once `labels_concensus.csv`) with the columns FileName, EmoClass, EmoAct,
 * EmoVal, EmoDom, SpkrID, Gender and Split_Set, `Labels/labels_detailed.csv` with each rater's answer,
 * `Audios/MSP-PODCAST_0001_0008.wav` and `Transcripts/MSP-PODCAST_0001_0008.txt`. The layout is as EmoBox's
 * and nkululeko's scripts for the corpus and people's scripts on GitHub read it.
 */
import { basename } from "node:path";
import { badInput, count } from "../../../errors.ts";
import { faultOf } from "./msp.ts";
import { type CsvTable, requireColumns } from "../../csv.ts";
import type { Rejection } from "../../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "../source.ts";
import { clipsByName, linesOf, nameOf, targetFor, votesFor } from "./reading.ts";

/**
 * The classes by their codes, in the order of the release. `O` is other and `X` no agreement. As in MELD,
 * angry is anger, sad is sadness and happy is joy.
 */
const CODES: Readonly<Record<string, string>> = {
  A: "anger",
  S: "sadness",
  H: "joy",
  U: "surprise",
  F: "fear",
  D: "disgust",
  C: "contempt",
  N: "neutral",
};

/** The classes of MSP-Podcast. */
export const MSP_PODCAST_LABELS: readonly string[] = Object.values(CODES);

/** What a rater's main answer can be. Answers in words of their own begin with "Other". */
const ANSWERS = [...MSP_PODCAST_LABELS, "other"];

/** The dimensions, with their columns. The scale is from 1 to 7. */
const DIMENSIONS: Readonly<Record<string, string>> = {
  activation: "EmoAct",
  valence: "EmoVal",
  dominance: "EmoDom",
};

const COLUMNS = ["FileName", "EmoClass", ...Object.values(DIMENSIONS), "SpkrID", "Gender", "Split_Set"];
const CONSENSUS = /^labels_con[sc]ensus\.csv$/, DETAILED = "labels_detailed.csv";

/** Recognises MSP-Podcast by its label file. */
export const mspPodcast: DataSource = {
  id: "msp-podcast",
  name: "MSP-Podcast",
  summary: "an MSP-Podcast folder (with Labels/labels_consensus.csv)",

  async recognise(_, place) {
    const file = place.kind === "folder" ? labelFile(await place.files()) : undefined;
    return file === undefined ? undefined : { strength: 70, reason: basename(file) };
  },

  read: readPodcast,
};

const labelFile = (files: readonly string[]): string | undefined =>
  files.find((path) => CONSENSUS.test(basename(path)));

/**
 * Returns the segments of the official partitions: Train, Development and, as the split test, Test1. Those of
 * other test sets are left out with a note, unless rows are to be predicted. Throws UndertoneError if there
 * is no label file, or none of the raters' answers if votes are wanted.
 */
async function readPodcast(folder: string, place: Place): Promise<SourceRows> {
  const files = await place.files(), labels = labelFile(files);
  if (labels === undefined) {
    throw badInput({
      expected: "the labels of MSP-Podcast (Labels/labels_consensus.csv)",
      found: `none among ${files.length} files`,
      at: folder,
      todo: "Name the folder that contains Labels and Audios.",
    });
  }
  const target = targetFor(place, ["class", "distribution", "values"], folder);
  const table = await place.table(labels),
    notes = [...table.notes],
    rejected: Rejection[] = [...table.rejected];
  requireColumns(table, COLUMNS);
  const votes = target === "distribution" ? await votesIn(files, place, folder, notes) : undefined;
  const clips = clipsByName(files), words = await transcripts(folder, files, place, notes);
  notes.push(...clips.notes);
  const candidates: Candidate[] = [], others = new Map<string, number>();
  for (const { line, cells } of table.rows) {
    const at = `${table.path}, line ${line}`, id = cells.FileName.replace(/\.wav$/i, "");
    const part = cells.Split_Set, split = part === "Test1" ? "test" : part;
    if (place.labelled && /^Test[2-9]$/.test(part)) {
      others.set(part, (others.get(part) ?? 0) + 1);
      continue;
    }
    const reason = place.labelled && target === "class" ? faultOf(cells.EmoClass, CODES) : undefined;
    if (reason !== undefined) {
      rejected.push({ id, at, reason });
      continue;
    }
    candidates.push({
      at,
      id,
      split,
      text: words.get(id),
      audio: clips.paths.get(id.toLowerCase()) ?? `Audios/${id}.wav`,
      ...target === "class" ? { label: CODES[cells.EmoClass] } : {
        target: target === "distribution"
          ? votes!.get(id) ?? {}
          : Object.fromEntries(Object.entries(DIMENSIONS).map(([name, column]) => [name, cells[column]])),
      },
      speaker: known(cells.SpkrID),
      session: /^(MSP-PODCAST_\d+)_/i.exec(id)?.[1],
      gender: known(cells.Gender)?.toLowerCase(),
    });
  }
  if (others.size > 0) {
    const told = [...others].sort().map(([name, rows]) => `${rows} of ${name}`).join(" and ");
    notes.push(`Left out ${told}: the split 'test' is Test1 alone.`);
  }
  const wordless = words.size === 0 ? 0 : candidates.filter(({ text }) => text === undefined).length;
  if (wordless > 0) notes.push(`No transcript for ${count(wordless, "segment")}.`);
  const nameless = candidates.filter(({ speaker }) => speaker === undefined).length;
  if (nameless > 0) notes.push(`The speaker of ${count(nameless, "segment")} is not known.`);
  return {
    name: "MSP-Podcast",
    path: folder,
    root: folder,
    target,
    labels: target === "class" ? MSP_PODCAST_LABELS : target === "values" ? Object.keys(DIMENSIONS) : ANSWERS,
    candidates,
    rejected,
    notes,
  };
}

const known = (cell: string): string | undefined => cell === "" || /^unknown$/i.test(cell) ? undefined : cell;

/** Files that are read at the same time. */
const AT_ONCE = 64;

/** Returns the words of all transcripts by the segment's name. */
async function transcripts(
  folder: string,
  files: readonly string[],
  { encoding }: Place,
  notes: string[],
): Promise<Map<string, string>> {
  const paths = files.filter((path) => /(?:^|\/)Transcripts\/(?:.*\/)?MSP-PODCAST_[^/]+\.txt$/.test(path));
  const words = new Map<string, string>();
  for (let i = 0; i < paths.length; i += AT_ONCE) {
    await Promise.all(
      paths.slice(i, i + AT_ONCE).map(async (path) => {
        const lines = await linesOf(`${folder}/${path}`, encoding, notes);
        words.set(basename(path, ".txt"), lines.join(" ").trim());
      }),
    );
  }
  return words;
}

/**
 * Returns the votes by segment. The main answers of raters are in a column EmoClass_Major, or second in
 * EmoDetail: `WORKER00000001; Neutral; Neutral,Concerned; A:4.0; V:4.0; D:4.0;`.
 */
async function votesIn(
  files: readonly string[],
  place: Place,
  folder: string,
  notes: string[],
): Promise<Map<string, Record<string, string>>> {
  const path = files.find((path) => basename(path) === DETAILED);
  if (path === undefined) {
    throw badInput({
      expected: `the answers of MSP-Podcast's raters (${DETAILED})`,
      found: "none",
      at: folder,
      todo: "Put the file beside labels_consensus.csv, or choose --target class or --target values.",
    });
  }
  const table = await place.table(path);
  const answers = Map.groupBy(table.rows, ({ cells }) => cells.FileName.replace(/\.wav$/i, ""));
  const mainOf = answerIn(table), odd = new Map<string, number>();
  notes.push(...table.notes);
  const votes = new Map(
    [...answers].map(([id, rows]) => {
      const given = rows.map(({ cells }) => {
        const answer = mainOf(cells).trim().toLowerCase();
        const name = answer.startsWith("other") ? "other" : nameOf(answer);
        if (!ANSWERS.includes(name)) odd.set(name, (odd.get(name) ?? 0) + 1);
        return [name];
      });
      return [id, votesFor(given, ANSWERS)] as const;
    }),
  );
  const unread = [...odd.values()].reduce((sum, rows) => sum + rows, 0) + table.rejected.length;
  if (unread > 0) {
    const named = [...odd.keys()].slice(0, 3).map((name) => `'${name}'`).join(", ");
    notes.push(
      `Ignored ${count(unread, "answer")} of raters that name no class${named && `, e.g. ${named}`}.`,
    );
  }
  return votes;
}

/** Returns how a row's main answer is read. Throws UndertoneError if no column has it. */
function answerIn(table: CsvTable): (cells: Readonly<Record<string, string>>) => string {
  if (table.columns.includes("EmoClass_Major")) return (cells) => cells.EmoClass_Major;
  requireColumns(table, ["FileName", "EmoDetail"]);
  return (cells) => cells.EmoDetail.split(";")[1] ?? "";
}
