/** Draws what a model attends to in a text, and what its answer needs of it, word by word. */
import type { Figure, PlotlyFigure } from "./figure.ts";
import { document, fit, line, mark, rect, target, text, textWidth } from "./svg.ts";
import { axisTitle, INK, LINE, MUTED, percent, plotlyFigure, plotlyText, SERIES, shade } from "./theme.ts";

/** A text with what was measured of its words. */
export interface ExplainedWords {
  /** Title of the figure. */
  title: string;
  /** One line below the title. */
  subtitle?: string;
  /** The words in order. */
  words: readonly string[];
  /** The attention of the head, a share of 1 for each word. */
  attention?: readonly number[];
  /** How far the answer falls without each word. */
  occlusion?: readonly number[];
  /** Whether falls are of a probability, shown in percent. Default true. */
  percent?: boolean;
}

/** Most words that are drawn: of more, those with most attention, or else those whose loss changes most. */
const MOST = 60;

/**
 * Draws a row for each word, in the order of the text: the word, in a stronger colour the more attention it
 * gets, its attention as a bar, and how far the answer falls without it.
 *
 * @example
 * ```ts
 * import { explainedWordsFigure } from "@undertone/undertone";
 *
 * const { svg } = explainedWordsFigure({
 *   title: "joy 83 %",
 *   words: ["We", "won!"],
 *   attention: [0.2, 0.8],
 *   occlusion: [-0.01, 0.4],
 * });
 * ```
 */
export function explainedWordsFigure(given: ExplainedWords): Figure {
  const shown = strongest(given);
  return { title: given.title, svg: draw(shown), plotly: plotly(shown) };
}

/** Returns at most `MOST` words in their order; the subtitle says if there are more. */
function strongest(given: ExplainedWords): ExplainedWords {
  const { words, attention, occlusion, subtitle } = given;
  if (words.length <= MOST) return given;
  const size = (i: number) => attention ? attention[i] : Math.abs(occlusion?.[i] ?? 0);
  const kept = [...words.keys()].sort((a, b) => size(b) - size(a) || a - b).slice(0, MOST).sort((a, b) =>
    a - b
  );
  return {
    ...given,
    words: kept.map((i) => words[i]),
    attention: attention && kept.map((i) => attention[i]),
    occlusion: occlusion && kept.map((i) => occlusion[i]),
    subtitle: [subtitle, `the strongest ${MOST} of ${words.length} words`].filter(Boolean).join("  ·  "),
  };
}

const EDGE = 24, TOP = 106, ROW = 28, PANEL = 240, GAP = 34, ROOM = 64;
const [BLUE, ORANGE] = SERIES;

function draw(
  { title, subtitle = "", words, attention, occlusion, percent: isShare = true }: ExplainedWords,
): string {
  const names = words.map((word) => fit(word, 14, 180));
  const column = Math.max(60, ...names.map((name) => textWidth(name, 14))) + 16;
  const bottom = TOP + words.length * ROW, middle = (i: number) => TOP + i * ROW + ROW / 2;
  const most = Math.max(1e-9, ...attention ?? []);
  const parts: string[] = [];
  let left = EDGE + column + 16;
  const panel = (values: readonly number[], name: string, colour: string, say: (value: number) => string) => {
    const low = Math.min(0, ...values), high = Math.max(0, ...values), range = high - low || 1;
    const x = (value: number) => left + ROOM * Number(low < 0) + (value - low) / range * (PANEL - ROOM);
    parts.push(
      text(left, TOP - 16, name, { fill: MUTED }),
      line(x(0), TOP - 4, x(0), bottom, { stroke: INK }),
    );
    values.forEach((value, i) => {
      const end = x(value);
      parts.push(mark(
        `${words[i]}\n${name} ${say(value)}`,
        target(left, middle(i) - ROW / 2, PANEL, ROW),
        rect(Math.min(end, x(0)), middle(i) - 7, Math.abs(end - x(0)), 14, { fill: colour }),
        text(value < 0 ? end - 6 : end + 6, middle(i) + 4, say(value), {
          anchor: value < 0 ? "end" : "start",
          size: 12,
          fill: MUTED,
        }),
      ));
    });
    left += PANEL + ROOM + GAP;
  };
  const shares = (value: number) => `${percent(value)} %`;
  if (attention) panel(attention, "attention", BLUE, shares);
  if (occlusion) {
    panel(occlusion, "falls by, without it", ORANGE, isShare ? shares : (value) => value.toFixed(3));
  }
  const width = Math.max(
    left - GAP + EDGE,
    EDGE * 2 + textWidth(title, 18),
    EDGE * 2 + textWidth(subtitle, 13),
  );
  return document(width, bottom + 28, title, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...names.flatMap((name, i) => {
      const { fill, ink } = shade(attention ? attention[i] / most : 0);
      return [
        ...attention ? [rect(EDGE, TOP + i * ROW + 2, column, ROW - 4, { fill, radius: 4 })] : [],
        text(EDGE + 8, middle(i) + 5, name, { size: 14, fill: attention ? ink : INK }),
      ];
    }),
    ...parts,
  ]);
}

function plotly(
  { title, subtitle, words, attention, occlusion, percent: isShare = true }: ExplainedWords,
): PlotlyFigure {
  const rows = words.map((_, i) => i);
  const bars = (x: readonly number[], name: string, color: string, share: boolean, rest = {}) => ({
    type: "bar",
    orientation: "h",
    name,
    x,
    y: rows,
    customdata: words.map(plotlyText),
    hovertemplate: `%{customdata}: ${name} %{x${share ? ":.1%" : ":.3f"}}<extra></extra>`,
    marker: { color },
    ...rest,
  });
  const axis = (name: string, share: boolean, domain: readonly number[]) => ({
    title: axisTitle(name),
    ...share && { tickformat: ".0%" },
    domain,
    gridcolor: LINE,
    zerolinecolor: INK,
  });
  const both = attention && occlusion;
  return plotlyFigure({
    title,
    subtitle,
    data: [
      ...attention ? [bars(attention, "attention", BLUE, true)] : [],
      ...occlusion ? [bars(occlusion, "falls by", ORANGE, isShare, both ? { xaxis: "x2" } : {})] : [],
    ],
    layout: {
      height: 170 + 26 * words.length,
      margin: { l: 40, r: 20, t: 84, b: 56 },
      showlegend: false,
      xaxis: attention
        ? axis("attention", true, both ? [0, 0.47] : [0, 1])
        : axis("falls by, without it", isShare, [0, 1]),
      ...both && { xaxis2: axis("falls by, without it", isShare, [0.53, 1]) },
      yaxis: {
        tickvals: rows,
        ticktext: words.map(plotlyText),
        range: [words.length - 0.5, -0.5],
        automargin: true,
        gridcolor: LINE,
      },
    },
  });
}
