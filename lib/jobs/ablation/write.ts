/** Writes the files of an ablation: its table as JSON and CSV, its figure and its page. */
import { join } from "node:path";
import type { Split } from "../../data/mod.ts";
import { csvText, writeFileAtomic, writeJsonAtomic } from "../../files/mod.ts";
import { writeFigure, writePage } from "../pages.ts";
import { comparisonRows } from "./comparisons_table.ts";
import { ablationPage } from "./page.ts";
import { ablationFigure, isPublished, metricsIn, splitsOf } from "./report.ts";
import type { AblationResults } from "./table.ts";

/**
 * Writes `results.json`, `results.csv` (systems), `cells.csv` (seeds), `comparisons.csv`, the figure and
 * `report.html`.
 */
export async function writeAblation(
  folder: string,
  results: AblationResults,
  details: Record<string, unknown>,
): Promise<void> {
  await writeJsonAtomic(join(folder, "results.json"), results);
  await writeFileAtomic(join(folder, "results.csv"), csvText(systemRows(results)));
  await writeFileAtomic(join(folder, "cells.csv"), csvText(cellRows(results)));
  await writeFileAtomic(join(folder, "comparisons.csv"), csvText(comparisonRows(results)));
  const figure = ablationFigure(results);
  await writeFigure(folder, "comparison", figure);
  await writePage(join(folder, "report.html"), ablationPage(folder, results, figure, details));
}

const bySplit = (results: AblationResults) =>
  results.systems.flatMap(({ name, method, control, differs, published, ...by }) =>
    splitsOf(results).map((split: Split & ("dev" | "test")) => ({
      name,
      method: method ?? "",
      control,
      split,
      of: by[split]!,
      figures: published?.[split] ?? {},
      options: differs ?? "",
    }))
  );

function systemRows(results: AblationResults): unknown[][] {
  const ids = metricsIn(results).map(({ id }) => id);
  const published = ids.filter((id) => splitsOf(results).some((split) => isPublished(results, split, id)));
  const differ = results.systems.some(({ differs }) => differs);
  return [
    [
      ...["system", "method", "control", "split", "seeds"],
      ...ids.flatMap((id) => [`${id}_mean`, `${id}_deviation`]),
      ...published.map((id) => `${id}_published`),
      ...differ ? ["options"] : [],
    ],
    ...bySplit(results).map(({ name, method, control, split, of, figures, options }) => [
      ...[name, method, String(control), split, results.seeds.length],
      ...ids.flatMap((id) => [of[id]?.mean, of[id]?.deviation]),
      ...published.map((id) => figures[id]),
      ...differ ? [options] : [],
    ]),
  ];
}

function cellRows(results: AblationResults): unknown[][] {
  const ids = metricsIn(results).map(({ id }) => id);
  return [
    ["system", "method", "control", "split", "seed", ...ids],
    ...bySplit(results).flatMap(({ name, method, control, split, of }) =>
      results.seeds.map((seed, i) => [
        name,
        method,
        String(control),
        split,
        seed,
        ...ids.map((id) => of[id]?.values[i]),
      ])
    ),
  ];
}
