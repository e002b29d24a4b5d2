/** Reports a matrix of corpora: tables, sentences, heat maps, and the files that hold them. */
import { join } from "node:path";
import { commandLine, labelMapTexts } from "../../config/mod.ts";
import { formatted, headlineMetrics, metricNamed, spread } from "../../eval/mod.ts";
import { csvText, writeFileAtomic, writeJsonAtomic } from "../../files/mod.ts";
import { type Figure, heatMapFigure, png, type Table } from "../../plot/mod.ts";
import { writeFigure, writePage } from "../pages.ts";
import type { CrossCell, CrossResults } from "./results.ts";

/** A metric of the heat maps and tables. */
export type CrossMetric = "balanced_accuracy" | "macro_f1";

/** These metrics, UA first, by their names in the field. */
const SHOWN: Readonly<Record<CrossMetric, string>> = { balanced_accuracy: "UA", macro_f1: "macro F1" };
const IDS = Object.keys(SHOWN) as CrossMetric[];

const metricOf = (id: string) => metricNamed(id, "the matrix");
const plain = (id: string, value: number): string => formatted(metricOf(id), value).replace(" %", "");

const cellAt = ({ cells }: CrossResults, train: string, test: string): CrossCell | undefined =>
  cells.find((cell) => cell.train === train && cell.test === test);

/** Writes the value of a cell with its deviation over seeds and its interval. */
function cellText(cell: CrossCell | undefined, id: string): string {
  const value = cell?.metrics[id];
  if (!cell || !value) return "–";
  const { interval_95: ends } = cell.estimates[id] ?? {};
  return plain(id, value.mean) + (value.deviation === null ? "" : ` ± ${plain(id, value.deviation)}`) +
    (ends ? ` (${ends.map((end) => plain(id, end)).join(" to ")})` : "");
}

/**
 * Returns a table with a row for each corpus that trains and a column for each one that is tested: UA, or
 * macro F1, in percent with its 95 % interval. The last column is the mean over the other corpora.
 *
 * @example
 * ```ts
 * import { configureCross, crossCorpora, crossTable, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir(), rows = ["id,text,label,speaker"];
 * for (let i = 0; i < 24; i++) rows.push(`${i},text ${i},${i % 2 ? "joy" : "anger"},s${i % 6}`);
 * for (const name of ["a", "b"]) await Deno.writeTextFile(`${out}/${name}.csv`, rows.join("\n"));
 * const [train, test] = [[`${out}/a.csv`], [`${out}/b.csv`]];
 * const config = configureCross({ train, test, method: "text_only", epochs: 1, out });
 * const last = (await Array.fromAsync(crossCorpora(config))).at(-1);
 * if (last?.type === "result") show(crossTable(last.results, "macro_f1"));
 * ```
 */
export function crossTable(results: CrossResults, id: CrossMetric = "balanced_accuracy"): Table {
  const { train, test, seeds } = results, text = (name: string) => ({ name, align: "right" as const });
  const over = seeds.length > 1 ? `, mean ± deviation over ${seeds.length} seeds` : "";
  const othersOf = (name: string) =>
    test.flatMap((other) => other === name ? [] : cellAt(results, name, other)?.metrics[id]?.mean ?? []);
  return {
    title: `${SHOWN[id]} in %, with 95 % intervals${over}`,
    columns: ["trained on", ...test.map((name) => text(`on ${name}`)), text("mean of others")],
    rows: train.map((name) => {
      const others = othersOf(name);
      return [
        name,
        ...test.map((other) => cellText(cellAt(results, name, other), id)),
        others.length > 0 ? plain(id, spread(others).mean) : "–",
      ];
    }),
  };
}

/** Returns a table of the corpora: rows, speakers, and rows by label. */
const corporaTable = ({ corpora, labels }: CrossResults): Table => ({
  title: "Rows with a label of the matrix",
  columns: ["corpus", "rows", "speakers", ...labels],
  rows: corpora.map(({ name, rows, speakers, labels: counts }) => [
    name,
    rows,
    speakers || "–",
    ...labels.map((label) => counts[label] ?? 0),
  ]),
});

/**
 * Draws UA, or macro F1, as a heat map. A frame marks a corpus that is tested by its own folds. With `dark`,
 * the drawing has dark paper.
 *
 * @example
 * ```ts
 * import { configureCross, crossCorpora, crossFigure } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir(), rows = ["id,text,label,speaker"];
 * for (let i = 0; i < 24; i++) rows.push(`${i},text ${i},${i % 2 ? "joy" : "anger"},s${i % 6}`);
 * for (const name of ["a", "b"]) await Deno.writeTextFile(`${out}/${name}.csv`, rows.join("\n"));
 * const [train, test] = [[`${out}/a.csv`], [`${out}/b.csv`]];
 * const config = configureCross({ train, test, method: "text_only", epochs: 1, out });
 * const last = (await Array.fromAsync(crossCorpora(config))).at(-1);
 * if (last?.type === "result") await Deno.writeTextFile(`${out}/ua.svg`, crossFigure(last.results).svg);
 * ```
 */
