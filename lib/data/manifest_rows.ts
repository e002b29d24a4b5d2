/** Reads the rows of any data set as its source gives them, and writes them as a manifest. */
import { dirname, relative, resolve } from "node:path";
import { csvText } from "../files/mod.ts";
import { fromProject } from "../paths.ts";
import type { VectorKind } from "../target.ts";
import { clipFinder } from "./clips.ts";
import { MANIFEST_COLUMNS } from "./sources/columns.ts";
import { dataPath } from "./sources/data_path.ts";
import { readSource } from "./sources/find.ts";
import { targetColumn, TEXT_SOURCE } from "./sources/manifest.ts";
import type { Candidate, CandidateSource } from "./sources/source.ts";
import type { LoadOptions } from "./load.ts";
import { clipPath, type Rejection } from "./utterance.ts";

/** A row of a manifest to be. */
export interface ManifestRow {
  /** The row as its source gives it, with cells of further columns. */
  candidate: Candidate;
  /** Absolute path of its clip; undefined if it names none. */
  clip?: string;
  /** Why the clip can't be used. */
  fault?: string;
}

/** The rows of a data set, as its source gives them. */
export interface ManifestRows extends Pick<CandidateSource, "name" | "path" | "target"> {
  rows: ManifestRow[];
  /** Rows that can't stand in a manifest: broken lines, and labels that the source leaves out. */
  rejected: Rejection[];
  notes: string[];
}

/** Reads all rows, usable or not. Throws UndertoneError if no source recognises the path. */
export async function readManifestRows(
  path: string,
  { encoding, columns, pattern, cache = "outputs/cache" }: Pick<
    LoadOptions,
    "encoding" | "columns" | "pattern" | "cache"
  > = {},
): Promise<ManifestRows> {
  const source = await readSource(dataPath(path), {
    labelled: false,
    audio: true,
    encoding,
    columnNames: Object.values(columns ?? {}).some((name) => name !== undefined) ? columns : undefined,
    pattern,
    cache: fromProject(cache),
  });
  const { name, path: from, target, labels, root, candidates } = source;
  const clips = clipFinder(root), rejected = [...source.rejected];
  const isLeftOut = ({ label }: Candidate) =>
    (target ?? "class") === "class" && labels !== undefined && !!label && !labels.includes(label);
  const rows = candidates.flatMap((candidate): ManifestRow[] => {
    const { audio, at, id, label } = candidate;
    if (isLeftOut(candidate)) {
      rejected.push({ id: id || "(none)", at, reason: `unknown label: '${label}'` });
      return [];
    }
    if (!audio) return [{ candidate }];
    const found = clips.find(audio);
    return [{ candidate, clip: clipPath(root, found.path ?? audio), fault: found.fault }];
  });
  const folds = candidates.some(({ folds }) => folds)
    ? [`A manifest has no column for the published folds of ${from}.`]
    : [];
  const notes = source.notes.filter((note) => !isCopied(note, candidates));
  return { name, path: from, target, rows, rejected, notes: [...notes, ...clips.notes(), ...folds] };
}

/** Whether a note says that columns are ignored which the rows have all the same. */
const isCopied = (note: string, [first = { at: "", id: "" }]: readonly Candidate[]): boolean =>
  /^Ignored columns of /.test(note) &&
  [...note.matchAll(/'([^']*)'/g)].every(([, name]) => Object.hasOwn(first, name));

/** Fields of a row that are no cells. */
const FIELDS = ["at", "target", "folds", "textSource"];

/** Returns a manifest at `path` as CSV: its own columns that have a value, then all others. */
export function manifestCsv({ rows, target }: Pick<ManifestRows, "rows" | "target">, path: string): string {
  const folder = dirname(resolve(path));
  const vectors = target && target !== "class" ? target as VectorKind : undefined;
  const records = rows.map(({ candidate, clip }) => {
    const { target: numbers, textSource, ...cells } = candidate;
    const ofTarget = vectors && Object.entries(numbers ?? {})
      .map(([name, value]) => [targetColumn(vectors, name), value]);
    return {
      ...Object.fromEntries(Object.entries(cells).filter(([name]) => !FIELDS.includes(name))),
      ...ofTarget && Object.fromEntries(ofTarget),
      ...clip && { audio: relative(folder, clip).replaceAll("\\", "/") },
      [TEXT_SOURCE]: textSource,
    } as Record<string, string | undefined>;
  });
  const ours: readonly string[] = [...MANIFEST_COLUMNS, TEXT_SOURCE];
  const used = new Set(records.flatMap((record) => Object.keys(record)));
  const filled = ours.filter((name) => records.some((record) => record[name]));
  const columns = [...new Set(["id", ...filled, ...[...used].filter((name) => !ours.includes(name))])];
  const lines = records.map((record) => columns.map((name) => record[name] ?? ""));
  return csvText([columns, ...lines], { formulas: true }); // it is read back as it is
}
