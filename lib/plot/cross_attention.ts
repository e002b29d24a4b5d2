/** Draws attention between words and sound as a heat map: words down, seconds to the right. */
import type { Span } from "../data/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { document, escape, fit, line, rect, text, textWidth, ticks } from "./svg.ts";
import { axisTitle, LINE, MUTED, percent, plotlyFigure, plotlyText, SCALE, shade } from "./theme.ts";

/** Attention between the words of a text and the states of a clip. */
export interface CrossAttentionMap {
  /** Title of the figure. */
  title: string;
  /** What asks and what is looked at: "words look at sound, mean of 4 heads". */
  subtitle: string;
  /** The words in order. */
  words: readonly string[];
  /** The times of the states in seconds. */
  times: readonly Span[];
  /** Weights by word and state. */
  weights: readonly (readonly number[])[];
}

/**
 * Draws the map. The strongest weight has the darkest colour.
 *
 * @example
 * ```ts
 * import { crossAttentionFigure } from "@undertone/undertone";
 *
 * const { svg } = crossAttentionFigure({
 *   title: "text_to_audio",
 *   subtitle: "words look at sound",
 *   words: ["We", "won!"],
 *   times: [{ start: 0, end: 0.4 }, { start: 0.4, end: 0.8 }],
 *   weights: [[0.9, 0.1], [0.2, 0.8]],
 * });
 * ```
 */
export const crossAttentionFigure = (map: CrossAttentionMap): Figure => ({
  title: `${map.title}: ${map.subtitle}`,
  svg: draw(map),
  plotly: plotly(map),
});

const EDGE = 24, TOP = 78, ROW = 26, WIDTH = 640;
/** Of up to this many cells, each says its word and its time when the pointer is over it. */
const FEW = 3000;

const strongest = ({ weights }: CrossAttentionMap): number =>
  Math.max(1e-12, ...weights.map((row) => Math.max(0, ...row)));

function draw(map: CrossAttentionMap): string {
  const { title, subtitle, words, times, weights } = map, most = strongest(map);
  const names = words.map((word) => fit(word, 13, 160));
  const left = EDGE + 22 + Math.max(30, ...names.map((name) => textWidth(name, 13))) + 10,
    right = left + WIDTH;
  const seconds = Math.max(0, ...times.map(({ end }) => end)), bottom = TOP + words.length * ROW;
  const x = (time: number) => left + time / Math.max(seconds, 1e-9) * WIDTH;
  const byLevel = new Map<string, { fill: string; says: string; boxes: string[] }>();
  const isFew = words.length * times.length <= FEW;
  weights.forEach((row, word) =>
    row.forEach((weight, t) => {
      const { start, end } = times[t], { fill } = shade(weight / most);
      const says = `${isFew ? `${words[word]}, ${start.toFixed(2)} to ${end.toFixed(2)} s\n` : ""}${
        percent(weight, isFew ? 1 : 0)
      } %`;
      const level = byLevel.get(says + fill) ?? { fill, says, boxes: [] };
      level.boxes.push(
        `M${x(start).toFixed(1)} ${TOP + word * ROW + 1}H${x(end).toFixed(1)}v${ROW - 2}H${
          x(start).toFixed(1)
        }z`,
      );
      byLevel.set(says + fill, level);
    })
  );
  const marks = seconds > 0 ? ticks(0, seconds, 8) : [], below = bottom + 62;
  return document(right + EDGE, below + 28, `${title}: ${subtitle}`, [
    text(EDGE, 34, fit(title, 18, right - EDGE), { size: 18, weight: 600 }),
    text(EDGE, 56, fit(subtitle, 13, right - EDGE), { fill: MUTED }),
    ...[...byLevel.values()].map(({ fill, says, boxes }) =>
      `<path shape-rendering="crispEdges" fill="${fill}" d="${boxes.join("")}"><title>${
        escape(says)
      }</title></path>`
    ),
    ...names.map((name, i) => text(left - 10, TOP + i * ROW + ROW / 2 + 4, name, { anchor: "end" })),
    ...marks.flatMap((mark) => [
      line(x(mark), bottom, x(mark), bottom + 5, { stroke: MUTED }),
      text(x(mark), bottom + 20, `${mark}`, { anchor: "middle", size: 12, fill: MUTED }),
    ]),
    text((left + right) / 2, bottom + 42, "s", { anchor: "middle", fill: MUTED }),
    text(EDGE + 4, (TOP + bottom) / 2, "words", { anchor: "middle", fill: MUTED, rotate: -90 }),
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((step) =>
      rect(left + step * 16, below, 16, 10, { fill: shade(step / 7).fill })
    ),
    text(left - 6, below + 9, "0", { anchor: "end", size: 11, fill: MUTED }),
    text(left + 134, below + 9, `${percent(most)} %`, { size: 11, fill: MUTED }),
  ]);
}

function plotly(map: CrossAttentionMap): PlotlyFigure {
  const { title, subtitle, words, times, weights } = map, rows = words.map((_, i) => i);
  return plotlyFigure({
    title,
    subtitle,
    data: [{
      type: "heatmap",
      x: times.map(({ start, end }) => (start + end) / 2),
      y: rows,
      z: weights,
      zmin: 0,
      zmax: strongest(map),
      ygap: 2,
      colorscale: SCALE.map((stop) => [...stop]),
      customdata: words.map((word) =>
        times.map(({ start, end }) => `${plotlyText(word)}, ${start.toFixed(2)} to ${end.toFixed(2)} s`)
      ),
      hovertemplate: "%{customdata}: %{z:.1%}<extra></extra>",
      colorbar: { tickformat: ".1%", outlinewidth: 0, thickness: 12 },
    }],
    layout: {
      height: 190 + 26 * words.length,
      margin: { l: 40, r: 20, t: 84, b: 56 },
      xaxis: { title: axisTitle("s"), gridcolor: LINE, zeroline: false },
      yaxis: {
        title: axisTitle("words"),
        tickvals: rows,
        ticktext: words.map(plotlyText),
        autorange: "reversed",
        automargin: true,
        zeroline: false,
        showgrid: false,
      },
    },
  });
}
