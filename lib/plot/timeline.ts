/** Draws what a model predicts along a recording: the waveform, and below it a lane for each label. */
import type { Envelope, Span } from "../data/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { document, escape, fit, line, rect, text, textWidth, ticks } from "./svg.ts";
import { axisTitle, INK, LINE, MUTED, percent, plotlyFigure, plotlyText, SCALE, SERIES } from "./theme.ts";

/** A recording with the answers for its segments. */
export interface Timeline {
  /** Name of the recording. */
  name: string;
  /** Length in seconds. */
  seconds: number;
  /** Outline of the waveform. */
  envelope: Envelope;
  /** Names of the lanes: classes, labels or dimensions. */
  labels: readonly string[];
  /** Segments; one without an answer has none of `predicted`, `probabilities` and `values`. */
  segments: readonly (Span & {
    predicted?: string;
    probabilities?: Readonly<Record<string, number>>;
    values?: Readonly<Record<string, number>>;
  })[];
}

/** One segment in one lane: how strong it is drawn, 0 to 1, what it says, and whether it is the answer. */
interface Cell extends Span {
  lane: number;
  share: number;
  said: string;
  isAnswer: boolean;
}

/**
 * Draws the timeline of a recording. A lane is the stronger blue, the more probable its label is; a bar marks
 * the label that is predicted. Lanes of continuous values go from the lowest to the highest value. Time
 * without a segment stays empty.
 *
 * @example
 * ```ts
 * import { timelineFigure } from "@undertone/undertone";
 *
 * const { svg } = timelineFigure({
 *   name: "me.wav",
 *   seconds: 2,
 *   envelope: { step: 1, low: [-0.5, -0.2], high: [0.4, 0.3] },
 *   labels: ["joy", "anger"],
 *   segments: [{ start: 0.2, end: 1.5, predicted: "joy", probabilities: { joy: 0.8, anger: 0.2 } }],
 * });
 * ```
 */
export function timelineFigure(timeline: Timeline): Figure {
  const { segments, seconds } = timeline;
  const answered = segments.filter(({ predicted }) => predicted !== undefined), has = answered.length > 0;
  const length = [
    clock(seconds),
    has
      ? `${answered.length} predicted segment${answered.length === 1 ? "" : "s"}`
      : "no segment with a prediction",
  ];
  const legend = [
    ...has ? [answered[0].values ? "strong blue: high" : "strong blue: probable; orange: predicted"] : [],
    ...answered.length < segments.length ? ["grey bar: no prediction"] : [],
  ];
  const subtitle = [...length, ...legend].join("  ·  ");
  const cells = cellsOf(timeline);
  return {
    title: [timeline.name, ...length].join(", "),
    svg: draw(timeline, cells, subtitle),
    plotly: plotly(timeline, cells, subtitle),
  };
}

/** Writes seconds as they are, or as minutes and hours if there are many or if a clock is wanted. */
function clock(seconds: number, always = false): string {
  if (seconds < 120 && !always) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds), two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return `${hours > 0 ? `${hours}:` : ""}${hours > 0 ? two(whole / 60 % 60) : Math.floor(whole / 60)}:${
    two(whole % 60)
  }`;
}

function cellsOf({ segments, labels }: Timeline): Cell[] {
  const ranges = labels.map((label) => {
    const values = segments.flatMap(({ values }) => values ? [values[label]] : []);
    return values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  });
  return segments.flatMap(({ start, end, predicted, probabilities, values }) =>
    predicted === undefined ? [] : labels.map((label, lane): Cell => {
      const [low, high] = ranges[lane], span = { start, end, lane };
      if (values) {
        const share = high > low ? (values[label] - low) / (high - low) : 0.5;
        return { ...span, share, said: values[label].toFixed(3), isAnswer: false };
      }
      const p = probabilities![label], several = predicted.split(" + ");
      return {
        ...span,
        share: p,
        said: `${percent(p)} %`,
        isAnswer: label === predicted || several.includes(label),
      };
    })
  );
}

