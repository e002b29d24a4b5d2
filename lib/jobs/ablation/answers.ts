/** Reads the predictions of trained cells back from their runs. */
import type { Split } from "../../data/mod.ts";
import { badInput } from "../../errors.ts";
import { KINDS, type Outcomes } from "../../eval/mod.ts";
import { type AblationCell, cellPath, type Published } from "../../config/mod.ts";
import type { Target, TargetKind } from "../../target.ts";
import { readPredictions } from "../predictions.ts";
import { runFolder } from "../run_folder.ts";
import { outcomesOf, type ScoredRow } from "../scored.ts";

/** The answers of one model to the rows of one split. */
export interface Answers {
  ids: string[];
  /** True and predicted targets. Those of the majority have no probabilities. */
  outcomes: Outcomes;
}

/** A compared system: its answers by split, one for each seed. */
export interface System {
  /** Name of the recipe, or of the control without a model: `majority` or `mean`. */
  name: string;
  /** Fusion method; absent for the control without a model. */
  method?: string;
  /** Whether it is a control: the majority, or a method of a single modality. */
  control: boolean;
  /** The options in which the recipes differ, as text; absent if there are none. */
  differs?: string;
  /** Figures that others published for the recipe. */
  published?: Published;
  answers: Partial<Record<Split, Answers[]>>;
}

/**
 * Returns the control without a model, from the targets `train`, and the recipes, in the order of their
 * cells. Throws UndertoneError if cells answered different rows.
 */
export async function readSystems(
  cells: readonly AblationCell[],
  splits: readonly Split[],
  predicts: { train: readonly Target[]; target: TargetKind; labels: readonly string[] },
): Promise<System[]> {
  const systems = [...Map.groupBy(cells, ({ recipe }) => recipe)].map(([name, group]) => ({
    name,
    method: group[0].config.method,
    control: group[0].control,
    ...group[0].differs && { differs: group[0].differs },
    ...group[0].published && { published: group[0].published },
    group,
    answers: {} as System["answers"],
  }));
  const { train, target, labels } = predicts, { control } = KINDS[target];
  const constant: System["answers"] = {};
  for (const split of splits) {
    const read = await Promise.all(cells.map((cell) => readRows(cell, split, predicts)));
    requireSameRows(cells, split, read);
    const of = new Map(cells.map((cell, i) => [cell, read[i]]));
    for (const { group, answers } of systems) {
      answers[split] = group.map((cell) => {
        const rows = of.get(cell)!;
        return { ids: rows.map(({ id }) => id), outcomes: outcomesOf(rows, predicts) };
      });
    }
    constant[split] = systems[0].group.map((cell) => {
      const rows = of.get(cell)!, truth = rows.map(({ target }) => target);
      return { ids: rows.map(({ id }) => id), outcomes: control.outcomes(train, truth, labels) };
    });
  }
  return [
    { name: control.name, control: true, answers: constant },
    ...systems.map(({ group: _, ...system }) => system),
  ];
}

async function readRows(
  cell: AblationCell,
  split: Split,
  predicts: { target: TargetKind; labels: readonly string[] },
): Promise<ScoredRow[]> {
  const path = runFolder(cellPath(cell)).predictions(split);
  return readPredictions(await Deno.readTextFile(path), predicts, path);
}

/**
 * All runs of an ablation must have the same rows; they differ if clips were lost or repaired between runs.
 */
function requireSameRows(
  cells: readonly AblationCell[],
  split: Split,
  answers: readonly (readonly ScoredRow[])[],
): void {
  const rows = (answer: readonly ScoredRow[]) => JSON.stringify(answer.map(({ id, target }) => [id, target]));
  const other = answers.findIndex((answer) => rows(answer) !== rows(answers[0]));
  if (other < 0) return;
  throw badInput({
    expected: `answers to the same ${split} rows from all cells`,
    found: `${answers[0].length} and ${answers[other].length} rows, or different rows`,
    at: cellPath(cells[other]),
    todo: "Clips changed since this cell was trained: delete its folder to train it again.",
  });
}
