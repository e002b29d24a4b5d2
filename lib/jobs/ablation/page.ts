/** The report page of an ablation: systems, comparisons, classes, and links to the report of each run. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { commandLine, labelMapTexts } from "../../config/mod.ts";
import { count } from "../../errors.ts";
import { formatted, type Spread } from "../../eval/mod.ts";
import type { Figure, Report, Table, TableCell } from "../../plot/mod.ts";
import { comparisonTables, gainText } from "./comparisons_table.ts";
import { ablationTable, publishedNotes, shownAs } from "./report.ts";
import { type AblationResults, headlineIn } from "./table.ts";

/** Returns the page of an ablation in `folder`, which holds its runs. */
export function ablationPage(
  folder: string,
  results: AblationResults,
  figure: Figure,
  details: Record<string, unknown>,
): Report {
  const { data, systems, seeds, rows, best, gains, notes = [] } = results;
  const splits = Object.keys(rows) as ("dev" | "test")[],
    split = splits.at(-1)!,
    metric = headlineIn(results.target);
  const winner = systems.find(({ name }) => name === best);
  const trained = systems.filter(({ method }) => method !== undefined);
  return {
    title: `Ablation on ${data}`,
    subtitle: `${count(trained.length, "recipe")}, ${seeds.length === 1 ? "seed" : "seeds"} ${
      seeds.join(", ")
    }`,
    texts: [readText(results)],
    facts: winner && {
      "best fused recipe on dev": winner.name,
      [`its ${metric.label} on ${split}`]: shownAs(metric, winner[split]![metric.id]) +
        (metric.percent ?? true ? " %" : ""),
    },
    notes: [...notes],
    sections: [
      {
        title: "Systems",
        texts: publishedNotes(results),
        tables: [ablationTable(results)],
        figures: [figure],
      },
      {
        title: `Comparisons on ${split}`,
        texts: gains.map((gain) => `${gainText(results, gain)}.`),
        tables: comparisonTables(results),
      },
      { title: `Each class on ${split}`, tables: classTables(results, split) },
      { title: "Runs", tables: [cellsTable(folder, results, splits)] },
      {
        title: "How to repeat it",
        texts: [
          ...labelMapTexts(results),
          'Save "config" under Details as ablation.json, then type this. All runs are trained anew.',
        ],
        commands: [commandLine("ablate", ["--config=ablation.json", `--name=${data}-again`])],
      },
    ],
    details,
  };
}

/** Says of which rows the figures are. */
function readText({ rows }: AblationResults): string {
  const { dev, test } = rows;
  return `The models are compared on ${
    test === undefined
      ? `the dev split (${count(dev!, "row")}): test was not read`
      : `the test split (${count(test, "row")})`
  }. ` +
    (test === undefined
      ? "Dev also chose the epoch of each run and the best recipe, which flatters it."
      : `Dev (${
        count(dev!, "row")
      }) chose the epoch of each run and the best recipe; test was read once, at the end.`);
}

/** Returns a table of F1 by class and system, if there is one. */
function classTables({ systems, seeds }: AblationResults, split: "dev" | "test"): Table[] {
  const known = systems.flatMap(({ name, per_class }) => {
    const classes = per_class?.[split];
    return classes?.length ? [{ name, classes }] : [];
  });
  if (known.length === 0) return [];
  const text = ({ mean, deviation }: Spread) =>
    (100 * mean).toFixed(1) + (deviation === null ? "" : ` ± ${(100 * deviation).toFixed(1)}`);
  return [{
    title: `F1 of each class on ${split}, in %${
      seeds.length > 1 ? `: mean ± deviation over ${seeds.length} seeds` : ""
    }`,
    columns: ["class", "rows", ...known.map(({ name }) => ({ name, align: "right" as const }))],
    rows: known[0].classes.map(({ label, support }, c) => [
      label,
      support,
      ...known.map(({ classes }) => text(classes[c].f1)),
    ]),
  }];
}

/** Returns a table with a row for each run: its scores, and a link to its report. */
function cellsTable(folder: string, results: AblationResults, splits: readonly ("dev" | "test")[]): Table {
  const metric = headlineIn(results.target);
  return {
    title: "Each run with its main metric",
    columns: [
      "run",
      "seed",
      ...splits.map((split) => ({ name: `${metric.label} on ${split}`, align: "right" as const })),
    ],
    rows: results.systems.flatMap((system) =>
      system.method === undefined ? [] : results.seeds.map((seed, i): TableCell[] => {
        const id = `${system.name}-s${seed}`, href = `${id}/report.html`;
        return [
          existsSync(join(folder, href)) ? { text: id, href } : id,
          String(seed),
          ...splits.map((split) => {
            const value = system[split]?.[metric.id]?.values[i];
            return value === undefined ? null : formatted(metric, value);
          }),
        ];
      })
    ),
  };
}
