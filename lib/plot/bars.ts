/** Compares methods: mean, deviation and single runs of one metric. Controls look different. */
import type { Figure, PlotlyFigure } from "./figure.ts";
import { circle, document, fit, line, mark, rect, target, text, textWidth, ticks } from "./svg.ts";
import { besideRow, LINE, MUTED, PAPER, percent, plotlyFigure, plotlyText, SERIES, STRIPE } from "./theme.ts";

/** One method or control of a comparison. */
export interface Bar {
  /** Name of the method or control. */
  name: string;
  /** Mean over the runs, a fraction 0 to 1 unless the comparison says otherwise. */
  mean: number;
  /** Deviation over the runs. Null for a single run. */
  deviation: number | null;
  /** Values of the single runs. */
  values?: readonly number[];
  /** Whether it is a control, which is drawn hollow. */
  control?: boolean;
}

/** A comparison of methods and controls. */
export interface Comparison {
  /** Title of the figure. */
  title: string;
  /** The metric and the split: "weighted F1, test". */
  metric: string;
  /** Bars from top to bottom. */
  bars: readonly Bar[];
  /** Whether values are fractions, shown in percent. Default true. */
  percent?: boolean;
  /** Whether a higher value is better. Default true. */
  higherIsBetter?: boolean;
}

/**
 * Draws a dot per method, with its deviation as a line. A dotted line runs through the best control.
 *
 * @example
 * ```ts
 * import { barsFigure } from "@undertone/undertone";
 *
 * const { svg } = barsFigure({
 *   title: "MELD",
 *   metric: "weighted F1, test",
 *   bars: [
 *     { name: "memocmt", mean: 0.612, deviation: 0.004, values: [0.608, 0.616] },
 *     { name: "text only", mean: 0.597, deviation: 0.006, control: true },
 *   ],
 * });
 * ```
 */
export const barsFigure = (comparison: Comparison): Figure => ({
  title: `${comparison.title}: ${comparison.metric}`,
  svg: draw(comparison),
  plotly: plotly(comparison),
});

const [METHOD, CONTROL] = [SERIES[0], "#7a8794"];
const EDGE = 24;
const ROW = 34;
const TOP = 92;
const WIDTH = 420;
const LONGEST = 200;

const bestControl = ({ bars, higherIsBetter = true }: Comparison): number | undefined => {
  const controls = bars.filter(({ control }) => control).map(({ mean }) => mean);
  const best = higherIsBetter ? Math.max : Math.min;
  return controls.length > 0 ? best(...controls) : undefined;
};

/** Returns the range that fits everything drawn: means with their deviations, and single runs. */
function extent({ bars, percent = true }: Comparison): [number, number] {
  const all = bars.flatMap(({ mean, deviation, values = [] }) => [
    mean - (deviation ?? 0),
    mean + (deviation ?? 0),
    ...values,
  ]);
  const low = Math.min(...all), high = Math.max(...all), room = Math.max(0.02, (high - low) * 0.06);
  return percent ? [Math.max(0, low - room), Math.min(1, high + room)] : [low - room, high + room];
}

/** Formats mean and deviation: "69.3 ± 1.0", or "0.512 ± 0.010" if they are no fractions. */
const sayIn = (comparison: Comparison) => ({ mean, deviation }: Bar): string => {
  const shown = shownIn(comparison);
  return deviation === null ? shown(mean) : `${shown(mean)} ± ${shown(deviation)}`;
};

const shownIn = ({ percent: isShare = true }: Comparison) => (value: number): string =>
  isShare ? percent(value) : value.toFixed(3);

