/**
 * Reads the layout in which MMSA hands out CMU-MOSI and CMU-MOSEI
 * (https://github.com/FlameSky-S/MMSA-FET/wiki/Dataset-and-Structure): `label.csv` with the columns video_id,
 * clip_id, text, label, label_T, label_A, label_V, annotation and mode, and clips
 * `Raw/<video_id>/<clip_id>.mp4`.
 */
import { basename, dirname, extname } from "node:path";
import { badInput, count } from "../../../errors.ts";
import type { CsvTable } from "../../csv.ts";
import { listFiles } from "../../folder.ts";
import type { Place, SourceRows } from "../source.ts";
import { clipsByName, type NamedClips, targetFor } from "./reading.ts";

const COLUMNS = ["video_id", "clip_id", "text", "label", "annotation", "mode"];

/** Sentiments in words, in the order of their values. */
const SENTIMENTS = ["negative", "neutral", "positive"];

/** The table of a place in this layout, if it is CMU's: the labels of single modalities are empty there. */
export async function mmsaTable(place: Place): Promise<CsvTable | undefined> {
  if (place.kind === "nothing") return undefined;
  const file = place.kind === "folder" ? labelFile(await place.files()) : undefined;
  if (place.kind === "folder" && file === undefined) return undefined;
  const table = await place.table(file).catch(() => undefined);
  if (!table || !COLUMNS.every((name) => table.columns.includes(name)) || table.rows.length === 0) {
    return undefined;
  }
  const isSims = table.rows.some(({ cells }) =>
    ["label_T", "label_A", "label_V"].some((name) => cells[name])
  );
  return isSims ? undefined : table;
}

const labelFile = (files: readonly string[]): string | undefined =>
  files.filter((path) => basename(path) === "label.csv" && path.split("/").length <= 2)
    .sort((a, b) => a.split("/").length - b.split("/").length)[0];

/** Returns the videos of a table. */
export const videosIn = (
  { rows }: CsvTable,
): string[] => [...new Set(rows.map(({ cells }) => cells.video_id))];

/**
 * Returns the rows of such a table. The value `sentiment` goes from -3 to 3; with classes as the target it is
 * negative, neutral or positive. Splits are those of the column `mode`.
 */
export async function mmsaRows(
  name: string,
  path: string,
  place: Place,
  table: CsvTable,
): Promise<SourceRows> {
  const target = targetFor(place, ["values", "class"], path), isFile = place.kind === "file";
  const root = isFile ? dirname(path) : path, notes = [...table.notes];
  const files = !place.audio ? [] : isFile ? await listFiles(root, 2) : await place.files();
  const clips = segmentClips(files);
  notes.push(...clips.notes, ...segmentNotes(clips, place, root, "Raw/<video_id>/<clip_id>.mp4"));
  return {
    name,
    path,
    root,
    target,
    labels: target === "class" ? SENTIMENTS : ["sentiment"],
    candidates: table.rows.map(({ line, cells: { video_id: video, clip_id: clip, ...cells } }) => ({
      at: `${table.path}, line ${line}`,
      ...segment(video, clip),
      split: cells.mode,
      text: cells.text,
      audio: clipOf(clips, video, clip) ??
        (clips.paths.size > 0 || place.byName ? `Raw/${video}/${clip}.mp4` : undefined),
      ...target === "class"
        ? { label: cells.annotation.toLowerCase() }
        : { target: { sentiment: cells.label } },
    })),
    rejected: table.rejected,
    notes: [...notes, VIDEO_IS_SPEAKER],
  };
}

/** The guess about speakers, which both corpora need. */
export const VIDEO_IS_SPEAKER =
  "The speaker of a segment is its video: one person speaks in each. Who speaks in several is not published.";

/** Returns what the name of a segment says. Segments of a video are turns of one dialogue, a monologue. */
export const segment = (video: string, clip: string) => ({
  id: `${video}_${clip}`,
  speaker: video,
  dialogue: video,
  turn: String(Number(clip)),
});

/** Finds the clips of segments: `video_3.wav`, or `video/3.mp4` and `video/0003.mp4`. */
export const segmentClips = (files: readonly string[]): NamedClips =>
  clipsByName(files, (path) => {
    const stem = basename(path, extname(path));
    return /^\d+$/.test(stem) ? `${basename(dirname(path))}_${Number(stem)}` : stem;
  });

/** Returns the clip of a segment. */
export const clipOf = ({ paths }: NamedClips, video: string, clip: string): string | undefined =>
  paths.get(`${video}_${/^\d+$/.test(clip) ? Number(clip) : clip}`.toLowerCase());

/** Says that there are no clips. */
export const segmentNotes = (
  { paths }: NamedClips,
  { audio }: Place,
  root: string,
  where: string,
): string[] =>
  audio && paths.size === 0
    ? [`Found no clips of segments (${where}) below ${root}: only text is used.`]
    : [];

/** Throws the error for a place that is in none of a corpus' layouts. */
export function refuse(corpus: string, place: Place, path: string, official: string): never {
  throw badInput({
    expected:
      `${corpus} as MMSA hands it out (label.csv, Raw/<video_id>/<clip_id>.mp4) or as released (${official})`,
    found: place.kind === "folder"
      ? "neither"
      : `a ${place.kind} without these columns: ${COLUMNS.join(", ")}`,
    at: path,
    todo: "Name the folder that contains these files.",
  });
}

/** Returns a note on segments without words. */
export const wordlessNotes = (wordless: number): string[] =>
  wordless > 0 ? [`No words in the transcripts for ${count(wordless, "segment")}.`] : [];
