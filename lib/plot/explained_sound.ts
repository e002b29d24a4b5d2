/** Draws what a model attends to in a clip, and what its answer needs of it, beside the sound itself. */
import { SAMPLE_RATE } from "../encoders/mod.ts";
import type { Span } from "../data/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { energies, MARKS, RANGE, spectrogramParts } from "./spectrogram.ts";
import { document, fit, line, mark, rect, target, text, ticks } from "./svg.ts";
import { axisTitle, INK, LINE, MUTED, percent, plotlyFigure, SCALE, SERIES } from "./theme.ts";

/** A clip with what was measured along it. */
export interface ExplainedSound {
  /** Title of the figure. */
  title: string;
  /** One line below the title. */
  subtitle?: string;
  /** Mono samples at 16 kHz. */
  samples: Float32Array;
  /** The attention of the head, a share of 1 for each state. */
  attention?: readonly (Span & { weight: number })[];
  /** How far the answer falls without each window. */
  occlusion?: readonly (Span & { weight: number })[];
  /** Whether falls are of a probability, shown in percent. Default true. */
  percent?: boolean;
}

/**
 * Draws a clip's waveform and spectrogram, and below them the attention over time and how far the answer
 * falls without each window. All share the axis of seconds.
 *
 * @example
 * ```ts
 * import { explainedSoundFigure } from "@undertone/undertone";
 *
 * const samples = Float32Array.from({ length: 16000 }, (_, i) => Math.sin(2 * Math.PI * 440 * i / 16000));
 * const attention = [{ start: 0, end: 0.5, weight: 0.8 }, { start: 0.5, end: 1, weight: 0.2 }];
 * const { svg } = explainedSoundFigure({ title: "440 Hz", samples, attention });
 * ```
 */
export const explainedSoundFigure = (sound: ExplainedSound): Figure => ({
  title: `${sound.title}, ${(sound.samples.length / SAMPLE_RATE).toFixed(2)} s`,
  svg: draw(sound),
  plotly: plotly(sound),
});

const LEFT = 104, WIDTH = 660, TOP = 76, GAP = 22;
const HIGH = { wave: 70, spectrum: 110, attention: 64, occlusion: 76 };
const [BLUE, ORANGE] = SERIES;
/** Columns of the drawn waveform. */
const COLUMNS = 660;

/** Returns the lowest and highest sample of each column. */
function outline(samples: Float32Array): [low: number, high: number][] {
  const columns = Math.min(COLUMNS, samples.length);
  return Array.from({ length: columns }, (_, i) => {
    const part = samples.subarray(i * samples.length / columns, (i + 1) * samples.length / columns);
    return part.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [
      part[0] ?? 0,
      part[0] ?? 0,
    ]);
  });
}

const marksIn = (seconds: number) => seconds > 0 ? ticks(0, seconds, 8) : [];
const shown = (value: number, isShare: boolean): string => isShare ? `${percent(value)} %` : value.toFixed(3);

function draw(
  { title, subtitle = "", samples, attention, occlusion, percent: isShare = true }: ExplainedSound,
) {
  const seconds = samples.length / SAMPLE_RATE, right = LEFT + WIDTH;
  const x = (time: number) => LEFT + Math.min(1, time / Math.max(seconds, 1e-9)) * WIDTH;
  const parts: string[] = [];
  let top = TOP;
  const name = (words: readonly string[], height: number) =>
    parts.push(
      ...words.map((word, i) =>
        text(LEFT - 12, top + height / 2 + 4 + (i - (words.length - 1) / 2) * 16, word, {
          anchor: "end",
          fill: MUTED,
        })
      ),
    );
  /** Bars over spans, up or down from a line of zero. */
  const bars = (
    spans: readonly (Span & { weight: number })[],
    height: number,
    colour: string,
    what: string,
  ) => {
    const high = Math.max(0, ...spans.map(({ weight }) => weight));
    const low = Math.min(0, ...spans.map(({ weight }) => weight)), range = high - low || 1;
    const y = (value: number) => top + (high - value) / range * height;
    const say = (value: number) => shown(value, isShare || what === "attention");
    parts.push(...spans.map(({ start, end, weight }) => {
      const wide = Math.max(0.5, x(end) - x(start) - 1), tall = Math.abs(y(weight) - y(0));
      return mark(
        `${start.toFixed(2)} to ${end.toFixed(2)} s\n${what} ${say(weight)}`,
        target(x(start), top, wide, height),
        rect(x(start), Math.min(y(weight), y(0)), wide, tall, { fill: colour }),
      );
    }));
    parts.push(line(LEFT, y(0), right, y(0), { stroke: INK }));
    if (high > 0) parts.push(text(right + 8, y(high) + 8, say(high), { size: 11, fill: MUTED }));
    if (low < 0) parts.push(text(right + 8, y(low), say(low), { size: 11, fill: MUTED }));
  };

  const peak = samples.reduce((most, v) => Math.max(most, Math.abs(v)), 0.02), columns = outline(samples);
  const middle = top + HIGH.wave / 2,
    point = (i: number, v: number) =>
      `${(LEFT + (i + 0.5) / columns.length * WIDTH).toFixed(1)} ${
        (middle - v / peak * HIGH.wave / 2).toFixed(1)
      }`;
  name(["sound"], HIGH.wave);
  if (columns.length > 0) {
    const edge = [
      ...columns.map(([, v], i) => point(i, v)),
      ...columns.map(([v], i) => point(i, v)).reverse(),
    ];
    parts.push(`<path fill="${MUTED}" stroke="${MUTED}" stroke-width="0.5" d="M${edge.join("L")}z"/>`);
  }
  top += HIGH.wave + GAP / 2;
  if (columns.length > 0) {
    const box = { left: LEFT, top, width: WIDTH, height: HIGH.spectrum };
    parts.push(...spectrogramParts(energies(samples), box, MARKS.filter(({ hz }) => hz > 100 && hz < 7000)));
  }
  parts.push(text(24, top + HIGH.spectrum / 2 + 4, "Hz", { fill: MUTED }));
  top += HIGH.spectrum + GAP;
  if (attention) {
    name(["attention"], HIGH.attention);
    bars(attention, HIGH.attention, BLUE, "attention");
    top += HIGH.attention + GAP;
  }
  if (occlusion) {
    name(["falls by", "without it"], HIGH.occlusion);
    bars(occlusion, HIGH.occlusion, ORANGE, "falls by");
    top += HIGH.occlusion + GAP;
  }
  const bottom = top - GAP / 2;
  return document(right + 64, bottom + 50, title, [
    text(24, 34, fit(title, 18, right), { size: 18, weight: 600 }),
    text(24, 56, fit(subtitle, 13, right + 40), { fill: MUTED }),
    ...marksIn(seconds).map((mark) => line(x(mark), TOP, x(mark), bottom, { stroke: LINE })),
    ...parts,
    ...marksIn(seconds).map((mark) =>
      text(x(mark), bottom + 18, `${mark}`, { anchor: "middle", size: 12, fill: MUTED })
    ),
    text(LEFT + WIDTH / 2, bottom + 38, "s", { anchor: "middle", size: 12, fill: MUTED }),
  ]);
}

