/** Rows of a corpus that another corpus has, too: a model that was trained on them has seen them. */
import { statSync } from "node:fs";
import { basename } from "node:path";
import { clipPath, type Dataset, type Utterance } from "../../data/mod.ts";

/** A corpus and its name. */
interface Named {
  name: string;
  dataset: Dataset;
}

/**
 * Returns a note for each test corpus that has rows of a training corpus. Rows are the same if their clips
 * have one name and size, or without clips one text.
 */
export function seenNotes(train: readonly Named[], test: readonly Named[]): string[] {
  const keys = new Map([...new Set([...train, ...test])].map(({ name, dataset }) => [name, keysOf(dataset)]));
  return train.flatMap((own) => {
    const seen = new Set(keys.get(own.name));
    return test.filter(({ name }) => name !== own.name).flatMap(({ name, dataset }) => {
      const both = dataset.rows.filter((_, i) => seen.has(keys.get(name)![i]));
      if (both.length === 0) return [];
      const [{ id, audio, text }] = both;
      return [
        `${both.length} of ${dataset.rows.length} rows of ${name} are also in ${own.name} (e.g. ${
          audio ?? text ?? id
        }): models of ${own.name} have seen them.`,
      ];
    });
  });
}

const keysOf = ({ rows, root }: Dataset): string[] =>
  rows.map(({ audio, text, id }: Utterance) => {
    if (audio === undefined) return `text ${text ?? id}`;
    const path = clipPath(root, audio), size = statSync(path, { throwIfNoEntry: false })?.size;
    return `clip ${size === undefined ? path : `${basename(path)} ${size}`}`;
  });