export function crossFigure(
  results: CrossResults,
  id: CrossMetric = "balanced_accuracy",
  options: { dark?: boolean } = {},
): Figure {
  const { train, test, labels, method, normalize } = results;
  return heatMapFigure({
    title: `${SHOWN[id]} across corpora`,
    subtitle: [method, ...normalize ? [normalize] : [], `${labels.length} classes`, "95 % intervals, in %"]
      .join(
        "  ·  ",
      ),
    rows: { title: "trained on", names: train },
    columns: { title: "tested on", names: test },
    cells: train.map((row) =>
      test.map((column) => {
        const cell = cellAt(results, row, column), value = cell?.metrics[id]?.mean;
        if (!cell || value === undefined) return undefined;
        return { value, interval: cell.estimates[id]?.interval_95, marked: cell.folds !== undefined };
      })
    ),
  }, options);
}

/** Returns what there is to say of the results. */
export function crossTexts(results: CrossResults): string[] {
  const { cells, labels, notes } = results, within = cells.filter(({ folds }) => folds !== undefined);
  const few = cells.filter(({ clusters }) => clusters < 10).map(({ test, by, clusters }) =>
    `${clusters} ${by}s in ${test}`
  );
  return [
    ...labelMapTexts(results),
    `Classes: ${labels.join(", ")}. Guessing gives a UA of ${(100 / labels.length).toFixed(1)} %.`,
    ...within.length > 0
      ? [
        `A corpus with itself (framed in heat maps): ${
          within.map(({ train, folds }) => `${train} in ${folds} folds`).join(", ")
        }. Folds share no speakers if these are known.`,
      ]
      : [],
    ...few.length > 0 ? [`Intervals are rough with ${[...new Set(few)].join(", ")}.`] : [],
    ...notes,
  ];
}

/** Writes `results.json`, `results.csv`, the heat maps, light and dark, and `report.html`. */
export async function writeCross(
  folder: string,
  results: CrossResults,
  details: Record<string, unknown>,
): Promise<void> {
  await writeJsonAtomic(join(folder, "results.json"), results);
  await writeFileAtomic(join(folder, "results.csv"), csvText(csvRows(results)));
  const figures: Figure[] = [];
  for (const [id, name] of [["balanced_accuracy", "ua"], ["macro_f1", "macro_f1"]] as const) {
    const figure = crossFigure(results, id), { svg } = crossFigure(results, id, { dark: true });
    await writeFigure(folder, name, figure);
    await writeFileAtomic(join(folder, `${name}-dark.svg`), svg);
    await writeFileAtomic(join(folder, `${name}-dark.png`), await png(svg));
    figures.push(figure);
  }
  const { method, seeds, normalize, notes } = results;
  const texts = crossTexts({ ...results, notes: [] });
  await writePage(join(folder, "report.html"), {
    title: "Across corpora",
    subtitle: `${method}, seeds ${seeds.join(", ")}${normalize ? `; ${normalize}` : ""}`,
    texts: [
      "Each cell is of models that were trained on the corpus of its row and tested on the corpus of its column.",
    ],
    notes,
    sections: [
      { title: "Scores", texts, tables: IDS.map((id) => crossTable(results, id)), figures },
      { title: "Corpora", tables: [corporaTable(results)] },
      {
        title: "How to repeat it",
        texts: ['Save "config" under Details as matrix.json, then type this.'],
        commands: [commandLine("cross", ["--config=matrix.json", "--name=cross-again"])],
      },
    ],
    details,
  });
}

/** The rows of `results.csv`: one for each cell. */
function csvRows({ cells }: CrossResults): unknown[][] {
  const metrics = headlineMetrics("class").filter(({ id }) => cells.some(({ metrics }) => metrics[id]));
  return [
    [
      ...["train", "test", "folds", "rows", "unit", "units"],
      ...metrics.flatMap(({ id }) => [`${id}_mean`, `${id}_deviation`, `${id}_low`, `${id}_high`]),
    ],
    ...cells.map(({ train, test, folds, n, by, clusters, metrics: measured, estimates }) => [
      ...[train, test, folds, n, by, clusters],
      ...metrics.flatMap(({ id }) => [
        measured[id]?.mean,
        measured[id]?.deviation,
        ...estimates[id]?.interval_95 ?? [undefined, undefined],
      ]),
    ]),
  ];
}
