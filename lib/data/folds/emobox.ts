/**
 * EmoBox's folds (Ma et al. 2024, https://arxiv.org/abs/2406.07162): those of RAVDESS, and those that a
 * source read from EmoBox's files.
 */
import type { Split, Utterance } from "../utterance.ts";

/** The test actors of each fold of RAVDESS. */
const RAVDESS: readonly (readonly number[])[] = [
  [1, 11, 20, 21],
  [4, 10, 12, 14],
  [8, 9, 19, 23],
  [3, 5, 7, 24],
  [2, 15, 16, 18],
  [6, 13, 17, 22],
];

/** The id of a clip of RAVDESS: modality, channel, emotion, intensity, statement, repetition, actor. */
const CLIP = /^(?:ravdess-)?\d\d-\d\d-\d\d-\d\d-\d\d-\d\d-(\d\d)$/;

/**
 * Returns the published splits of each row, by fold; undefined where a fold lacks the row. Returns undefined
 * if there are no such folds. Without published dev rows, dev is what the next fold tests.
 */
export function emoboxFolds(
  rows: readonly Omit<Utterance, "split">[],
): (Split | undefined)[][] | undefined {
  const published = rows.some(({ folds }) => folds)
    ? ofFiles(rows)
    : rows.every(({ id }) => CLIP.test(id))
    ? ofRavdess(rows)
    : undefined;
  return published?.map((splits, fold) => {
    if (splits.includes("dev") || published.length < 3) return splits;
    const next = published[(fold + 1) % published.length];
    return splits.map((split, row) => split === "train" && next[row] === "test" ? "dev" : split);
  });
}

/** Says which actors of RAVDESS are missing, so that the folds are not all of EmoBox's. */
export function missingActors(rows: readonly Omit<Utterance, "split">[]): string[] {
  const found = new Set(rows.map(({ id }) => Number(CLIP.exec(id)?.[1])));
  const missing = RAVDESS.flat().filter((actor) => !found.has(actor)).sort((a, b) => a - b);
  if (!rows.every(({ id }) => CLIP.test(id)) || missing.length === 0) return [];
  return [`The actors ${missing.join(", ")} are missing: these are parts of EmoBox's folds.`];
}

function ofFiles(rows: readonly Omit<Utterance, "split">[]): (Split | undefined)[][] {
  const count = rows.reduce((most, { folds }) => Math.max(most, folds?.length ?? 0), 0);
  return Array.from({ length: count }, (_, fold) => rows.map(({ folds }) => folds?.[fold]));
}

const ofRavdess = (rows: readonly { id: string }[]): Split[][] =>
  RAVDESS.map((actors) =>
    rows.map(({ id }) => actors.includes(Number(CLIP.exec(id)![1])) ? "test" : "train")
  );