function plotly(
  { title, subtitle, samples, attention, occlusion, percent: isShare = true }: ExplainedSound,
): PlotlyFigure {
  const seconds = samples.length / SAMPLE_RATE, columns = outline(samples), cells = energies(samples);
  const times = columns.map((_, i) => (i + 0.5) / columns.length * seconds);
  const bars = (
    spans: readonly (Span & { weight: number })[],
    name: string,
    axis: string,
    color: string,
    share: boolean,
  ) => ({
    type: "bar",
    name,
    x: spans.map(({ start, end }) => (start + end) / 2),
    y: spans.map(({ weight }) => weight),
    width: spans.map(({ start, end }) => 0.94 * (end - start)),
    customdata: spans.map(({ start, end, weight }) =>
      `${start.toFixed(2)} to ${end.toFixed(2)} s<br>${name} ${shown(weight, share)}`
    ),
    hovertemplate: "%{customdata}<extra></extra>",
    yaxis: axis,
    marker: { color },
  });
  const wave = {
    type: "scatter",
    mode: "lines",
    line: { color: MUTED, width: 1 },
    hoverinfo: "skip",
    x: times,
  };
  const lanes = [0.22, 0.34, ...attention ? [0.2] : [], ...occlusion ? [0.24] : []];
  const whole = lanes.reduce((a, b) => a + b), gap = 0.04;
  let at = 1;
  const domains = lanes.map((lane) => {
    const high = lane / whole * (1 - gap * (lanes.length - 1)), domain = [Math.max(0, at - high), at];
    at -= high + gap;
    return domain;
  });
  const axis = (i: number, name: string, rest = {}) => ({
    domain: domains[i],
    title: axisTitle(name),
    zeroline: false,
    gridcolor: LINE,
    ...rest,
  });
  const share = (is: boolean) => is ? { tickformat: ".0%" } : {};
  return plotlyFigure({
    title,
    subtitle,
    data: [
      { ...wave, y: columns.map(([low]) => low) },
      { ...wave, y: columns.map(([, high]) => high), fill: "tonexty", fillcolor: MUTED },
      {
        type: "heatmap",
        z: cells,
        x0: seconds / (cells[0]?.length || 1) / 2,
        dx: seconds / (cells[0]?.length || 1),
        zmin: -RANGE,
        zmax: 0,
        yaxis: "y2",
        showscale: false,
        colorscale: SCALE.map((stop) => [...stop]),
        hovertemplate: "%{x:.2f} s, %{z} dB<extra></extra>",
      },
      ...attention ? [bars(attention, "attention", "y3", BLUE, true)] : [],
      ...occlusion ? [bars(occlusion, "falls by", attention ? "y4" : "y3", ORANGE, isShare)] : [],
    ],
    layout: {
      height: 250 + 110 * (lanes.length - 1),
      margin: { l: 80, r: 20, t: 84, b: 50 },
      showlegend: false,
      xaxis: {
        range: [0, seconds],
        title: axisTitle("s"),
        zeroline: false,
        gridcolor: LINE,
        anchor: `y${lanes.length}`,
      },
      yaxis: axis(0, "sound", { showticklabels: false }),
      yaxis2: axis(1, "Hz", {
        tickvals: MARKS.map(({ band }) => band - 0.5),
        ticktext: MARKS.map(({ hz }) => `${hz}`),
      }),
      ...lanes.length > 2 && {
        yaxis3: attention
          ? axis(2, "attention", share(true))
          : axis(2, "falls by", { ...share(isShare), zeroline: true }),
      },
      ...lanes.length > 3 && { yaxis4: axis(3, "falls by", { ...share(isShare), zeroline: true }) },
    },
  });
}
