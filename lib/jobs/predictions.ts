/** Predictions of rows in words, and as CSV that is read back. */
import { parse } from "csv-parse/sync";
import type { Utterance } from "../data/mod.ts";
import { badInput, count } from "../errors.ts";
import { areClasses, argmax, holds, type Scores } from "../eval/mod.ts";
import { csvText, unescapeFormula } from "../files/mod.ts";
import type { Target, TargetKind, VectorKind } from "../target.ts";
import type { Durations } from "./durations.ts";
import type { ScoredRow } from "./scored.ts";

/** The prediction for one utterance. */
export interface Prediction {
  /** Id of the row. */
  id: string;
  /** Text of the utterance. */
  text?: string;
  /** Path of the clip. */
  audio?: string;
  /** True label, if known and a class. */
  label?: string;
  /** True number of each name, if known and no class. */
  target?: Readonly<Record<string, number>>;
  /**
   * The most probable label. Of several labels at once, all whose probability is above one half; of
   * continuous values, each dimension with its value.
   */
  predicted: string;
  /** The labels of the conformal set, the most probable first, if sets were asked for. */
  set?: string[];
  /** Probability of each label; empty for continuous values. */
  probabilities: Record<string, number>;
  /** Value of each dimension, for continuous values alone. */
  values?: Record<string, number>;
  /** Seconds that the model's encoder reads of the clip, in the results of a run that reads clips. */
  seconds?: number;
  /** Who speaks, in the results of a run whose data tell it. */
  speaker?: string;
  /** The dialogue of the utterance, in the results of a run whose data tell it. */
  dialogue?: string;
}

/** What a model predicts: the kind and names of its targets. */
interface Predicts {
  target: TargetKind;
  labels: readonly string[];
}

/**
 * Returns the prediction for a row from the model's answer. A truth of another kind than the answer is left
 * out.
 */
export function predictionOf(
  { id, text, audio, label, target: truth }: Omit<Utterance, "split">,
  answer: readonly number[],
  { target, labels }: Predicts,
): Prediction {
  const byName = Object.fromEntries(labels.map((name, i) => [name, answer[i]]));
  const isValues = target === "values";
  return {
    id,
    text,
    audio,
    label: target === "class" ? label : undefined,
    ...truth && target !== "class" && { target: truth },
    predicted: FORMS[target].said(answer, labels),
    probabilities: isValues ? {} : byName,
    ...isValues && { values: byName },
  };
}

/** How predictions of one kind are written. */
interface Form {
  /** The answer in words. */
  said(answer: readonly number[], labels: readonly string[]): string;
  /** Prefix of the columns with the true numbers, as in a manifest. A class has the column `label`. */
  truth?: string;
  /** Prefix of the columns with the answer. */
  answer: string;
  /** Writes a number of the answer. */
  written(value: number): string;
}

const mostProbable: Form["said"] = (answer, labels) => labels[argmax(answer)];
const shares = { answer: "p_", said: mostProbable };
/** Seven digits, as many as float32 has. */
const exact = (value: number) => String(Number(value.toPrecision(7)));

const FORMS: Record<TargetKind, Form> = {
  class: { ...shares, written: exact },
  distribution: { ...shares, truth: "label:", written: exact },
  labels: {
    ...shares,
    truth: "has:",
    said: (answer, labels) => labels.filter((_, i) => holds(answer[i])).join(" + ") || "none",
    written: exact,
  },
  values: {
    truth: "value:",
    answer: "predicted:",
    said: (answer, labels) => labels.map((name, i) => `${name} ${answer[i].toFixed(3)}`).join(", "),
    written: exact,
  },
};

/**
 * Returns a CSV of predictions with id, text, audio, the true label or numbers, the predicted label, and the
 * probability of every label or the value of every dimension, and the length of the clip, the speaker and the
 * dialogue if known. Text that a spreadsheet would take for a formula gets an apostrophe before it, unless
 * `formulas` are allowed.
 */
export function predictionsCsv(
  predictions: readonly Prediction[],
  { target, labels }: Predicts,
  options: { formulas?: boolean } = {},
): string {
  const { truth, answer, written } = FORMS[target], timed = predictions.some(({ seconds }) => seconds);
  const places = (["speaker", "dialogue"] as const).filter((place) => predictions.some((row) => row[place]));
  const inSets = predictions.some(({ set }) => set);
  return csvText([
    [
      "id",
      "text",
      "audio",
      ...truth === undefined ? ["label"] : labels.map((name) => truth + name),
      ...target === "values" ? [] : ["predicted"],
      ...labels.map((name) => answer + name),
      ...inSets ? ["set"] : [],
      ...timed ? ["seconds"] : [],
      ...places,
    ],
    ...predictions.map(({ id, text, audio, label, target: numbers, predicted, ...numeric }) => [
      id,
      text,
      audio,
      ...truth === undefined ? [label] : labels.map((name) => numbers?.[name]?.toString()),
      ...target === "values" ? [] : [predicted],
      ...labels.map((name) => written((numeric.values ?? numeric.probabilities)[name])),
      ...inSets ? [numeric.set && setText(numeric.set)] : [],
      ...timed ? [numeric.seconds?.toFixed(3)] : [],
      ...places.map((place) => numeric[place]),
    ]),
  ], options);
}

