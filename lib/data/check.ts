/** Checks the rows that a source found. Unusable rows are rejected with a reason. */
import { badInput, count } from "../errors.ts";
import { clipFinder } from "./clips.ts";
import type { Modality } from "./sequence.ts";
import type { Candidate, CandidateSource } from "./sources/source.ts";
import { type RowTarget, type TargetDemands, targetReader } from "./target.ts";
import { repairText } from "./text.ts";
import { textSources } from "./text_source.ts";
import {
  type Rejection,
  rejectionCounts,
  type Split,
  splitNamed,
  SPLITS,
  textOnlyNotes,
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
  /**
   * Modalities whose features are stored: a row need not have them, and its clip need not exist. Default
   * none.
   */
  stored?: readonly Modality[];
  /** Keeps the text of a row whose clip can't be used. Default false. */
  keepText?: boolean;
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
  const clips = clipFinder(source.root);
  const readTarget = targetReader(source, demands);
  const textOnly: Rejection[] = [], { stored = [] } = demands;
  const readsClips = demands.modalities.includes("audio") && !stored.includes("audio");
  const sources = textSources();
  let repaired = 0;
  let badTurns = 0;
  for (const candidate of source.candidates) {
    const text = repairText(candidate.text ?? "").trim();
    const clip = readsClips && candidate.audio ? clips.find(candidate.audio) : undefined;
    const silenced = demands.keepText && clip?.fault !== undefined && text !== "" &&
      demands.modalities.includes("text");
    const named = stored.length > 0 ? candidate.audio : undefined;
    const audio = silenced ? undefined : clip ? clip.path ?? candidate.audio : named;
    const unnamed = !demands.labelled && !candidate.split;
    const split = unnamed ? "test" : splitNamed(candidate.split ?? "");
    const target = readTarget(candidate);
    const reason = fault({ ...candidate, text, audio }, split, ids, demands) ??
      (typeof target === "string" ? target : undefined) ??
      (silenced ? undefined : clip?.fault);
    if (reason !== undefined) {
      rejected.push({ id: candidate.id || "(none)", at: candidate.at, reason });
      continue;
    }
    ids.add(candidate.id);
    if (silenced) textOnly.push({ id: candidate.id, at: candidate.at, reason: clip.fault! });
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
      ...(candidate.session && { session: candidate.session }),
      ...(candidate.gender && { gender: candidate.gender }),
      ...(candidate.age && { age: candidate.age }),
      ...(candidate.corpus && { corpus: candidate.corpus }),
      ...(text && sources.read(candidate)),
      ...(candidate.folds && { folds: candidate.folds.split(",").map(splitNamed) }),
    });
  }
  requireSome(source, rows, rejected);
  const told = demands.modalities.includes("text") ? sources.notes(rows) : [];
  const notes = [...source.notes, ...clips.notes(), ...textOnlyNotes(textOnly), ...told];
  if (repaired > 0) {
    notes.push(`Repaired Windows-1252 control characters in the text of ${count(repaired, "row")}.`);
  }
  if (badTurns > 0) {
    notes.push(`Ignored the turn of ${count(badTurns, "row")} because it is not a whole number.`);
  }
  return { rows, rejected, notes };
}

function fault(
  { id, split: given, text, audio }: Candidate,
  split: Split | undefined,
  ids: ReadonlySet<string>,
  { modalities, stored = [] }: Demands,
): string | undefined {
  if (!id) return "no id";
  if (ids.has(id)) return `duplicate id: ${id}`;
  if (given === "" && split === undefined) return "no split";
  if (given !== undefined && split === undefined) {
    return `unknown split: '${given}' is not one of ${SPLITS.join(", ")}`;
  }
  if (stored.length === 0 && !(text && modalities.includes("text")) && !audio) {
    return modalities.length > 1 ? "neither text nor audio" : `no ${modalities[0]}`;
  }
}

function requireSome(
  source: CandidateSource,
  rows: readonly UnsplitRow[],
  rejected: readonly Rejection[],
): void {
  const told = source.notes.map((note) => ` ${note}`).join("");
  const todo = rejected.length === 0
    ? "The data may be incomplete: look at the files there, or add rows."
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
