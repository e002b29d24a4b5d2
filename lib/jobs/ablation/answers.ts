/** What the trained cells of an ablation answered, read back from their runs. */
import { parse } from "csv-parse/sync";
import type { Split } from "../../data/mod.ts";
import { badInput } from "../../errors.ts";
import { majorityClass } from "../../eval/mod.ts";
import { type AblationCell, cellPath } from "../../config/mod.ts";
import { runFolder } from "../run_folder.ts";

/** True and predicted classes of the rows of one split, by one trained model. */
export interface Answers {
  ids: string[];
  truth: number[];
  predicted: number[];
  /** Probability of each class, row by row; absent for the majority. */
  probabilities?: number[][];
}

/** Something that was compared: its answers by split, one per seed. */
export interface System {
  /** The recipe's name, or `majority`. */
  name: string;
  /** Absent for the majority. */
  method?: string;
  /** A floor or a single modality. */
  control: boolean;
  answers: Partial<Record<Split, Answers[]>>;
}

/**
 * The majority of `train` (classes of the training rows) and the recipes of trained cells, in their order. Throws
 * UndertoneError where cells answered different rows.
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
  const rows = parse(await Deno.readTextFile(path), { columns: true }) as Record<string, string>[];
  return {
    ids: rows.map(({ id }) => id),
    truth: rows.map(({ label }) => labels.indexOf(label)),
    predicted: rows.map(({ predicted }) => labels.indexOf(predicted)),
    probabilities: rows.map((row) => labels.map((label) => Number(row[`p_${label}`]))),
  };
}

/** Runs of one ablation see the same rows, unless a clip was lost or mended between them. */
function requireSameRows(cells: readonly AblationCell[], split: Split, answers: readonly Answers[]): void {
  const rows = ({ ids, truth }: Answers) => JSON.stringify([ids, truth]);
  const other = answers.findIndex((answer) => rows(answer) !== rows(answers[0]));
  if (other < 0) return;
  throw badInput({
    expected: `answers to the same ${split} rows from all cells`,
    found: `${answers[0].ids.length} and ${answers[other].ids.length} rows or others`,
    at: cellPath(cells[other]),
    todo: "Clips changed since it was trained: delete the folder to have it trained again.",
  });
}
