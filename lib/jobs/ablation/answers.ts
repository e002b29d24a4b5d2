/** Reads the predictions of trained cells back from their runs. */
import { parse } from "csv-parse/sync";
import type { Split } from "../../data/mod.ts";
import { badInput } from "../../errors.ts";
import { unescapeFormula } from "../../files/mod.ts";
import { majorityClass } from "../../eval/mod.ts";
import { type AblationCell, cellPath } from "../../config/mod.ts";
import { runFolder } from "../run_folder.ts";

/** The true and predicted classes of one model on one split. */
export interface Answers {
  ids: string[];
  truth: number[];
  predicted: number[];
  /** Probability of each class per row; absent for the majority. */
  probabilities?: number[][];
}

/** A compared system: its answers by split, one for each seed. */
export interface System {
  /** Name of the recipe, or `majority`. */
  name: string;
  /** Fusion method; absent for the majority. */
  method?: string;
  /** Whether it is a control: the majority, or a method of a single modality. */
  control: boolean;
  answers: Partial<Record<Split, Answers[]>>;
}

/**
 * Returns the majority of `train` (classes of the training rows) and the recipes, in the order of their
 * cells. Throws UndertoneError if cells answered different rows.
 */
export async function readSystems(
  cells: readonly AblationCell[],
  splits: readonly Split[],
  { train, labels }: { train: readonly number[]; labels: readonly string[] },
): Promise<System[]> {
  const systems = [...Map.groupBy(cells, ({ recipe }) => recipe)].map(([name, group]) => ({
    name,
    method: group[0].config.method,
    control: group[0].control,
    group,
    answers: {} as System["answers"],
  }));
  const top = majorityClass(train, labels.length), majority: System["answers"] = {};
  for (const split of splits) {
    for (const { group, answers } of systems) {
      answers[split] = await Promise.all(group.map((cell) => readAnswers(cell, split, labels)));
    }
    const all = systems.map(({ answers }) => answers[split]!);
    requireSameRows(cells, split, all.flat());
    majority[split] = all[0].map(({ ids, truth }) => ({ ids, truth, predicted: truth.map(() => top) }));
  }
  return [
    { name: "majority", control: true, answers: majority },
    ...systems.map(({ group: _, ...system }) => system),
  ];
}

async function readAnswers(cell: AblationCell, split: Split, labels: readonly string[]): Promise<Answers> {
  const path = runFolder(cellPath(cell)).predictions(split);
  const rows = parse(await Deno.readTextFile(path), { columns: true, cast: unescapeFormula }) as Record<
    string,
    string
  >[];
  return {
    ids: rows.map(({ id }) => id),
    truth: rows.map(({ label }) => labels.indexOf(label)),
    predicted: rows.map(({ predicted }) => labels.indexOf(predicted)),
    probabilities: rows.map((row) => labels.map((label) => Number(row[`p_${label}`]))),
  };
}

/**
 * All runs of an ablation must have the same rows; they differ if clips were lost or repaired between runs.
 */
function requireSameRows(cells: readonly AblationCell[], split: Split, answers: readonly Answers[]): void {
  const rows = ({ ids, truth }: Answers) => JSON.stringify([ids, truth]);
  const other = answers.findIndex((answer) => rows(answer) !== rows(answers[0]));
  if (other < 0) return;
  throw badInput({
    expected: `answers to the same ${split} rows from all cells`,
    found: `${answers[0].ids.length} and ${answers[other].ids.length} rows, or different rows`,
    at: cellPath(cells[other]),
    todo: "Clips changed since this cell was trained: delete its folder to train it again.",
  });
}
