/** Draws a table of values as a heat map: one metric for each pair of a row and a column. */
import { darkened } from "./dark.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { document, fit, mark, rect, text, textWidth } from "./svg.ts";
import { axisTitle, INK, MUTED, percent, plotlyFigure, plotlyText, SCALE, shade } from "./theme.ts";

/** One cell of a heat map. */
export interface HeatCell {
  /** The value, a fraction 0 to 1. */
  value: number;
  /** Ends of its interval. */
  interval?: readonly [number, number];
  /** Whether a frame marks the cell. */
  marked?: boolean;
}

/** A heat map. */
export interface HeatMap {
  /** Title of the figure. */
  title: string;
  /** One line below the title. */
  subtitle: string;
  /** What the rows are, and their names. */
  rows: { title: string; names: readonly string[] };
  /** What the columns are, and their names. */
  columns: { title: string; names: readonly string[] };
  /** The cells by row and column; undefined where there is none. */
  cells: readonly (readonly (HeatCell | undefined)[])[];
}

/**
 * Draws a heat map. Its colours span the values, from the tenth below the least to the tenth above the
 * greatest. With `dark`, the drawing has dark paper; the interactive figure is the same.
 *
 * @example
 * ```ts
 * import { heatMapFigure } from "@undertone/undertone";
 *
 * const { svg } = heatMapFigure({
 *   title: "UA",
 *   subtitle: "in %",
 *   rows: { title: "trained on", names: ["ravdess", "cremad"] },
 *   columns: { title: "tested on", names: ["emodb"] },
 *   cells: [[{ value: 0.51, interval: [0.46, 0.57] }], [{ value: 0.62 }]],
 * });
 * ```
 */
export function heatMapFigure(map: HeatMap, { dark = false }: { dark?: boolean } = {}): Figure {
  const svg = draw(map);
  return {
    title: `${map.title}: ${map.subtitle}`,
    svg: dark ? darkened(svg) : svg,
    plotly: plotly(map),
  };
}

/** Returns the ends of the colours. */
function rangeOf({ cells }: HeatMap): [low: number, high: number] {
  const values = cells.flat().flatMap((cell) => cell ? [cell.value] : []);
  const low = Math.floor(10 * Math.min(1, ...values)) / 10,
    high = Math.ceil(10 * Math.max(0, ...values)) / 10;
  return low < high ? [low, high] : [Math.max(0, low - 0.1), Math.min(1, low + 0.1)];
}

const said = ({ interval }: HeatCell): string =>
  interval ? `${percent(interval[0])} to ${percent(interval[1])}` : "";

const LABEL = 13;
const LONGEST = 190;
const EDGE = 24;
const CELL = 104;
const HEIGHT = 60;

