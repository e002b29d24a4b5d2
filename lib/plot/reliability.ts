/** Draws reliability diagrams: accuracy against confidence, with the number of rows in each bin below. */
import type { ReliabilityBin } from "../eval/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { circle, document, fit, line, mark, rect, target, text, textWidth } from "./svg.ts";
import {
  axisTitle,
  count,
  INK,
  LINE,
  MUTED,
  PAPER,
  percent,
  plotlyFigure,
  plotlyText,
  SERIES,
} from "./theme.ts";

type Bins = readonly ReliabilityBin[];

/**
 * Draws a panel for each name, e.g. before and after temperature scaling. A dot shows the accuracy of a bin
 * at its mean confidence, with the 95 % interval. Dots below the diagonal are of a model that is too sure.
 * The bars below count the rows of each bin.
 *
 * @example
 * ```ts
 * import { reliability, reliabilityFigure, show } from "@undertone/undertone";
 *
 * const bins = reliability([0, 1, 1], [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]], 10);
 * show(reliabilityFigure({ dev: bins }));
 * ```
 */
export function reliabilityFigure(
  panels: Readonly<Record<string, readonly ReliabilityBin[]>>,
  title = "Confidence and accuracy",
): Figure {
  const named = Object.entries(panels).map(([name, bins]) => ({
    bins: bins.filter(({ n }) => n > 0),
    name: `${name}: ECE ${percent(eceOf(bins))} %`,
  }));
  const rows = named[0]?.bins.reduce((sum, { n }) => sum + n, 0) ?? 0;
  const subtitle = `${count(rows)} rows by the probability of the predicted class, with 95 % intervals`;
  return {
    title: `${title}: ${subtitle}`,
    svg: draw(named, title, subtitle),
    plotly: plotly(named, title, subtitle),
  };
}

interface Panel {
  name: string;
  /** The bins that have rows. */
  bins: Bins;
}

/** Returns the expected calibration error of bins. */
function eceOf(bins: Bins): number {
  const all = bins.reduce((sum, { n }) => sum + n, 0);
  return bins.reduce(
    (sum, { n, accuracy, confidence }) => n > 0 ? sum + n / all * Math.abs(accuracy! - confidence!) : sum,
    0,
  );
}

const EDGE = 24;
const AXIS = 56;
const SIDE = 260;
const GAP = 72;
const TOP = 104;
const BARS = 52;
const MARKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

function draw(panels: readonly Panel[], title: string, subtitle: string): string {
  const parts = panels.flatMap(({ name, bins }, i) => {
    const left = EDGE + AXIS + i * (SIDE + GAP), right = left + SIDE, bottom = TOP + SIDE;
    const base = bottom + 14 + BARS, most = Math.max(1, ...bins.map(({ n }) => n));
    const x = (share: number) => left + share * SIDE, y = (share: number) => bottom - share * SIDE;
    return [
      text(left, TOP - 14, fit(name, 13, SIDE), { weight: 600 }),
      ...MARKS.flatMap((tick) => [
        line(x(tick), TOP, x(tick), bottom),
        line(left, y(tick), right, y(tick)),
        text(left - 8, y(tick) + 4, percent(tick, 0), { anchor: "end", size: 11, fill: MUTED }),
        text(x(tick), base + 18, percent(tick, 0), { anchor: "middle", size: 11, fill: MUTED }),
      ]),
      line(x(0), y(0), x(1), y(1), { stroke: MUTED, dash: "4 4" }),
      text(left + 10, TOP + 20, "too unsure", { size: 11, fill: MUTED }),
      text(right - 10, bottom - 12, "too sure", { size: 11, fill: MUTED, anchor: "end" }),
      ...bins.flatMap(({ confidence, accuracy, interval_95 }) => [
        line(x(confidence!), y(interval_95![0]), x(confidence!), y(interval_95![1]), {
          stroke: SERIES[0],
          width: 1.5,
        }),
        circle(x(confidence!), y(accuracy!), 4.5, { fill: SERIES[0], stroke: PAPER, width: 1 }),
      ]),
      ...bins.map(({ low, high, n }) =>
        rect(x(low) + 0.5, base - n / most * BARS, (high - low) * SIDE - 1, n / most * BARS, { fill: MUTED })
      ),
      ...bins.map(({ low, high, n, confidence, accuracy, interval_95 }) =>
        mark(
          `confidence ${percent(confidence)} %\naccuracy ${percent(accuracy)} % (${
            interval_95!.map((end) => percent(end)).join(" to ")
          })\n${count(n)} rows`,
          target(x(low), TOP, (high - low) * SIDE, base - TOP),
        )
      ),
      line(left, base, right, base, { stroke: INK }),
      text(left - 8, base - BARS + 9, count(most), { anchor: "end", size: 11, fill: MUTED }),
      text(left - 8, base + 1, "0", { anchor: "end", size: 11, fill: MUTED }),
      text((left + right) / 2, base + 38, "confidence (%)", { anchor: "middle", size: 12, fill: MUTED }),
      text(left - 42, (TOP + bottom) / 2, "accuracy (%)", {
        anchor: "middle",
        size: 12,
        fill: MUTED,
        rotate: -90,
      }),
      text(left - 42, base - BARS / 2, "rows", { anchor: "middle", size: 12, fill: MUTED, rotate: -90 }),
    ];
  });
  const width = Math.max(
    EDGE * 2 + AXIS + panels.length * (SIDE + GAP) - GAP,
    EDGE * 2 + textWidth(title, 18),
    EDGE * 2 + textWidth(subtitle, 13),
  );
  return document(width, TOP + SIDE + BARS + 68, `${title}: ${subtitle}`, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...parts,
  ]);
}

