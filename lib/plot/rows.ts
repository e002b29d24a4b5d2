/** Shows utterances and predictions as tables. */
import type { Utterance } from "../data/mod.ts";
import type { Table } from "./table.ts";

/**
 * Returns a table of the utterances of a data set.
 *
 * @example
 * ```ts
 * import { loadDataset, rowsTable, show } from "@undertone/undertone";
 *
 * const { rows } = await loadDataset("sample");
 * show(rowsTable(rows.slice(0, 5)));
 * ```
 */
export const rowsTable = (rows: readonly Utterance[], title?: string): Table => ({
  title,
  columns: ["id", "split", { name: "text", width: 60 }, "label", "speaker"],
  rows: rows.map(({ id, split, text, label, speaker }) => [
    id,
    split,
    text ?? null,
    label ?? null,
    speaker ?? null,
  ]),
});

/** The parts of a prediction that `predictionsTable` shows. */
export interface Predicted {
  /** The words that are spoken. */
  text?: string;
  /** Path of the clip, shown if there is no text. */
  audio?: string;
  /** True label, if known. */
  label?: string;
  /** The most probable label. */
  predicted: string;
  /** Probability of each label, 0 to 1. */
  probabilities: Record<string, number>;
}

/**
 * Returns a table of utterances with the predicted label, the true label if known, and every label's
 * probability in percent.
 *
 * @example
 * ```ts
 * import { predictionsTable, show } from "@undertone/undertone";
 *
 * const probabilities = { joy: 0.8, anger: 0.2 };
 * show(predictionsTable([{ text: "At last!", predicted: "joy", probabilities }]));
 * ```
 */
export function predictionsTable(predictions: readonly Predicted[], title?: string): Table {
  const labels = Object.keys(predictions[0]?.probabilities ?? {});
  const known = predictions.some(({ label }) => label !== undefined);
  return {
    title,
    columns: [
      { name: "utterance", width: 60 },
      "predicted",
      ...known ? ["true"] : [],
      ...labels.map((name) => ({ name, percent: true, digits: 0 })),
    ],
    rows: predictions.map(({ text, audio, label, predicted, probabilities }) => [
      text ?? audio ?? null,
      predicted,
      ...known ? [label ?? null] : [],
      ...labels.map((name) => probabilities[name]),
    ]),
  };
}

/**
 * Returns a table of a dialogue in the order of its turns: who says what, the predicted label with its
 * probability in percent, and the true label if known. Rows are found by id; one without a prediction has
 * empty cells.
 *
 * @example
 * ```ts
 * import { dialogueTable, show } from "@undertone/undertone";
 *
 * const turns = [{ id: "a", turn: 1, speaker: "Ada", text: "You sold it?" }, { id: "b", turn: 2, text: "I did." }];
 * const probabilities = { anger: 0.7, neutral: 0.3 };
 * show(dialogueTable(turns, [{ id: "a", predicted: "anger", probabilities }]));
 * ```
 */
export function dialogueTable(
  rows: readonly Pick<Utterance, "id" | "turn" | "speaker" | "text" | "audio" | "label">[],
  predictions: readonly (Predicted & { id: string })[],
  title?: string,
): Table {
  const answers = new Map(predictions.map((prediction) => [prediction.id, prediction]));
  const known = rows.some(({ label }) => label !== undefined);
  return {
    title,
    columns: [
      "turn",
      "speaker",
      { name: "utterance", width: 60 },
      "predicted",
      { name: "probability", percent: true, digits: 0 },
      ...known ? ["true"] : [],
    ],
    rows: [...rows].sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0)).map(
      ({ id, turn, speaker, text, audio, label }) => {
        const { predicted, probabilities } = answers.get(id) ?? {};
        return [
          turn ?? null,
          speaker ?? null,
          text ?? audio ?? null,
          predicted ?? null,
          predicted === undefined ? null : probabilities?.[predicted] ?? null,
          ...known ? [label ?? null] : [],
        ];
      },
    ),
  };
}
