/** What an ablation must have before any work: known pairs, and data and test rows for every cell. */
import type { Dataset } from "../../data/mod.ts";
import type { Modality } from "../../encoders/mod.ts";
import { badInput, requireKnown } from "../../errors.ts";
import { headlineMetrics } from "../../eval/mod.ts";
import { type AblateConfig, type AblationCell, groupingOf } from "../../config/mod.ts";
import { MODALITIES } from "../../model/mod.ts";
import type { Pair } from "./comparisons.ts";

/** Returns the pairs to compare. Throws UndertoneError if one names no recipe and no control. */
export function pairsOf({ compare }: AblateConfig, cells: readonly AblationCell[], majority: string): Pair[] {
  const names = [majority, ...new Set(cells.map(({ recipe }) => recipe))];
  return compare.map(([a, b]): Pair => {
    for (const name of [a, b]) {
      requireKnown("a recipe or a control of the ablation", name, names, "--compare");
    }
    if (a !== b) return [a, b];
    throw badInput({
      expected: "two recipes",
      found: `'${a}' twice`,
      at: "--compare",
      todo: `Name another: ${names.filter((name) => name !== a).join(", ")}.`,
    });
  });
}

export function requirePossible(
  config: AblateConfig,
  cells: readonly AblationCell[],
  there: readonly Modality[],
  dataset: Dataset,
): void {
  const shown = headlineMetrics(dataset.target).map(({ id }) => id);
  for (const { recipe, config: cell, plan: { method }, published } of cells) {
    for (const id of [published?.dev, published?.test].flatMap((by) => Object.keys(by ?? {}))) {
      requireKnown("a metric that the table shows", id, shown, `the published figures of '${recipe}'`);
    }
    const lacking = method.modalities.find((modality) =>
      !there.includes(modality) || cell[modality] === "none"
    );
    if (!lacking) continue;
    const none = cell[lacking] === "none";
    throw badInput({
      expected: `${lacking} for ${recipe}`,
      found: none ? `--${lacking}=none` : `no row with ${lacking}`,
      at: none ? "the configuration" : config.data,
      todo: none ? "Name an encoder, or leave the method out of --methods." : "Leave it out of --methods.",
    });
  }
  const enrolments = new Map(cells.map((cell) => [enrolmentsOf(cell), cell]));
  if (enrolments.size > 1) {
    const [a, b] = [...enrolments.values()];
    throw badInput({
      expected: "recipes that score the same rows, so that they can be compared",
      found: `'${a.recipe}' and '${b.recipe}', which leave out other rows as an enrolment`,
      at: "--normalize",
      todo:
        "Give all recipes one enrolment, e.g. --normalize.audio=speaker:enrolled:8 for the whole ablation.",
    });
  }
  if (
    !config.test || dataset.rows.some(({ split, label, target }) => split === "test" && (label || target))
  ) return;
  throw badInput({
    expected: "labelled rows in the split 'test'",
    found: "none",
    at: config.data,
    todo: "Skip the test split with --no-test.",
  });
}

/** Returns which rows a cell leaves out as an enrolment, as text. */
const enrolmentsOf = ({ config }: AblationCell): string =>
  JSON.stringify(
    MODALITIES.map((modality) => groupingOf(config, modality))
      .flatMap((by) => by?.variant === "enrolled" ? [[by.by, by.rows]] : []).sort(),
  );
