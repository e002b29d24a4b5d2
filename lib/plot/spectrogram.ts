/** Draws a log-mel spectrogram: energy over time in bands spaced like human hearing. */
import { logMel, melFilters, MELS, powerSpectra, SAMPLE_RATE } from "../encoders/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { document, fit, rect, text, ticks } from "./svg.ts";
import { axisTitle, MUTED, plotlyFigure, SCALE, shade } from "./theme.ts";

const COLUMNS = 200; // maximum number of columns
const BANDS = 40;
/** Dynamic range below the loudest cell in dB. */
export const RANGE = 60;
const STEP = 3; // dB per shade
const SILENCE = -40; // dB (a full-scale sine has about 40): silence is not scaled up
const DECIBELS = 10 / Math.LN10;

/**
 * Draws the log-mel spectrogram of samples at 16 kHz mono: time in s to the right, frequency upwards, dark is
 * loud.
 *
 * @example
 * ```ts
 * import { spectrogramFigure } from "@undertone/undertone";
 *
 * const tone = Float32Array.from({ length: 16000 }, (_, i) => Math.sin(2 * Math.PI * 440 * i / 16000));
 * const { svg } = spectrogramFigure(tone, "440 Hz");
 * ```
 */
export function spectrogramFigure(samples: Float32Array, title = "log-mel spectrum"): Figure {
  const cells = energies(samples), seconds = samples.length / SAMPLE_RATE;
  return {
    title: `${title}, ${seconds.toFixed(2)} s`,
    svg: draw(cells, seconds, title),
    plotly: plotly(cells, seconds, title),
  };
}

/** Returns decibels relative to the loudest cell, `[BANDS][columns]`, low frequencies first. */
export function energies(samples: Float32Array): number[][] {
  const spectra = logMel(powerSpectra(samples), melFilters("htk")), frames = spectra.length / MELS;
  const columns = Math.min(COLUMNS, frames), merged = MELS / BANDS;
  const cells = Array.from({ length: BANDS }, (_, band) =>
    Array.from({ length: columns }, (_, column) => {
      const from = Math.floor(column * frames / columns), to = Math.floor((column + 1) * frames / columns);
      let sum = 0;
      for (let frame = from; frame < to; frame++) {
        for (let i = 0; i < merged; i++) sum += spectra[frame * MELS + band * merged + i];
      }
      return sum / ((to - from) * merged) * DECIBELS;
    }));
  const loudest = cells.flat().reduce((most, cell) => Math.max(most, cell), SILENCE);
  return cells.map((row) => row.map((cell) => Math.round(Math.max(-RANGE, cell - loudest) / STEP) * STEP));
}

/** Frequencies labelled on the axis, in Hz, and the band of each. */
export const MARKS = (() => {
  const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
  const [low, high] = [mel(20), mel(7600)];
  return [100, 500, 1000, 2000, 4000, 7000].map((hz) => ({
    hz,
    band: (mel(hz) - low) / (high - low) * BANDS,
  }));
})();

const PLOT = { left: 76, top: 60, width: 640, height: 200 };

/** Draws the cells into a box, and the labels of frequencies beside it. */
export function spectrogramParts(
  cells: readonly number[][],
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
  marks: readonly { hz: number; band: number }[] = MARKS,
): string[] {
  const bottom = top + height, columns = cells[0]?.length ?? 0, wide = width / columns, high = height / BANDS;
  const byLevel = new Map<number, string[]>();
  cells.forEach((row, band) => {
    for (let start = 0, end = 0; start < columns; start = end) { // one rectangle per run of equal cells
      while (end < columns && row[end] === row[start]) end++;
      const y = bottom - (band + 1) * high;
      const box =
        `M${(left + start * wide).toFixed(1)} ${y.toFixed(1)}h${((end - start) * wide).toFixed(1)}` +
        `v${high.toFixed(1)}H${(left + start * wide).toFixed(1)}z`;
      byLevel.set(row[start], [...byLevel.get(row[start]) ?? [], box]);
    }
  });
  return [
    rect(left, top, width, height, { fill: shade(0).fill }), // shows where rounding leaves a gap
    ...[...byLevel].map(([level, boxes]) =>
      `<path shape-rendering="crispEdges" fill="${shade(1 + level / RANGE).fill}" d="${
        boxes.join("")
      }"><title>${level} dB</title></path>`
    ),
    ...marks.map(({ hz, band }) =>
      text(left - 10, bottom - band * high + 4, `${hz}`, { anchor: "end", size: 12, fill: MUTED })
    ),
  ];
}

function draw(cells: readonly number[][], seconds: number, title: string): string {
  const { left, top, width, height } = PLOT, bottom = top + height;
  return document(left + width + 24, bottom + 56, title, [
    text(24, 34, fit(title, 18, left + width - 24), { size: 18, weight: 600 }),
    ...spectrogramParts(cells, PLOT),
    ...ticks(0, seconds, 6).map((mark) =>
      text(left + mark / seconds * width, bottom + 20, `${mark}`, { anchor: "middle", size: 12, fill: MUTED })
    ),
    text(18, (top + bottom) / 2, "Hz", { anchor: "middle", fill: MUTED, rotate: -90 }),
    text(left + width / 2, bottom + 42, "s", { anchor: "middle", fill: MUTED }),
  ]);
}

function plotly(cells: readonly number[][], seconds: number, title: string): PlotlyFigure {
  const step = seconds / cells[0].length;
  return plotlyFigure({
    title,
    data: [{
      type: "heatmap",
      z: cells,
      x0: step / 2,
      dx: step,
      zmin: -RANGE,
      zmax: 0,
      colorscale: SCALE.map((stop) => [...stop]),
      hovertemplate: "%{x:.2f} s, %{z} dB<extra></extra>",
      colorbar: { ticksuffix: " dB", outlinewidth: 0, thickness: 12 },
    }],
    layout: {
      height: 360,
      margin: { l: 70, r: 20, t: 64, b: 56 },
      xaxis: { title: axisTitle("s") },
      yaxis: {
        title: axisTitle("Hz"),
        tickvals: MARKS.map(({ band }) => band - 0.5),
        ticktext: MARKS.map(({ hz }) => `${hz}`),
      },
    },
  });
}