function plotly(panels: readonly Panel[], title: string, subtitle: string): PlotlyFigure {
  const gap = 0.1, share = (1 - gap * (panels.length - 1)) / Math.max(1, panels.length);
  // Plotly counts axes x, x2, x3. A panel has one x axis, an upper and a lower y axis.
  const nth = (i: number) => i === 0 ? "" : String(i + 1);
  const axes = panels.map((_, i) => ({
    [`xaxis${nth(i)}`]: {
      domain: [i * (share + gap), i * (share + gap) + share],
      range: [0, 1],
      anchor: `y${nth(2 * i + 1)}`,
      tickformat: ".0%",
      gridcolor: LINE,
      zeroline: false,
      title: axisTitle("confidence"),
    },
    [`yaxis${nth(2 * i)}`]: {
      domain: [0.28, 1],
      range: [0, 1],
      anchor: `x${nth(i)}`,
      tickformat: ".0%",
      gridcolor: LINE,
      zeroline: false,
      title: axisTitle("accuracy"),
    },
    [`yaxis${nth(2 * i + 1)}`]: {
      domain: [0, 0.2],
      anchor: `x${nth(i)}`,
      gridcolor: LINE,
      title: axisTitle("rows"),
    },
  }));
  const note = (i: number) => ({ xref: `x${nth(i)}`, yref: `y${nth(2 * i)}`, showarrow: false });
  const corner = { font: { size: 11, color: MUTED } };
  return plotlyFigure({
    title,
    subtitle,
    data: panels.flatMap(({ name, bins }, i) => [
      {
        type: "scatter",
        mode: "markers",
        name: plotlyText(name),
        x: bins.map(({ confidence }) => confidence),
        y: bins.map(({ accuracy }) => accuracy),
        error_y: {
          type: "data",
          symmetric: false,
          array: bins.map(({ accuracy, interval_95 }) => interval_95![1] - accuracy!),
          arrayminus: bins.map(({ accuracy, interval_95 }) => accuracy! - interval_95![0]),
          width: 0,
        },
        xaxis: `x${nth(i)}`,
        yaxis: `y${nth(2 * i)}`,
        cliponaxis: false,
        marker: { color: SERIES[0], size: 9 },
        customdata: bins.map(({ n, interval_95 }) => [n, ...interval_95!]),
        hovertemplate: "confidence %{x:.1%}<br>accuracy %{y:.1%} (95 %: %{customdata[1]:.1%} to " +
          "%{customdata[2]:.1%})<br>%{customdata[0]} rows<extra></extra>",
      },
      {
        type: "bar",
        name: "rows",
        x: bins.map(({ low, high }) => (low + high) / 2),
        y: bins.map(({ n }) => n),
        width: bins.map(({ low, high }) => (high - low) * 0.96),
        xaxis: `x${nth(i)}`,
        yaxis: `y${nth(2 * i + 1)}`,
        marker: { color: MUTED },
        hovertemplate: "%{y} rows<extra></extra>",
      },
    ]),
    layout: {
      height: 520,
      margin: { l: 70, r: 20, t: 108, b: 60 },
      showlegend: false,
      shapes: panels.map((_, i) => ({
        type: "line",
        xref: `x${nth(i)}`,
        yref: `y${nth(2 * i)}`,
        x0: 0,
        y0: 0,
        x1: 1,
        y1: 1,
        line: { color: MUTED, width: 1, dash: "dash" },
      })),
      annotations: panels.flatMap(({ name }, i) => [
        { ...note(i), text: `<b>${plotlyText(name)}</b>`, x: 0, y: 1, xanchor: "left", yanchor: "bottom" },
        { ...note(i), ...corner, text: "too unsure", x: 0.03, y: 0.97, xanchor: "left", yanchor: "top" },
        { ...note(i), ...corner, text: "too sure", x: 0.97, y: 0.03, xanchor: "right", yanchor: "bottom" },
      ]),
      ...Object.assign({}, ...axes),
    },
  });
}