function draw(map: HeatMap): string {
  const { title, subtitle, rows, columns, cells } = map, [low, high] = rangeOf(map);
  const named = rows.names.map((name) => fit(name, LABEL, LONGEST));
  const heads = columns.names.map((name) => fit(name, LABEL, LONGEST));
  const widest = Math.max(...heads.map((name) => textWidth(name, LABEL))), isUpright = widest <= CELL - 6;
  const left = EDGE + 24 + Math.max(...named.map((name) => textWidth(name, LABEL))) + 12, top = 84;
  const right = left + columns.names.length * CELL, bottom = top + rows.names.length * HEIGHT;
  const below = isUpright ? 22 : 14 + (widest + LABEL) * Math.SQRT1_2;
  const boxes = cells.flatMap((row, i) =>
    row.flatMap((cell, j) => {
      const x = left + j * CELL, y = top + i * HEIGHT, middle = x + CELL / 2;
      if (!cell) return [text(middle, y + HEIGHT / 2 + 4, "–", { anchor: "middle", fill: MUTED })];
      const { fill, ink: on } = shade((cell.value - low) / (high - low)),
        stroke = cell.marked ? INK : undefined;
      const line = cell.interval ? HEIGHT / 2 - 1 : HEIGHT / 2 + 5;
      return [mark(
        `${rows.title} ${rows.names[i]}\n${columns.title} ${columns.names[j]}\n${percent(cell.value)} %${
          cell.interval ? ` (${said(cell)})` : ""
        }`,
        rect(x + 2, y + 2, CELL - 4, HEIGHT - 4, { fill, radius: 3, stroke }),
        text(middle, y + line, percent(cell.value), { anchor: "middle", weight: 600, size: 15, fill: on }),
        cell.interval
          ? text(middle, y + HEIGHT / 2 + 16, said(cell), { anchor: "middle", size: 11, fill: on })
          : "",
      )];
    })
  );
  const legend = [0, 1, 2, 3, 4, 5, 6, 7].map((step) =>
    rect(left + step * 16, bottom + below + 44, 16, 10, { fill: shade(step / 7).fill })
  );
  const ends = [percent(low, 0), `${percent(high, 0)} %`];
  const width = EDGE + Math.max(
    right,
    left + 128 + 10 + textWidth(ends[1], 11),
    EDGE + textWidth(subtitle, LABEL),
    EDGE + textWidth(title, 18),
  );
  return document(width, bottom + below + 78, `${title}: ${subtitle}`, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...boxes,
    ...named.map((name, i) =>
      text(left - 10, top + i * HEIGHT + HEIGHT / 2 + LABEL / 3, name, { anchor: "end" })
    ),
    ...heads.map((name, j) => {
      const x = left + j * CELL + CELL / 2;
      return isUpright
        ? text(x, bottom + 18, name, { anchor: "middle" })
        : text(x + 4, bottom + 16, name, { anchor: "end", rotate: -45 });
    }),
    text(EDGE + 4, (top + bottom) / 2, rows.title, { anchor: "middle", fill: MUTED, rotate: -90 }),
    text((left + right) / 2, bottom + below + 20, columns.title, { anchor: "middle", fill: MUTED }),
    ...legend,
    text(left - 6, bottom + below + 53, ends[0], { anchor: "end", size: 11, fill: MUTED }),
    text(left + 134, bottom + below + 53, ends[1], { size: 11, fill: MUTED }),
  ]);
}

function plotly(map: HeatMap): PlotlyFigure {
  const { title, subtitle, rows, columns, cells } = map, [low, high] = rangeOf(map);
  // Positions, because two long names may be cut to the same one.
  const at = (names: readonly string[]) => names.map((_, i) => i);
  const axis = { showgrid: false, zeroline: false, ticks: "", fixedrange: true, automargin: true };
  const ticks = (names: readonly string[]) => ({
    tickvals: at(names),
    ticktext: names.map((name) => plotlyText(fit(name, LABEL, LONGEST))),
  });
  return plotlyFigure({
    title,
    subtitle,
    data: [{
      type: "heatmap",
      x: at(columns.names),
      y: at(rows.names),
      z: cells.map((row) => row.map((cell) => cell?.value ?? null)),
      zmin: low,
      zmax: high,
      colorscale: SCALE.map((stop) => [...stop]),
      xgap: 3,
      ygap: 3,
      text: cells.map((row) =>
        row.map((cell) =>
          cell ? [`<b>${percent(cell.value)}</b>`, said(cell)].filter(Boolean).join("<br>") : "–"
        )
      ),
      texttemplate: "%{text}",
      textfont: { size: 12 },
      customdata: rows.names.map((row) => columns.names.map((column) => [row, column].map(plotlyText))),
      hovertemplate: `${plotlyText(rows.title)} %{customdata[0]}<br>${
        plotlyText(columns.title)
      } %{customdata[1]}<br>%{z:.1%}<extra></extra>`,
      colorbar: { tickformat: ".0%", outlinewidth: 0, thickness: 12 },
    }],
    layout: {
      height: 210 + HEIGHT * Math.max(2, rows.names.length),
      margin: { l: 40, r: 20, t: 84, b: 40 },
      shapes: cells.flatMap((row, y) =>
        row.flatMap((cell, x) =>
          cell?.marked
            ? [{
              type: "rect",
              x0: x - 0.5,
              x1: x + 0.5,
              y0: y - 0.5,
              y1: y + 0.5,
              line: { color: INK, width: 1 },
            }]
            : []
        )
      ),
      xaxis: { ...axis, ...ticks(columns.names), title: axisTitle(columns.title) },
      yaxis: { ...axis, ...ticks(rows.names), title: axisTitle(rows.title), autorange: "reversed" },
    },
  });
}
