/** The wrong answers of which a model is most confident, with their text and recording. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { argmax } from "../../eval/mod.ts";
import { type Clip, playableType, type Section } from "../../plot/mod.ts";
import type { Split } from "../../data/mod.ts";
import { count } from "../../errors.ts";
import type { AnsweredRow } from "../predictions.ts";
import type { Answered, Material } from "./material.ts";

/** How much sound a page may hold, in bytes. */
export interface SoundBudget {
  /** Largest recording. */
  each: number;
  /** All recordings that are still to come. It falls as recordings are embedded. */
  left: number;
}

/** A wrong answer. */
export interface Mistake {
  row: AnsweredRow;
  truth: string;
  predicted: string;
  /** Probability of the predicted class. */
  confidence: number;
}

/** Returns the wrong answers to classes, the most confident first. */
export const mistakesIn = (rows: readonly AnsweredRow[], labels: readonly string[]): Mistake[] =>
  rows.flatMap((row) => {
    const top = argmax(row.answer), { target } = row;
    if (target.kind !== "class" || target.value < 0 || target.value === top) return [];
    return [{ row, truth: labels[target.value], predicted: labels[top], confidence: row.answer[top] }];
  }).sort((a, b) => b.confidence - a.confidence || (a.row.id < b.row.id ? -1 : 1));

/** Returns the section on a run's most confident errors; of other targets than classes there is none. */
export async function errorsSection(
  material: Material,
  { split, rows }: Answered,
  sound: SoundBudget,
  { most = 10, title = `Most confident errors on ${split}` }: { most?: number; title?: string } = {},
): Promise<Section> {
  if (material.target !== "class" || rows.length === 0) return { title };
  const all = mistakesIn(rows, material.labels), shown = all.slice(0, most);
  const clips = await Promise.all(shown.map((mistake) => clipOf(mistake, material.root, sound)));
  const named = clips.filter(({ audio }) => audio),
    embedded = named.filter(({ audio }) => audio!.bytes).length;
  return {
    title,
    texts: [
      `${count(all.length, "row")} of ${rows.length} on ${split} ${all.length === 1 ? "is" : "are"} wrong` +
      (all.length > shown.length ? `; these are the ${shown.length} with the highest probability.` : "."),
      ...named.length > 0 ? [soundText(embedded, named.length, split)] : [],
    ],
    clips,
  };
}

/** Says which recordings the page holds. */
const soundText = (embedded: number, all: number, split: Split): string =>
  embedded === 0
    ? "The page holds no recordings: it names where they lie."
    : (embedded === all
      ? `The page holds ${count(embedded, "recording")} of ${split}.`
      : `The page holds ${embedded} of ${
        count(all, "recording")
      }; the others are too large, or gone: it names ` +
        "where they lie.") +
      " Whoever gets the page gets them too, so the licence of the data applies.";

async function clipOf(
  { row, truth, predicted, confidence }: Mistake,
  root: string | undefined,
  sound: SoundBudget,
): Promise<Clip> {
  const title = `${row.id}: ${truth}, taken for ${predicted} with ${(100 * confidence).toFixed(0)} %`;
  const { text, audio } = row;
  if (audio === undefined) return { title, text };
  const path = root === undefined ? audio : resolve(root, audio), type = playableType(path);
  const size = root !== undefined && type && existsSync(path) ? statSync(path).size : undefined;
  if (size === undefined || size > sound.each || size > sound.left) {
    return { title, text, audio: { path: audio } };
  }
  sound.left -= size;
  const bytes = await Deno.readFile(path).catch(() => undefined);
  return { title, text, audio: { path: audio, type, bytes } };
}
