/** Draws predicted against true values: a panel for each dimension, with the line on which both are equal. */
import type { Figure, PlotlyFigure } from "./figure.ts";
import { circle, document, fit, line, text, textWidth, ticks } from "./svg.ts";
import { axisTitle, count, LINE, MUTED, plotlyFigure, plotlyText, SERIES } from "./theme.ts";

/** The values of one dimension. */
export interface ScatterPanel {
  /** Name of the dimension. */
  label: string;
  /** True value of each row. */
  truth: readonly number[];
  /** Predicted value of each row. */
  predicted: readonly number[];
  /** A line above the panel: "CCC 0.512". */
  note?: string;
}

/**
 * Draws a panel for each dimension: a dot per row, true values to the right and predicted ones upwards.
 *
 * @example
 * ```ts
 * import { scatterFigure } from "@undertone/undertone";
 *
 * const { svg } = scatterFigure([{ label: "valence", truth: [0.1, 0.9], predicted: [0.3, 0.7] }], "dev");
 * ```
 */
export function scatterFigure(panels: readonly ScatterPanel[], title = "Predicted and true values"): Figure {
  const subtitle = `${count(panels[0]?.truth.length ?? 0)} rows`;
  return {
    title: `${title}: ${subtitle}`,
    svg: draw(panels, title, subtitle),
    plotly: plotly(panels, title, subtitle),
  };
}

const EDGE = 24;
const SIDE = 260;
const GAP = 84;
const TOP = 104;

/** Returns the range of a panel, the same for both axes. */
function extent({ truth, predicted }: ScatterPanel): [number, number] {
  let low = Infinity, high = -Infinity;
  for (const value of [...truth, ...predicted]) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(high > low)) return Number.isFinite(low) ? [low - 1, low + 1] : [0, 1];
  const room = (high - low) * 0.04;
  return [low - room, high + room];
}

function draw(panels: readonly ScatterPanel[], title: string, subtitle: string): string {
  const bottom = TOP + SIDE;
  const parts = panels.flatMap((panel, i) => {
    const { label, truth, predicted, note } = panel, [low, high] = extent(panel);
    const left = EDGE + 56 + i * (SIDE + GAP), right = left + SIDE;
    const x = (value: number) => left + (value - low) / (high - low) * SIDE;
    const y = (value: number) => bottom - (value - low) / (high - low) * SIDE;
    const grid = ticks(low, high, 5).flatMap((mark) => [
      line(x(mark), TOP, x(mark), bottom),
      line(left, y(mark), right, y(mark)),
      text(x(mark), bottom + 18, String(mark), { anchor: "middle", size: 11, fill: MUTED }),
      text(left - 8, y(mark) + 4, String(mark), { anchor: "end", size: 11, fill: MUTED }),
    ]);
    return [
      text(left, TOP - 12, fit([label, note].filter(Boolean).join(", "), 13, SIDE), { weight: 600 }),
      ...grid,
      line(x(low), y(low), x(high), y(high), { stroke: MUTED, dash: "4 4" }),
      ...truth.map((value, row) =>
        circle(x(value), y(predicted[row]), 3, { fill: SERIES[0], opacity: 0.45, width: 0 })
      ),
      text((left + right) / 2, bottom + 38, "true", { anchor: "middle", fill: MUTED }),
      text(left - 44, (TOP + bottom) / 2, "predicted", { anchor: "middle", fill: MUTED, rotate: -90 }),
    ];
  });
  const width = Math.max(EDGE + 56 + panels.length * (SIDE + GAP), EDGE * 2 + textWidth(title, 18));
  return document(width, bottom + 56, `${title}: ${subtitle}`, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...parts,
  ]);
}

function plotly(panels: readonly ScatterPanel[], title: string, subtitle: string): PlotlyFigure {
  const suffix = (i: number) => i === 0 ? "" : String(i + 1);
  const axes = panels.map((panel, i) => {
    const range = extent(panel), axis = { range, gridcolor: LINE, zeroline: false };
    const name = [panel.label, panel.note].filter(Boolean).join(", ");
    return {
      [`xaxis${suffix(i)}`]: { ...axis, title: axisTitle(`${name}: true`) },
      [`yaxis${suffix(i)}`]: { ...axis, title: axisTitle("predicted") },
    };
  });
  return plotlyFigure({
    title,
    subtitle,
    data: panels.map(({ label, truth, predicted }, i) => ({
      type: "scatter",
      mode: "markers",
      name: plotlyText(label),
      x: [...truth],
      y: [...predicted],
      xaxis: `x${suffix(i)}`,
      yaxis: `y${suffix(i)}`,
      marker: { color: SERIES[0], opacity: 0.5, size: 6 },
      hovertemplate: "true %{x:.3f}<br>predicted %{y:.3f}<extra></extra>",
    })),
    layout: {
      width: 120 + 340 * Math.max(1, panels.length),
      height: 440,
      margin: { l: 70, r: 20, t: 84, b: 60 },
      showlegend: false,
      grid: { rows: 1, columns: Math.max(1, panels.length), pattern: "independent" },
      ...Object.assign({}, ...axes),
    },
  });
}
