/** Draws predicted against true values: a panel for each dimension, with the line on which both are equal. */
import { type Density, densityOf } from "./density.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { circle, document, fit, line, mark, rect, text, textWidth, ticks } from "./svg.ts";
import { axisTitle, count, LINE, MUTED, plotlyFigure, plotlyText, SCALE, SERIES, shade } from "./theme.ts";

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
 * Draws a panel for each dimension: a dot per row, true values to the right and predicted ones upwards. Of
 * more than 1000 rows, squares show by their colour how many rows they hold.
 *
 * @example
 * ```ts
 * import { scatterFigure } from "@undertone/undertone";
 *
 * const { svg } = scatterFigure([{ label: "valence", truth: [0.1, 0.9], predicted: [0.3, 0.7] }], "dev");
 * ```
 */
export function scatterFigure(panels: readonly ScatterPanel[], title = "Predicted and true values"): Figure {
  const rows = panels[0]?.truth.length ?? 0;
  const subtitle = `${count(rows)} rows${
    rows > MOST_DOTS ? ", a darker square holds more of them, on a logarithmic scale" : ""
  }`;
  return {
    title: `${title}: ${subtitle}`,
    svg: draw(panels, title, subtitle),
    plotly: plotly(panels, title, subtitle),
  };
}

/** More rows than this are drawn as squares of their density: dots would cover each other. */
const MOST_DOTS = 1000;
const BINS = 40;
/** Panels side by side. */
const ACROSS = 3;

const EDGE = 24;
const SIDE = 260;
const GAP = 84;
const TOP = 104;
const BELOW = 92;

/** Returns the range of a panel, the same for both axes. */
function extent({ truth, predicted }: ScatterPanel): [number, number] {
  let low = Infinity, high = -Infinity;
  for (const value of [...truth, ...predicted]) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(high > low)) return Number.isFinite(low) ? [low - 1, low + 1] : [0, 1];
  const room = (high - low) * 0.04;
  return [low - room, high + room];
}

/** Returns the density of a panel, or undefined if its rows are drawn one by one. */
function densityIn({ truth, predicted }: ScatterPanel, [low, high]: [number, number]): Density | undefined {
  return truth.length > MOST_DOTS ? densityOf(truth, predicted, { low, high, bins: BINS }) : undefined;
}

/** Returns the place of a count between 0 and the largest one, by its logarithm: one row is visible, too. */
const depth = (rows: number, most: number): number =>
  0.15 + 0.85 * (most > 1 ? Math.log(rows) / Math.log(most) : 1);

function draw(panels: readonly ScatterPanel[], title: string, subtitle: string): string {
  const parts = panels.flatMap((panel, i) => {
    const { label, truth, predicted, note } = panel, range = extent(panel), [low, high] = range;
    const left = EDGE + 56 + (i % ACROSS) * (SIDE + GAP), right = left + SIDE;
    const top = TOP + Math.floor(i / ACROSS) * (SIDE + BELOW), bottom = top + SIDE;
    const x = (value: number) => left + (value - low) / (high - low) * SIDE;
    const y = (value: number) => bottom - (value - low) / (high - low) * SIDE;
    const grid = ticks(low, high, 5).flatMap((mark) => [
      line(x(mark), top, x(mark), bottom),
      line(left, y(mark), right, y(mark)),
      text(x(mark), bottom + 18, String(mark), { anchor: "middle", size: 11, fill: MUTED }),
      text(left - 8, y(mark) + 4, String(mark), { anchor: "end", size: 11, fill: MUTED }),
    ]);
    const density = densityIn(panel, range);
    return [
      text(left, top - 12, fit([label, note].filter(Boolean).join(", "), 13, SIDE), { weight: 600 }),
      ...grid,
      ...density ? squares(density, x, y) : [],
      line(x(low), y(low), x(high), y(high), { stroke: MUTED, dash: "4 4" }),
      ...density ? [] : truth.map((value, row) =>
        mark(
          `true ${value.toFixed(3)}\npredicted ${predicted[row].toFixed(3)}`,
          circle(x(value), y(predicted[row]), 3, { fill: SERIES[0], opacity: 0.45, width: 0 }),
        )
      ),
      text((left + right) / 2, bottom + 38, "true", { anchor: "middle", fill: MUTED }),
      text(left - 44, (top + bottom) / 2, "predicted", { anchor: "middle", fill: MUTED, rotate: -90 }),
    ];
  });
  const across = Math.min(ACROSS, panels.length), down = Math.max(1, Math.ceil(panels.length / ACROSS));
  const width = Math.max(
    EDGE + 56 + across * (SIDE + GAP),
    EDGE * 2 + textWidth(title, 18),
    EDGE * 2 + textWidth(subtitle, 13),
  );
  return document(width, TOP + down * (SIDE + BELOW) - BELOW + 56, `${title}: ${subtitle}`, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...parts,
  ]);
}

