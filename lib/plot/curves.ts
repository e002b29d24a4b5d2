/**
 * Draws training curves: one panel per kind of quantity, names at the ends of the lines, the best epoch
 * marked.
 */
import type { Figure, PlotlyFigure } from "./figure.ts";
import {
  circle,
  document,
  fit,
  line,
  mark,
  ofLegend,
  ofSeries,
  polyline,
  target,
  text,
  textWidth,
  ticks,
} from "./svg.ts";
import { axisTitle, INK, LINE, MUTED, PAPER, percent, plotlyFigure, plotlyText, SERIES } from "./theme.ts";

export interface Panel {
  title: string;
  /** Values per epoch by name, null if there is none yet. */
  series: Record<string, readonly (number | null)[]>;
  /** Whether values are fractions, shown in percent. */
  percent?: boolean;
}

export interface Curves {
  title: string;
  /** Epoch of each value, or update if `axis` says so. */
  epochs: readonly number[];
  /** What the values are over. Default: epoch. */
  axis?: "epoch" | "update";
  panels: readonly Panel[];
  /** The epoch whose parameters were kept. */
  best?: number;
}

/** Draws panels side by side over the same epochs. */
export const curvesFigure = (curves: Curves): Figure => ({
  title: curves.title,
  svg: draw(curves),
  plotly: plotly(curves),
});

type Point = [epoch: number, value: number];

/** Returns the finite values of a series with their epochs. */
const points = (epochs: readonly number[], values: readonly (number | null)[]): Point[] =>
  values.flatMap((value, i): Point[] => value !== null && Number.isFinite(value) ? [[epochs[i], value]] : []);

const PLOT = { width: 330, height: 210 };
const EDGE = 24;
const AXIS = 52;
const NAME = 128;
const PANEL = AXIS + PLOT.width + NAME;
const TOP = 108;

function draw({ title, epochs, panels, best, axis }: Curves): string {
  const width = EDGE * 2 + panels.length * PANEL;
  const x = scale(range(epochs), 0, PLOT.width);
  const parts = panels.map((panel, i) =>
    drawPanel(panel, { epochs, best, axis }, x, EDGE + i * PANEL + AXIS)
  );
  return document(width, TOP + PLOT.height + 62, title, [
    text(EDGE, 36, fit(title, 18, width - 2 * EDGE), { size: 18, weight: 600 }),
    ...parts.flat(),
  ]);
}

function drawPanel(
  panel: Panel,
  { epochs, best, axis = "epoch" }: Pick<Curves, "epochs" | "best" | "axis">,
  x: (epoch: number) => number,
  left: number,
): string[] {
  const bottom = TOP + PLOT.height;
  const series = Object.entries(panel.series).map(([name, values], i) => ({
    name,
    key: `${panel.title}: ${name}`,
    points: points(epochs, values),
    colour: SERIES[i % SERIES.length],
  }));
  const [low, high] = range(series.flatMap(({ points }) => points.map(([, value]) => value)), 0.06);
  const y = scale([low, high], bottom, TOP);
  const marks = ticks(low, high, 4);
  const digits = decimals(marks.map((mark) => panel.percent ? mark * 100 : mark));
  const say = (value: number, more = 0) =>
    panel.percent ? percent(value, digits + more) : value.toFixed(digits + more);
  const at = ([epoch, value]: Point) => [left + x(epoch), y(value)] as const;

  const ends = series.filter(({ points }) => points.length > 0);
  const labels = spreadOut(ends.map(({ points }) => y(points.at(-1)![1])), 15);
  return [
    text(left - AXIS, TOP - 32, panel.percent ? `${panel.title} (%)` : panel.title, { weight: 600 }),
    ...marks.flatMap((mark) => [
      line(left, y(mark), left + PLOT.width, y(mark)),
      text(left - 10, y(mark) + 4, say(mark), { anchor: "end", size: 12, fill: MUTED }),
    ]),
    ...wholeEpochs(epochs).map((epoch) =>
      text(left + x(epoch), bottom + 20, `${epoch}`, { anchor: "middle", size: 12, fill: MUTED })
    ),
    text(left + PLOT.width / 2, bottom + 40, axis, { anchor: "middle", size: 12, fill: MUTED }),
    ...(best === undefined ? [] : [
      line(left + x(best), TOP - 8, left + x(best), bottom, { stroke: MUTED, dash: "3 4" }),
      text(left + x(best), TOP - 12, `best: ${best}`, { anchor: "middle", size: 12, fill: MUTED }),
    ]),
    ...series.map(({ key, points, colour }) =>
      ofSeries(
        key,
        polyline(points.map(at), { stroke: colour, width: 2 }),
        ...points.filter(([epoch], _, all) => epoch === best || all.length === 1)
          .map((point) => circle(...at(point), 4, { fill: colour, stroke: PAPER, width: 1.5 })),
      )
    ),
    ...epochs.map((epoch, i) => {
      const values = series.flatMap(({ name, points }) =>
        points.filter(([at]) => at === epoch).map(([, value]) => `\n${name} ${say(value, 1)}`)
      );
      const from = i > 0 ? (x(epochs[i - 1]) + x(epoch)) / 2 : 0;
      const to = i + 1 < epochs.length ? (x(epochs[i + 1]) + x(epoch)) / 2 : PLOT.width;
      return mark(`epoch ${epoch}${values.join("")}`, target(left + from, TOP, to - from, PLOT.height));
    }),
    ...ends.map(({ name, key, points, colour }, i) => {
      const value = say(points.at(-1)![1], 1);
      const end = left + x(points.at(-1)![0]);
      const label = `${fit(name, 12, NAME - 24 - textWidth(value, 12))} ${value}`;
      const at = Math.max(end, left) + 9;
      return ofLegend(key, text(at, labels[i] + 4, label, { size: 12, fill: colour, weight: 600 }));
    }),
    line(left, bottom, left + PLOT.width, bottom, { stroke: INK }),
  ];
}

