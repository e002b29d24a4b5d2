/** Draws trials as lines over parallel axes: one axis for each option, and the score as the last. */
import type { Figure, PlotlyFigure } from "./figure.ts";
import { document, fit, line, mark, polyline, text, textWidth, ticks } from "./svg.ts";
import { INK, MUTED, PAPER, plotlyFigure, plotlyText, SERIES, shade } from "./theme.ts";

/** One option of the trials. */
export interface ParallelAxis {
  /** Name of the option. */
  name: string;
  /** Its value in each trial; null where the trial does not have it. */
  values: readonly (number | string | null)[];
  /** The choices from bottom to top, if values are names. */
  choices?: readonly string[];
  /** The range, if values are numbers. */
  range?: readonly [low: number, high: number];
  /** Whether the axis of numbers is logarithmic. */
  log?: boolean;
}

/** Trials with their options and scores. */
export interface ParallelTrials {
  /** Title of the figure. */
  title: string;
  /** The options from left to right. */
  axes: readonly ParallelAxis[];
  /** Name of the score: "weighted F1 on dev". */
  metric: string;
  /** The score of each trial. */
  scores: readonly number[];
  /** Names of the trials. */
  names: readonly string[];
  /** Whether scores are fractions, shown in percent. Default true. */
  percent?: boolean;
  /** Whether a higher score is better. Default true. */
  higherIsBetter?: boolean;
  /** Index of the trial that is drawn above all others. */
  best?: number;
}

/**
 * Draws a line for each trial, the darker the better its score. The best one is drawn last, in another
 * colour. A line that passes below an axis belongs to a trial without that option.
 *
 * @example
 * ```ts
 * import { parallelFigure } from "@undertone/undertone";
 *
 * const { svg } = parallelFigure({
 *   title: "Trials",
 *   axes: [{ name: "lr", values: [1e-4, 1e-3], range: [1e-4, 1e-3], log: true }],
 *   metric: "macro F1 on dev",
 *   scores: [0.41, 0.44],
 *   names: ["trial-0", "trial-1"],
 *   best: 1,
 * });
 * ```
 */
export function parallelFigure(trials: ParallelTrials): Figure {
  const drawn = { ...trials, columns: columnsOf(trials) };
  const title = `${trials.title}: ${trials.scores.length} trials, ${trials.metric}`;
  return { title, svg: draw(drawn, title), plotly: plotly(drawn) };
}

/** An axis on which every value has a place from 0 to 1. */
interface Column {
  name: string;
  /** Place of each trial; null where it has none. */
  places: (number | null)[];
  ticks: { place: number; text: string }[];
  shown: (trial: number) => string;
}

type Drawn = ParallelTrials & { columns: Column[] };

const [EDGE, TOP, HEIGHT, BELOW, GAP] = [24, 110, 300, 64, 150];
/** Where lines of trials without an option pass its axis. */
const ABSENT = -0.09;
const BEST = SERIES[1];

function columnsOf({ axes, metric, scores, percent = true }: ParallelTrials): Column[] {
  const low = Math.min(...scores), high = Math.max(...scores), room = Math.max(1e-3, (high - low) * 0.05);
  const score: ParallelAxis = { name: metric, values: scores, range: [low - room, high + room] };
  return [
    ...axes.map((axis) => columnOf(axis, (value) => shortNumber(value))),
    columnOf(score, (value) => percent ? (100 * value).toFixed(1) : shortNumber(value)),
  ];
}

function columnOf(axis: ParallelAxis, say: (value: number) => string): Column {
  const { name, values, choices } = axis;
  const shown = (trial: number) => {
    const value = values[trial];
    return value === null ? "none" : typeof value === "number" ? say(value) : value;
  };
  if (choices) {
    const place = (choice: string) => (choices.indexOf(choice) + 0.5) / choices.length;
    return {
      ...{ name, shown },
      places: values.map((value) => value === null ? null : place(String(value))),
      ticks: choices.map((choice) => ({ place: place(choice), text: choice })),
    };
  }
  const [low, high] = axis.range!, to = axis.log ? Math.log10 : (x: number) => x;
  const place = (value: number) => high > low ? (to(value) - to(low)) / (to(high) - to(low)) : 0.5;
  const marks = axis.log ? logTicks(low, high) : ticks(low, high, 5);
  return {
    ...{ name, shown },
    places: values.map((value) => value === null ? null : place(value as number)),
    ticks: marks.map((value) => ({ place: place(value), text: say(value) })),
  };
}

/** Returns 1, 2 and 5 times powers of ten within a range, only powers of ten if these are many. */
function logTicks(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
  const steps = to - from > 3 ? [1] : [1, 2, 5];
  return Array.from({ length: to - from + 1 }, (_, i) => steps.map((step) => Number(`${step}e${from + i}`)))
    .flat()
    .filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

const shortNumber = (value: number): string => {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5)
    ? value.toExponential().replace("e+", "e")
    : String(Number(value.toPrecision(4)));
};