/** Says a set of labels: "joy or surprise". */
export const setText = (set: readonly string[]): string => set.join(" or ");

/**
 * Reads the rows of a CSV of predictions whose targets are known. `at` is its path. Throws UndertoneError if
 * the file is damaged: no CSV, a row without a truth or an answer, or a number that no answer can be.
 */
export function readPredictions(
  csv: string,
  { target, labels }: Predicts,
  at = "the predictions",
): ScoredRow[] {
  const { answer } = FORMS[target];
  return readCells(csv, at).map((row) => ({
    id: row.id,
    target: readTruth(row, target, labels, at),
    answer: labels.map((name) => numberIn(row, answer + name, at, target !== "values")),
  }));
}

/** Reads the cells of a CSV by their columns, without escapes. Throws UndertoneError if it is no CSV. */
export function readCells(csv: string, at: string): Record<string, string>[] {
  try {
    return parse(csv, { columns: true, cast: unescapeFormula });
  } catch (cause) {
    const todo = "The file is damaged or was edited: restore it, or have it written again.";
    throw badInput(
      { expected: "a CSV file", found: `a broken one (${(cause as Error).message})`, at, todo },
      cause,
    );
  }
}

function numberIn(row: Record<string, string>, column: string, at: string, isShare = false): number {
  const cell = row[column] ?? "", value = cell.trim() === "" ? NaN : Number(cell);
  // Sums of float32 may round upwards.
  if (Number.isFinite(value) && (!isShare || (value >= 0 && value <= 1 + 1e-6))) return value;
  throw damaged(`'${cell}' in the column '${column}' of the row '${row.id}'`, at);
}

const damaged = (found: string, at: string) =>
  badInput({
    expected: "predictions as Undertone writes them",
    found,
    at,
    todo: "The file is damaged or was edited: restore it, or make the predictions again.",
  });

/** A row of a run's predictions: what was said, where, and what the model answered. */
export interface AnsweredRow extends ScoredRow {
  text?: string;
  /** Path of the clip, from the folder of the data. */
  audio?: string;
  speaker?: string;
  dialogue?: string;
}

/**
 * Reads the rows of a CSV of predictions with what else they tell. Predictions of earlier versions name no
 * speaker and no dialogue.
 */
export function readAnsweredRows(csv: string, predicts: Predicts, at?: string): AnsweredRow[] {
  const rows = readCells(csv, at ?? "the predictions");
  const told = ["text", "audio", "speaker", "dialogue"] as const;
  return readPredictions(csv, predicts, at).map((scored, i) => ({
    ...scored,
    ...Object.fromEntries(told.flatMap((key) => rows[i][key] ? [[key, rows[i][key]]] : [])),
  }));
}

/** Reads the lengths of clips from a CSV of predictions; those of earlier versions have none. */
export function readDurations(csv: string, at = "the predictions"): Durations {
  return new Map(
    readCells(csv, at).flatMap(({ id, seconds }) => seconds ? [[id, Number(seconds)] as const] : []),
  );
}

function readTruth(
  row: Record<string, string>,
  kind: TargetKind,
  labels: readonly string[],
  at: string,
): Target {
  if (kind !== "class") {
    return { kind, value: labels.map((name) => numberIn(row, FORMS[kind as VectorKind].truth! + name, at)) };
  }
  const value = labels.indexOf(row.label);
  if (value < 0) throw damaged(`the label '${row.label ?? ""}' of the row '${row.id}'`, at);
  return { kind, value };
}

/**
 * Reads a run's answers to the rows of a result of its own. `labels` may give another order of its labels.
 * Throws UndertoneError if they are damaged, or are not those of the result.
 */
export async function readAnswersOf(
  path: string,
  metrics: Scores,
  labels: readonly string[] = namesIn(metrics),
): Promise<AnsweredRow[]> {
  const csv = await Deno.readTextFile(path);
  const rows = readAnsweredRows(csv, { target: kindOf(metrics), labels }, path);
  const ids = new Set(rows.map(({ id }) => id)).size;
  if (rows.length !== metrics.n) {
    throw damaged(`${count(rows.length, "row")}, not the ${metrics.n} of the result,`, path);
  }
  if (ids !== rows.length) throw damaged("rows of one id", path);
  return rows;
}

/** Returns the kind of target that was scored. */
export const kindOf = (metrics: Scores): TargetKind => areClasses(metrics) ? "class" : metrics.target;

/** Returns the names of the classes, labels or dimensions that were scored. */
export const namesIn = (metrics: Scores): string[] =>
  (areClasses(metrics) ? metrics.per_class : metrics.per_label).map(({ label }) => label);