/** Draws the squares that hold rows. */
function squares(
  { counts, low, side, most }: Density,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  return counts.flatMap((row, i) =>
    row.flatMap((rows, j) => {
      if (rows === 0) return [];
      const left = x(low + j * side), top = y(low + (i + 1) * side);
      const size = x(low + side) - x(low);
      const from = (value: number) => `${value.toFixed(3)} to ${(value + side).toFixed(3)}`;
      return [mark(
        `true ${from(low + j * side)}\npredicted ${from(low + i * side)}\n${count(rows)} rows`,
        rect(left, top, size, size, { fill: shade(depth(rows, most)).fill }),
      )];
    })
  );
}

function plotly(panels: readonly ScatterPanel[], title: string, subtitle: string): PlotlyFigure {
  const suffix = (i: number) => i === 0 ? "" : String(i + 1);
  const across = Math.min(ACROSS, Math.max(1, panels.length));
  const down = Math.max(1, Math.ceil(panels.length / ACROSS));
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
    data: panels.map((panel, i) => {
      const { label, truth, predicted } = panel, density = densityIn(panel, extent(panel));
      const axes = { name: plotlyText(label), xaxis: `x${suffix(i)}`, yaxis: `y${suffix(i)}` };
      return density ? { ...axes, ...heat(density) } : {
        ...axes,
        type: "scatter",
        mode: "markers",
        x: [...truth],
        y: [...predicted],
        marker: { color: SERIES[0], opacity: 0.5, size: 6 },
        hovertemplate: "true %{x:.3f}<br>predicted %{y:.3f}<extra></extra>",
      };
    }),
    layout: {
      height: 60 + 350 * down,
      margin: { l: 70, r: 20, t: 84, b: 60 },
      showlegend: false,
      shapes: panels.map((panel, i) => {
        const [low, high] = extent(panel), line = { color: MUTED, width: 1, dash: "dash" };
        const axes = { xref: `x${suffix(i)}`, yref: `y${suffix(i)}` };
        return { type: "line", ...axes, x0: low, y0: low, x1: high, y1: high, line };
      }),
      grid: { rows: down, columns: across, pattern: "independent" },
      ...Object.assign({}, ...axes),
    },
  });
}

/** Returns the squares of a panel for plotly: the middle of each bin, and null where it has no row. */
function heat({ counts, low, side, most }: Density) {
  const middles = counts.map((_, i) => low + (i + 0.5) * side);
  return {
    type: "heatmap",
    x: middles,
    y: middles,
    z: counts.map((row) => row.map((rows) => rows > 0 ? depth(rows, most) : null)),
    customdata: counts,
    zmin: 0,
    zmax: 1,
    showscale: false,
    colorscale: SCALE.map((stop) => [...stop]),
    hovertemplate: "true %{x:.3f}<br>predicted %{y:.3f}<br>%{customdata} rows<extra></extra>",
  };
}