function draw(comparison: Comparison): string {
  const { title, metric, bars, percent: isShare = true } = comparison, say = sayIn(comparison);
  const names = bars.map(({ name }) => fit(name, 13, LONGEST));
  const left = EDGE + Math.max(...names.map((name) => textWidth(name, 13))) + 16;
  const right = left + WIDTH, bottom = TOP + bars.length * ROW;
  const width = Math.max(right + 110, EDGE * 2 + textWidth(title, 18), EDGE * 2 + textWidth(metric, 13));
  const [low, high] = extent(comparison);
  const x = (value: number) => left + (value - low) / (high - low) * WIDTH;
  const control = bestControl(comparison);

  const middle = (i: number) => TOP + i * ROW + ROW / 2;
  const stripes = bars.flatMap((_, i) =>
    i % 2 ? [] : [rect(EDGE - 8, TOP + i * ROW, width - 2 * EDGE + 16, ROW, { fill: STRIPE, radius: 4 })]
  );
  const grid = ticks(low, high, 6).flatMap((mark) => [
    line(x(mark), TOP, x(mark), bottom),
    text(x(mark), bottom + 20, isShare ? percent(mark, 0) : String(mark), {
      anchor: "middle",
      size: 12,
      fill: MUTED,
    }),
  ]);
  const floor = control === undefined ? [] : [
    line(x(control), TOP - 6, x(control), bottom, { stroke: CONTROL, dash: "2 5", width: 1.5 }),
    text(x(control), TOP - 12, "best control", { anchor: "middle", size: 11, fill: MUTED }),
  ];
  const rows = bars.flatMap((bar, i) => {
    const { mean, values = [] } = bar, deviation = bar.deviation ?? 0;
    const y = middle(i), colour = bar.control ? CONTROL : METHOD;
    const runs = values.length > 0 ? `\nruns: ${values.map(shownIn(comparison)).join(", ")}` : "";
    return mark(
      `${bar.name}: ${say(bar)}${runs}`,
      target(EDGE, y - ROW / 2, width - 2 * EDGE, ROW),
      text(left - 16, y + 4, names[i], { anchor: "end" }),
      line(x(mean - deviation), y, x(mean + deviation), y, { stroke: colour, width: 2.5 }),
      ...values.map((value) => circle(x(value), y, 3, { fill: colour, opacity: 0.35 })),
      circle(x(mean), y, 6, { fill: bar.control ? PAPER : colour, stroke: colour }),
      text(width - EDGE, y + 4, say(bar), { anchor: "end", weight: bar.control ? 400 : 600 }),
    );
  });
  return document(width, bottom + 40, title, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, isShare ? `${metric} (%)` : metric, { fill: MUTED }),
    ...stripes,
    ...grid,
    ...floor,
    ...rows,
  ]);
}

function plotly(comparison: Comparison): PlotlyFigure {
  const { title, metric, bars, percent: isShare = true } = comparison;
  const control = bestControl(comparison);
  const rows = bars.map((_, i) => i);
  return plotlyFigure({
    title,
    subtitle: metric,
    data: [{
      type: "scatter",
      mode: "markers",
      x: bars.map(({ mean }) => mean),
      y: rows,
      error_x: {
        type: "data",
        array: bars.map(({ deviation }) => deviation ?? 0),
        thickness: 2,
        width: 4,
        color: CONTROL,
      },
      marker: {
        size: 12,
        color: bars.map((bar) => bar.control ? PAPER : METHOD),
        line: { width: 2, color: bars.map((bar) => bar.control ? CONTROL : METHOD) },
      },
      text: bars.map(sayIn(comparison)),
      customdata: bars.map(({ name }) => plotlyText(name)),
      hovertemplate: "%{customdata}: %{text}<extra></extra>",
    }, {
      type: "scatter",
      mode: "markers",
      x: bars.flatMap(({ values = [] }) => values),
      y: bars.flatMap(({ values = [] }, i) => values.map(() => i)),
      marker: { color: METHOD, size: 6, opacity: 0.35 },
      hoverinfo: "skip",
    }],
    layout: {
      height: 150 + 34 * bars.length,
      margin: { l: 40, r: 100, t: 84, b: 40 },
      annotations: bars.map((bar, i) => besideRow(i, sayIn(comparison)(bar))),
      showlegend: false,
      xaxis: { ...isShare && { tickformat: ".0%" }, gridcolor: LINE, zeroline: false },
      yaxis: {
        tickvals: rows,
        ticktext: bars.map(({ name }) => plotlyText(name)),
        range: [bars.length - 0.5, -0.5],
        automargin: true,
        zeroline: false,
        gridcolor: LINE,
      },
      shapes: control === undefined ? [] : [{
        type: "line",
        x0: control,
        x1: control,
        y0: 0,
        y1: 1,
        yref: "paper",
        line: { color: CONTROL, width: 1.5, dash: "dot" },
        label: {
          text: "best control",
          textposition: "end",
          textangle: 0,
          yanchor: "bottom",
          font: { color: MUTED, size: 11 },
        },
      }],
    },
  });
}