/** Returns the epochs that an axis names: about six, and whole ones only. */
const wholeEpochs = (epochs: readonly number[]): number[] =>
  ticks(...range(epochs), 6).filter(Number.isInteger);

/**
 * Returns the lowest and highest value, widened by a share of their distance. If values are constant or
 * missing, returns a range around them.
 */
function range(values: readonly number[], margin = 0): [number, number] {
  if (values.length === 0) return [0, 1];
  const low = Math.min(...values), high = Math.max(...values);
  const room = high > low ? (high - low) * margin : Math.max(Math.abs(low) * 0.1, 1e-6);
  return [low - room, high + room];
}

const scale = ([low, high]: [number, number], from: number, to: number) => (value: number): number =>
  from + (value - low) / (high - low) * (to - from);

/** Returns the fewest decimals that distinguish the marks. */
const decimals = (marks: readonly number[]): number => {
  const step = marks.length > 1 ? marks[1] - marks[0] : Math.abs(marks[0] ?? 1) || 1;
  return Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
};

/** Moves positions apart as little as possible until neighbours are `gap` apart. */
function spreadOut(positions: readonly number[], gap: number): number[] {
  const order = [...positions.keys()].sort((a, b) => positions[a] - positions[b]);
  const moved = [...positions];
  for (let round = 0; round < 50; round++) {
    for (let k = 1; k < order.length; k++) {
      const lack = gap - (moved[order[k]] - moved[order[k - 1]]);
      if (lack > 0) {
        moved[order[k - 1]] -= lack / 2;
        moved[order[k]] += lack / 2;
      }
    }
  }
  return moved;
}

function plotly({ title, epochs, panels, best, axis = "epoch" }: Curves): PlotlyFigure {
  const suffix = (i: number) => i === 0 ? "" : `${i + 1}`; // plotly counts x, x2, x3
  const gap = 0.09, share = (1 - gap * (panels.length - 1)) / panels.length;
  const axes = panels.map((panel, i) => ({
    [`xaxis${suffix(i)}`]: {
      domain: [i * (share + gap), i * (share + gap) + share],
      anchor: `y${suffix(i)}`,
      title: axisTitle(axis),
      tickvals: wholeEpochs(epochs),
      gridcolor: LINE,
    },
    [`yaxis${suffix(i)}`]: {
      anchor: `x${suffix(i)}`,
      title: axisTitle(panel.title),
      tickformat: panel.percent ? ".0%" : "",
      hoverformat: panel.percent ? ".1%" : ".4f",
      gridcolor: LINE,
      automargin: true,
    },
  }));
  return plotlyFigure({
    title,
    data: panels.flatMap((panel, i) =>
      Object.entries(panel.series).map(([name, values], k) => ({
        type: "scatter",
        mode: epochs.length > 1 ? "lines" : "markers",
        name: plotlyText(name),
        x: [...epochs],
        y: [...values],
        xaxis: `x${suffix(i)}`,
        yaxis: `y${suffix(i)}`,
        line: { color: SERIES[k % SERIES.length], width: 2 },
        legendgroup: panel.title,
        legendgrouptitle: { text: plotlyText(panel.title) },
      }))
    ),
    layout: {
      ...Object.assign({}, ...axes),
      height: 380,
      margin: { l: 60, r: 20, t: 70, b: 50 },
      hovermode: "x unified",
      shapes: best === undefined ? [] : panels.map((_, i) => ({
        type: "line",
        x0: best,
        x1: best,
        y0: 0,
        y1: 1,
        xref: `x${suffix(i)}`,
        yref: `y${suffix(i)} domain`,
        line: { color: MUTED, width: 1, dash: "dot" },
        label: { text: `best: ${best}`, textposition: "end", textangle: 0, font: { color: MUTED, size: 11 } },
      })),
    },
  });
}
