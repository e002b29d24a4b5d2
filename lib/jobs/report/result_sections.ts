/** Sections on a run's results: scores of each split, its classes, its groups, and how sure the model is. */
import { absentNotes, type ClassIntervals, classIntervals, resampleClusters } from "../../eval/mod.ts";
import {
  answersFigures,
  comparisonTable,
  gapTexts,
  groupsTable,
  perClassTable,
  type Section,
} from "../../plot/mod.ts";
import type { Split } from "../../data/mod.ts";
import { systemsOf } from "../read_results.ts";
import { outcomesOf, RESAMPLES } from "../scored.ts";
import { resultNotes } from "../split_result.ts";
import { unitsIn } from "../units.ts";
import { count } from "../../errors.ts";
import type { Answered, Material } from "./material.ts";

/** Says of which rows figures are, and what these rows were used for. */
export function splitText(split: Split, rows: number): string {
  const used: Record<Split, string> = {
    train: "which trained the model, so they say nothing about new rows",
    dev: "which did not train the model",
    test: "which neither trained the model nor chose its epoch",
  };
  return `These figures are of the ${split} split: ${count(rows, "row")}, ${used[split]}.`;
}

/** Returns the section on the scores of a split. */
export function resultSection(material: Material, answered: Answered): Section {
  const { split, result } = answered, { config, name } = material;
  const systems = systemsOf(config.method, result), controls = systems.length > 1 ? " and its controls" : "";
  return {
    title: `Result on ${split}`,
    texts: [splitText(split, result.metrics.n), ...(result.groups ?? []).flatMap(gapTexts)],
    notes: [...resultNotes(result, split), ...absentNotes(result.metrics, split)],
    tables: [
      comparisonTable(systems, `${config.method}${controls} on ${split}`),
      perClassTable(
        result.metrics,
        `Each ${nameOf(material)} on ${split}, in %`,
        intervalsOf(material, answered),
      ),
      ...(result.groups ?? []).map((groups) => groupsTable(groups, split)),
    ],
    figures: answersFigures(result.metrics, answered.rows, `${name} on ${split}`),
  };
}

/** What a label of the run's target is called. */
export const nameOf = ({ target }: Pick<Material, "target">): string =>
  ({ class: "class", distribution: "class", labels: "label", values: "dimension" })[target];

/** Returns the intervals of each class's scores, over clips or rows; undefined without answers or classes. */
export function intervalsOf(
  { target, labels, config }: Material,
  { rows }: Answered,
): ClassIntervals[] | undefined {
  if (target !== "class" || rows.length === 0) return undefined;
  const outcomes = outcomesOf(rows, { target, labels });
  if (outcomes.kind !== "class") return undefined;
  const { of } = unitsIn(config.protocol, rows.map(({ id }) => id), { rows: utterancesOf(rows, "dev") });
  if (new Set(of).size < 2) return undefined;
  const { truth, predicted } = outcomes;
  return classIntervals(truth, predicted, labels.length, resampleClusters(of, RESAMPLES, 1));
}

/** Returns answered rows as utterances, for the units of a bootstrap. */
export const utterancesOf = (rows: Answered["rows"], split: Split) =>
  rows.map(({ id, audio, speaker, dialogue }) => ({ id, split, audio, speaker, dialogue }));
