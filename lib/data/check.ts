/** Checks the rows that a source found. Unusable rows are rejected with a reason. */
import { badInput, UndertoneError } from "../errors.ts";
import type { Modality } from "./sequence.ts";
import type { Candidate, CandidateSource } from "./sources/source.ts";
import { type RowTarget, type TargetDemands, targetReader } from "./target.ts";
import { repairText } from "./text.ts";
import {
  clipPath,
  type Rejection,
  rejectionCounts,
  type Split,
  splitNamed,
  SPLITS,
  type Utterance,
} from "./utterance.ts";

/** A usable row that may not have a split yet. */
export type UnsplitRow = Omit<Utterance, "split"> & { split?: Split };

export interface Demands extends TargetDemands {
  /** Whether a row needs a target and a split. */
  labelled: boolean;
  /**
   * Modalities that the run reads. A row needs one of them. Clips are checked only if audio is among them.
   */
  modalities: readonly Modality[];
}

export interface Checked {
  rows: UnsplitRow[];
  rejected: Rejection[];
  notes: string[];
}

/**
 * Returns the rows of the source that meet the demands. Throws UndertoneError if no row does, or no row of a
 * split.
 */
export function checkRows(source: CandidateSource, demands: Demands): Checked {
  const rows: UnsplitRow[] = [];
  const rejected = [...source.rejected];
  const ids = new Set<string>();
  const hasClip = clipFinder(source.root);
  const readTarget = targetReader(source, demands);
  let repaired = 0;
  let badTurns = 0;
  for (const candidate of source.candidates) {
    const text = repairText(candidate.text ?? "").trim();
    const audio = demands.modalities.includes("audio") ? candidate.audio : undefined;
    const unnamed = !demands.labelled && !candidate.split;
    const split = unnamed ? "test" : splitNamed(candidate.split ?? "");
    const target = readTarget(candidate);
    const reason = fault({ ...candidate, text, audio }, split, ids, demands) ??
      (typeof target === "string" ? target : undefined) ??
      (audio && !hasClip(audio) ? `clip missing: ${audio}` : undefined);
    if (reason !== undefined) {
      rejected.push({ id: candidate.id || "(none)", at: candidate.at, reason });
      continue;
    }
    ids.add(candidate.id);
    const turn = candidate.turn ? Number(candidate.turn) : undefined;
    const goodTurn = turn === undefined || Number.isInteger(turn);
    repaired += Number(text !== candidate.text?.trim() && text !== "");
    badTurns += Number(!goodTurn);
    rows.push({
      id: candidate.id,
      ...(split && { split }),
      ...(text && { text }),
      ...(audio && { audio }),
      ...(target as RowTarget),
      ...(candidate.speaker && { speaker: repairText(candidate.speaker) }),
      ...(candidate.dialogue && { dialogue: candidate.dialogue }),
      ...(goodTurn && turn !== undefined && { turn }),
    });
  }
  requireSome(source, rows, rejected);
  const notes = [...source.notes];
  if (repaired > 0) notes.push(`Repaired Windows-1252 control characters in the text of ${repaired} rows.`);
  if (badTurns > 0) notes.push(`Ignored the turn of ${badTurns} rows because it is not a whole number.`);
  return { rows, rejected, notes };
}

function fault(
  { id, split: given, text, audio }: Candidate,
  split: Split | undefined,
  ids: ReadonlySet<string>,
  { modalities }: Demands,
): string | undefined {
  if (!id) return "no id";
  if (ids.has(id)) return `duplicate id: ${id}`;
  if (given === "" && split === undefined) return "no split";
  if (given !== undefined && split === undefined) {
    return `unknown split: '${given}' is not one of ${SPLITS.join(", ")}`;
  }
  if (!(text && modalities.includes("text")) && !audio) {
    return modalities.length > 1 ? "neither text nor audio" : `no ${modalities[0]}`;
  }
}

/** Returns a function that says whether a clip is a file. It checks each path once. */
function clipFinder(root: string): (audio: string) => boolean {
  const known = new Map<string, boolean>();
  return (audio) => {
    let found = known.get(audio);
    if (found === undefined) known.set(audio, found = isFile(clipPath(root, audio)));
    return found;
  };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw new UndertoneError(`The clip ${path} can't be accessed: ${error}`, "input", { cause: error });
  }
}

function requireSome(
  source: CandidateSource,
  rows: readonly UnsplitRow[],
  rejected: readonly Rejection[],
): void {
  const told = source.notes.map((note) => ` ${note}`).join("");
  const todo = rejected.length === 0
    ? "Add rows."
    : `The first: ${rejected[0].reason} (${rejected[0].at}). Fix the rows, or the paths in them.${told}`;
  if (rows.length === 0) {
    const found = rejected.length === 0
      ? "none"
      : `none among ${rejected.length} (${rejectionCounts(rejected).join(", ")})`;
    throw badInput({ expected: "rows that can be used", found, at: source.path, todo });
  }
  for (const split of SPLITS) {
    const lost = source.candidates.filter((row) => splitNamed(row.split ?? "") === split).length;
    if (lost === 0 || rows.some((row) => row.split === split)) continue;
    throw badInput({
      expected: `rows of the split '${split}' that can be used`,
      found: `none among ${lost} (all rows left out: ${rejectionCounts(rejected).join(", ")})`,
      at: source.path,
      todo,
    });
  }
}