const EDGE = 24, WIDTH = 860, TOP = 78, WAVE = 96, LANE = 26, MARK = 5;
const BLUE = SERIES[0], ORANGE = SERIES[1];

function draw(
  { name, seconds, envelope, labels, segments }: Timeline,
  cells: readonly Cell[],
  subtitle: string,
) {
  const names = labels.map((label) => fit(label, 13, 150));
  const left = EDGE + Math.max(60, ...names.map((each) => textWidth(each, 13))) + 12, right = left + WIDTH;
  const lanes = TOP + WAVE + 14, bottom = lanes + labels.length * LANE, middle = TOP + WAVE / 2;
  const x = (time: number) => left + Math.min(1, time / Math.max(seconds, 1e-9)) * WIDTH;
  const marks = seconds > 0 ? timeTicks(seconds) : [];
  const answers = seconds > 0 ? cells : [];
  return document(right + EDGE, bottom + 50, `${name}, ${subtitle}`, [
    text(EDGE, 34, fit(name, 18, right - EDGE), { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...marks.map((mark) => line(x(mark), TOP, x(mark), bottom)),
    text(left - 10, middle + 4, "sound", { anchor: "end", fill: MUTED }),
    `<path fill="${MUTED}" stroke="${MUTED}" stroke-width="0.5" d="${waveform(envelope, x, middle)}"/>`,
    ...segments.filter(({ predicted }) => predicted === undefined).map(({ start, end }) =>
      rect(x(start), TOP + WAVE - 3, Math.max(1, x(end) - x(start)), 3, { fill: MUTED })
    ),
    ...labels.flatMap((_, lane) => [
      line(left, lanes + lane * LANE, right, lanes + lane * LANE),
      text(left - 10, lanes + lane * LANE + LANE / 2 + 4, names[lane], { anchor: "end" }),
    ]),
    ...answers.filter(({ share }) => share >= 0.01).map(({ start, end, lane, share, said, isAnswer }) =>
      `<rect x="${x(start).toFixed(2)}" y="${lanes + lane * LANE + 1}" width="${
        Math.max(0.5, x(end) - x(start)).toFixed(2)
      }" height="${LANE - 2}" fill="${BLUE}" fill-opacity="${share.toFixed(3)}"><title>${`${
        clock(start)
      } to ${clock(end)}\n${escape(labels[lane])} ${said}${isAnswer ? ", predicted" : ""}`}</title></rect>`
    ),
    ...answers.filter(({ isAnswer }) => isAnswer).map(({ start, end, lane }) =>
      rect(x(start), lanes + (lane + 1) * LANE - MARK, Math.max(1, x(end) - x(start)), MARK, { fill: ORANGE })
    ),
    line(left, bottom, right, bottom, { stroke: INK }),
    ...marks.map((mark) =>
      text(x(mark), bottom + 20, timeMark(mark, seconds), {
        anchor: "middle",
        size: 12,
        fill: MUTED,
      })
    ),
    text((left + right) / 2, bottom + 40, unitOf(seconds), {
      anchor: "middle",
      size: 12,
      fill: MUTED,
    }),
  ]);
}

/** Writes a time on the axis of a recording that is `seconds` long. */
const timeMark = (mark: number, seconds: number): string =>
  seconds < 120 || mark === 0 ? `${mark}` : clock(mark, true);

const unitOf = (seconds: number): string => seconds < 120 ? "s" : seconds < 3600 ? "min:s" : "h:min:s";

/** Returns round times: of seconds, or of minutes if there are many. */
function timeTicks(seconds: number): number[] {
  if (seconds < 120) return ticks(0, seconds, 8);
  const step = [15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((each) => seconds / each <= 10) ?? 7200;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
}

/** The drawn height is that of the loudest sample, or of this one if all are quieter. */
const QUIET = 0.02;
/** Most points of the drawn outline. */
const POINTS = 900;

function waveform({ step, low, high }: Envelope, x: (time: number) => number, middle: number): string {
  const merged = Math.max(1, Math.ceil(low.length / POINTS)), upper: string[] = [], lower: string[] = [];
  const peak = Math.max(QUIET, ...high, ...low.map((value) => -value)),
    scale = (WAVE / 2 - 6) / peak,
    y = (value: number) => (middle - value * scale).toFixed(1);
  for (let i = 0; i < low.length; i += merged) {
    const at = x((i + merged / 2) * step).toFixed(1);
    upper.push(`${at} ${y(Math.max(...high.slice(i, i + merged)))}`);
    lower.push(`${at} ${y(Math.min(...low.slice(i, i + merged)))}`);
  }
  return upper.length === 0 ? "" : `M${[...upper, ...lower.reverse()].join("L")}z`;
}

function plotly(
  { name, seconds, envelope, labels, segments }: Timeline,
  cells: readonly Cell[],
  subtitle: string,
): PlotlyFigure {
  const answers = cells.filter(({ isAnswer }) => isAnswer);
  const times = envelope.low.map((_, i) => (i + 0.5) * envelope.step);
  const outline = {
    type: "scatter",
    mode: "lines",
    line: { color: MUTED, width: 1 },
    hoverinfo: "skip",
    yaxis: "y2",
  };
  return plotlyFigure({
    title: name,
    subtitle,
    data: [
      { ...outline, x: times, y: envelope.low, showlegend: false },
      { ...outline, x: times, y: envelope.high, fill: "tonexty", fillcolor: MUTED, showlegend: false },
      {
        type: "bar",
        orientation: "h",
        base: cells.map(({ start }) => start),
        x: cells.map(({ start, end }) => end - start),
        y: cells.map(({ lane }) => lane),
        customdata: cells.map(({ start, end, lane, said, isAnswer }) =>
          `${clock(start)} to ${clock(end)}<br>${plotlyText(labels[lane])} ${said}${
            isAnswer ? ", predicted" : ""
          }`
        ),
        hovertemplate: "%{customdata}<extra></extra>",
        marker: {
          color: cells.map(({ share }) => share),
          cmin: 0,
          cmax: 1,
          colorscale: SCALE.map((stop) => [...stop]),
        },
        width: 0.86,
        showlegend: false,
      },
      {
        type: "bar",
        orientation: "h",
        base: answers.map(({ start }) => start),
        x: answers.map(({ start, end }) => end - start),
        y: answers.map(({ lane }) => lane + 0.35),
        hoverinfo: "skip",
        marker: { color: ORANGE },
        width: 0.16,
        showlegend: false,
      },
    ],
    layout: {
      height: 250 + LANE * labels.length,
      margin: { l: 40, r: 20, t: 84, b: 50 },
      barmode: "overlay",
      shapes: segments.filter(({ predicted }) => predicted === undefined).map(({ start, end }) => ({
        type: "line",
        x0: start,
        x1: end,
        y0: 0.72,
        y1: 0.72,
        yref: "paper",
        line: { color: MUTED, width: 3 },
      })),
      xaxis: {
        range: [0, seconds],
        title: axisTitle(unitOf(seconds)),
        tickvals: seconds > 0 ? timeTicks(seconds) : [],
        ticktext: seconds > 0 ? timeTicks(seconds).map((mark) => timeMark(mark, seconds)) : [],
        gridcolor: LINE,
        zeroline: false,
        anchor: "y",
      },
      yaxis: {
        domain: [0, 0.68],
        tickvals: labels.map((_, i) => i),
        ticktext: labels.map(plotlyText),
        autorange: "reversed",
        automargin: true,
        gridcolor: LINE,
      },
      yaxis2: { domain: [0.72, 1], showticklabels: false, zeroline: false, gridcolor: LINE },
      ...segments.length === 0 &&
        { annotations: [{ text: "no speech", showarrow: false, font: { color: MUTED } }] },
    },
  });
}
