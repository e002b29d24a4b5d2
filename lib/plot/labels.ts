/** Shows how often each label occurs in each split, as a table and as a figure. */
import { type Audit, SPLITS } from "../data/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { document, fit, line, mark, ofLegend, ofSeries, rect, text, textWidth, ticks } from "./svg.ts";
import type { Table } from "./table.ts";
import { besideRow, count, LINE, MUTED, plotlyFigure, plotlyText, SERIES } from "./theme.ts";

/**
 * Returns a table of rows per label and split, with totals. Rows without a label count only in the totals.
 *
 * @example
 * ```ts
 * import { auditDataset, labelsTable, loadDataset, show } from "@undertone/undertone";
 *
 * show(labelsTable(auditDataset(await loadDataset("sample"))));
 * ```
 */
export function labelsTable({ labels, rows }: Audit, title?: string): Table {
  const line = (name: string, counts: Audit["rows"]) => [
    name,
    ...SPLITS.map((split) => counts[split]),
    total(counts),
  ];
  return {
    title,
    columns: ["label", ...SPLITS, "all"],
    rows: [...Object.entries(labels).map(([name, counts]) => line(name, counts)), line("all rows", rows)],
    strong: [Object.keys(labels).length],
  };
}

/**
 * Draws a bar per label in class order, divided by split.
 *
 * @example
 * ```ts
 * import { auditDataset, labelsFigure, loadDataset } from "@undertone/undertone";
 *
 * const { svg } = labelsFigure(auditDataset(await loadDataset("sample")));
 * ```
 */
export function labelsFigure({ name, labels, rows }: Audit): Figure {
  const title = `${name}: rows per label`;
  const subtitle = SPLITS.map((split) => `${count(rows[split])} ${split}`).join("  ·  ");
  return {
    title: `${title}, ${subtitle}`,
    svg: draw(labels, title, subtitle),
    plotly: plotly(labels, title, subtitle),
  };
}

const total = (counts: Audit["rows"]) => SPLITS.reduce((sum, split) => sum + counts[split], 0);

const EDGE = 24;
const ROW = 32;
const TOP = 108;
const WIDTH = 440;
const COLOURS = [SERIES[0], SERIES[5], SERIES[2]];

function draw(labels: Audit["labels"], title: string, subtitle: string): string {
  const names = Object.keys(labels).map((name) => fit(name, 13, 200));
  const left = EDGE + Math.max(0, ...names.map((name) => textWidth(name, 13))) + 14;
  const most = Math.max(1, ...Object.values(labels).map(total));
  const bottom = TOP + names.length * ROW;
  const x = (rows: number) => left + rows / most * WIDTH;
  const legend = SPLITS.map((split, i) =>
    ofLegend(
      split,
      rect(left + i * 80, 76, 12, 12, { fill: COLOURS[i], radius: 2 }),
      text(left + i * 80 + 18, 86, split, { size: 12, fill: MUTED }),
    )
  );
  const grid = ticks(0, most, 6).filter(Number.isInteger).flatMap((mark) => [
    line(x(mark), TOP, x(mark), bottom),
    text(x(mark), bottom + 20, count(mark), { anchor: "middle", size: 12, fill: MUTED }),
  ]);
  const bars = Object.entries(labels).flatMap(([label, counts], row) => {
    const y = TOP + row * ROW;
    let from = 0;
    const parts = SPLITS.map((split, i) => {
      const start = from;
      from += counts[split];
      const bar = rect(x(start), y + 5, x(from) - x(start), ROW - 10, { fill: COLOURS[i] });
      return ofSeries(split, mark(`${label}, ${split}: ${count(counts[split])} rows`, bar));
    });
    return [
      text(left - 10, y + ROW / 2 + 4, names[row], { anchor: "end" }),
      ...parts,
      text(x(from) + 8, y + ROW / 2 + 4, count(from), { size: 12, fill: MUTED }),
    ];
  });
  const width = Math.max(
    left + WIDTH + 70,
    EDGE * 2 + textWidth(title, 18),
    EDGE * 2 + textWidth(subtitle, 13),
  );
  return document(width, bottom + 40, title, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...legend,
    ...grid,
    ...bars,
  ]);
}

function plotly(labels: Audit["labels"], title: string, subtitle: string): PlotlyFigure {
  const names = Object.keys(labels), positions = names.map((_, i) => i);
  return plotlyFigure({
    title,
    subtitle,
    data: SPLITS.map((split, i) => ({
      type: "bar",
      orientation: "h",
      name: split,
      y: positions,
      x: Object.values(labels).map((counts) => counts[split]),
      marker: { color: COLOURS[i] },
      customdata: names.map(plotlyText),
      hovertemplate: `%{customdata}, ${split}: %{x} rows<extra></extra>`,
    })),
    layout: {
      height: 170 + ROW * names.length,
      annotations: Object.values(labels).map((counts, row) => ({
        ...besideRow(row, count(total(counts))),
        x: total(counts),
        xref: "x",
      })),
      margin: { l: 40, r: 30, t: 84, b: 40 },
      barmode: "stack",
      legend: { traceorder: "normal" },
      bargap: 0.3,
      xaxis: { gridcolor: LINE, zeroline: false },
      yaxis: {
        tickvals: positions,
        ticktext: names.map(plotlyText),
        autorange: "reversed",
        automargin: true,
      },
    },
  });
}
