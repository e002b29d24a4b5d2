/** The rows of a run by split, kept in its folder: evaluating and resuming read the same rows again. */
import { existsSync } from "node:fs";
import { type Dataset, type Example, type Split, SPLITS } from "../data/mod.ts";
import { badInput } from "../errors.ts";
import { readJson, writeJsonAtomic } from "../files/mod.ts";
import type { RunFolder } from "./run_folder.ts";

/**
 * Ids of rows. A run that reads one modality keeps out the rows whose other one its ablation could not read.
 */
export interface Division {
  /** The rows of each split, as they were loaded. */
  splits: Record<Split, string[]>;
  /** Rows among them that could not be encoded. */
  unusable: string[];
}

/** Rows as they were loaded, and those of them that were encoded. */
interface Read {
  dataset: Pick<Dataset, "rows">;
  examples: Record<Split, readonly Example[]>;
}

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/** Writes the rows of a new run. */
export async function writeDivision(folder: RunFolder, { dataset, examples }: Read): Promise<void> {
  const split = (wanted: Split) => idsOf(dataset.rows.filter(({ split }) => split === wanted));
  const splits = { train: split("train"), dev: split("dev"), test: split("test") };
  const usable = new Set(idsOf([...examples.train, ...examples.dev]));
  const unusable = [...splits.train, ...splits.dev].filter((id) => !usable.has(id));
  await writeJsonAtomic(folder.rows, { splits, unusable } satisfies Division);
}

/** Adds the rows of a split that could not be encoded when they were first read. */
export async function addUnusable(
  folder: RunFolder,
  { dataset, examples }: Read,
  split: Split,
): Promise<void> {
  const division = await readDivision(folder), usable = new Set(idsOf(examples[split]));
  const lost = idsOf(dataset.rows.filter((row) => row.split === split && !usable.has(row.id)));
  if (!division || lost.every((id) => division.unusable.includes(id))) return;
  await writeJsonAtomic(folder.rows, {
    ...division,
    unusable: [...new Set([...division.unusable, ...lost])],
  });
}

/** Reads the rows of a run; undefined for runs of earlier versions. */
export const readDivision = async (folder: RunFolder): Promise<Division | undefined> =>
  existsSync(folder.rows) ? await readJson(folder.rows) as Division : undefined;

/** Returns the split of each row by id. */
export const splitById = ({ splits }: Division): ReadonlyMap<string, Split> =>
  new Map(SPLITS.flatMap((split) => splits[split].map((id) => [id, split] as const)));

/** Throws UndertoneError if rows of the run are neither in the data nor among its unusable rows. */
export function requireRowsOf(division: Division, { rows, rejected, source }: Dataset): void {
  const there = new Set(idsOf([...rows, ...rejected]));
  const gone = [...splitById(division).keys()].filter((id) => !there.has(id));
  if (gone.length === 0) return;
  throw badInput({
    expected: "the rows that the run was trained with",
    found: `${gone.length} of ${splitById(division).size} gone, e.g. '${gone[0]}'`,
    at: source,
    todo: "Restore them. If they lie elsewhere, name the place with --data.",
  });
}
