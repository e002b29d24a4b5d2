/** Shows predictions in a terminal. */
import { clipWarningsNote } from "../../lib/data/mod.ts";
import { type Inference, type Prediction, setText } from "../../lib/jobs/mod.ts";
import type { Table } from "../../lib/plot/mod.ts";
import { tellNotes } from "../cli/output.ts";

/** Returns a table of predictions from clips: the most probable emotion and all probabilities. */
export function tableOf(predictions: readonly Prediction[]): Table {
  const labels = Object.keys(predictions[0].probabilities), inSets = predictions.some(({ set }) => set);
  return {
    columns: [
      "clip",
      "predicted",
      ...inSets ? ["set"] : [],
      ...labels.map((name) => ({ name, percent: true })),
    ],
    rows: predictions.map(({ id, predicted, set, probabilities }) => [
      id,
      predicted,
      ...inSets ? [setText(set ?? [])] : [],
      ...labels.map((label) => probabilities[label]),
    ]),
  };
}

/** Prints the notes about the predictions. */
export function tellNotesOf({ unused, method, notes, clipWarnings }: Inference): void {
  tellNotes(notes);
  for (const modality of unused) tellNotes([`this ${method} model does not look at ${modality}`]);
  const note = clipWarningsNote(clipWarnings);
  if (note) tellNotes([note]);
}

/** Formats a prediction for the terminal: the utterance, the answer, the truth and the probabilities. */
export function card({ id, text, audio, label, target, predicted, set, probabilities }: Prediction): string {
  const bars = Object.entries(probabilities).sort(([, a], [, b]) => b - a).map(([name, p]) =>
    `  ${name.padEnd(12)} ${(100 * p).toFixed(1).padStart(5)} %  ${"█".repeat(Math.round(p * 30))}`
  );
  return [
    `${id}${text ? `: “${text}”` : ""}${audio ? `  [${audio}]` : ""}`,
    `  predicted ${predicted}${label ? `, true ${label}${label === predicted ? " ✓" : " ✗"}` : ""}`,
    ...set ? [`  set       ${setText(set)}`] : [],
    ...target
      ? [`  true      ${Object.entries(target).map(([name, n]) => `${name} ${rounded(n)}`).join(", ")}`]
      : [],
    ...bars,
    "",
  ].join("\n");
}

const rounded = (value: number): number => Number(value.toFixed(3));