/** Returns the trials from the worst to the best, each with its share of the scores' range, 0 to 1. */
function ranked({ scores, higherIsBetter = true }: Drawn): { trial: number; share: number }[] {
  const low = Math.min(...scores), high = Math.max(...scores);
  return [...scores.keys()].map((trial) => {
    const share = high > low ? (scores[trial] - low) / (high - low) : 1;
    return { trial, share: higherIsBetter ? share : 1 - share };
  }).sort((a, b) => a.share - b.share || b.trial - a.trial);
}

const colourOf = (share: number): string => shade(0.2 + 0.8 * share).fill;

/** Says what a trial is, line by line. */
const wordsOf = ({ names, columns }: Drawn, trial: number): string[] => [
  names[trial],
  ...columns.flatMap(({ name, places, shown }) => places[trial] === null ? [] : `${name} ${shown(trial)}`),
];

function subtitleOf({ best, names, columns }: Drawn): string {
  const absent = columns.some(({ places }) => places.includes(null));
  return [
    "the darker, the better",
    ...best === undefined ? [] : [`orange: ${names[best]}`],
    ...absent ? ["below an axis: without that option"] : [],
  ].join("; ");
}

function draw(trials: Drawn, label: string): string {
  const { title, columns, best } = trials, subtitle = subtitleOf(trials);
  const left = EDGE + Math.max(70, ...columns[0].ticks.map((tick) => textWidth(tick.text, 11) + 10));
  const x = (column: number) => left + column * GAP, y = (place: number) => TOP + (1 - place) * HEIGHT;
  const width = Math.max(
    x(columns.length - 1) + 80,
    EDGE * 2 + textWidth(title, 18),
    EDGE * 2 + textWidth(subtitle, 13),
  );
  const lines = ranked(trials).filter(({ trial }) => trial !== best)
    .map(({ trial, share }) => ({ trial, stroke: colourOf(share), width: 1.6 }));
  if (best !== undefined) lines.push({ trial: best, stroke: BEST, width: 3 });
  return document(width, TOP + HEIGHT + BELOW, label, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...lines.map(({ trial, stroke, width }) =>
      mark(
        wordsOf(trials, trial).join("\n"),
        polyline(columns.map(({ places }, i) => [x(i), y(places[trial] ?? ABSENT)] as const), {
          stroke,
          width,
        }),
      )
    ),
    ...columns.flatMap(({ name, ticks }, i) => [
      line(x(i), y(0), x(i), y(1), { stroke: MUTED }),
      text(x(i), TOP - 16, fit(name, 13, GAP - 12), { anchor: "middle", weight: 600 }),
      ...ticks.flatMap(({ place, text: content }) => {
        const isLast = i === columns.length - 1, side = isLast ? 1 : -1; // lines end at the last axis
        return [
          line(x(i) + 4 * side, y(place), x(i), y(place), { stroke: MUTED }),
          text(x(i) + 8 * side, y(place) + 4, fit(content, 11, i ? GAP - 30 : left), {
            ...{ anchor: isLast ? "start" : "end", size: 11, fill: INK },
          }),
        ];
      }),
    ]),
  ]);
}

function plotly(trials: Drawn): PlotlyFigure {
  const { title, columns, best } = trials, at = columns.map((_, i) => i);
  const order = [
    ...ranked(trials).filter(({ trial }) => trial !== best),
    ...best === undefined ? [] : [{
      trial: best,
      share: 1,
    }],
  ];
  return plotlyFigure({
    title,
    subtitle: subtitleOf(trials),
    data: order.map(({ trial, share }) => ({
      type: "scatter",
      mode: "lines+markers",
      x: at,
      y: columns.map(({ places }) => places[trial] ?? ABSENT),
      name: plotlyText(trials.names[trial]),
      line: { color: trial === best ? BEST : colourOf(share), width: trial === best ? 3 : 1.6 },
      marker: { size: 4 },
      hovertext: plotlyText(wordsOf(trials, trial).join("\n")).replaceAll("\n", "<br>"),
      hoverinfo: "text",
    })),
    layout: {
      height: 480,
      margin: { l: 90, r: 40, t: 100, b: 30 },
      showlegend: false,
      xaxis: {
        tickvals: at,
        ticktext: columns.map(({ name }) => `<b>${plotlyText(name)}</b>`),
        side: "top",
        range: [-0.2, columns.length - 0.8],
        gridcolor: MUTED,
        zeroline: false,
      },
      yaxis: { visible: false, range: [ABSENT - 0.04, 1.04] },
      annotations: columns.flatMap(({ ticks }, i) =>
        ticks.map(({ place, text }) => ({
          ...{ x: i, y: place, text: plotlyText(text), showarrow: false },
          ...i === columns.length - 1 ? { xanchor: "left", xshift: 6 } : { xanchor: "right", xshift: -6 },
          ...{ font: { size: 11, color: INK }, bgcolor: PAPER, opacity: 0.85 },
        }))
      ),
    },
  });
}
