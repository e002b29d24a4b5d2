/** Draws what text and speech add to answers. */
import type { Coalition } from "../eval/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { circle, document, fit, line, mark, rect, target, text, textWidth, ticks } from "./svg.ts";
import type { Table } from "./table.ts";
import { axisTitle, INK, LINE, MUTED, PAPER, percent, plotlyFigure, plotlyText, SERIES } from "./theme.ts";

/** The answers for one label, and the Shapley values of both modalities. */
export interface ContributionRow {
  /** The label. */
  label: string;
  /** The answer with neither modality, one of them, and both. */
  answers: Readonly<Record<Coalition, number>>;
  /** What text adds. */
  text: number;
  /** What speech adds. */
  audio: number;
}

/** How answers are shown. */
export interface ContributionOptions {
  /** Title of the figure or table. */
  title?: string;
  /** One line below the title of a figure. */
  subtitle?: string;
  /** Whether answers are fractions, shown in percent. Default true. */
  percent?: boolean;
}

/**
 * Draws, for each label, the way from the answer without text and speech to the answer with both: what text
 * adds, then what speech adds.
 *
 * @example
 * ```ts
 * import { contributionsFigure, shapley } from "@undertone/undertone";
 *
 * const answers = { none: 0.2, text: 0.5, audio: 0.3, both: 0.9 };
 * const { svg } = contributionsFigure([{ label: "joy", answers, ...shapley(answers) }]);
 * ```
 */
export function contributionsFigure(
  rows: readonly ContributionRow[],
  { title = "What text and speech add", subtitle = "Shapley values", percent: isShare = true }:
    ContributionOptions = {},
): Figure {
  const drawing = { rows, title, subtitle, isShare };
  return { title: `${title}: ${subtitle}`, svg: draw(drawing), plotly: plotly(drawing) };
}

interface Drawing {
  rows: readonly ContributionRow[];
  title: string;
  subtitle: string;
  isShare: boolean;
}

const EDGE = 24, TOP = 108, ROW = 44, WIDTH = 460, BAR = 12;
const [TEXT, SPEECH] = SERIES;

const signed = (value: number, isShare: boolean): string =>
  `${value < 0 ? "−" : "+"}${isShare ? percent(Math.abs(value)) : Math.abs(value).toFixed(3)}`;

function draw({ rows, title, subtitle, isShare }: Drawing): string {
  const names = rows.map(({ label }) => fit(label, 13, 180));
  const left = EDGE + Math.max(40, ...names.map((name) => textWidth(name, 13))) + 16, right = left + WIDTH;
  const all = rows.flatMap(({ answers: { none, both }, text }) => [none, none + text, both]);
  const low = isShare ? Math.min(0, ...all) : Math.min(...all), high = Math.max(...all, low + 1e-9);
  const x = (value: number) => left + (value - low) / (high - low) * WIDTH;
  const shares = rows.map(({ text, audio }) =>
    `text ${signed(text, isShare)}, speech ${signed(audio, isShare)}`
  );
  const bottom = TOP + rows.length * ROW;
  const end = right + 16 + Math.max(0, ...shares.map((each) => textWidth(each, 12))) + EDGE;
  const width = Math.max(end, EDGE * 2 + textWidth(title, 18), EDGE * 2 + textWidth(subtitle, 13));
  const said = (value: number, digits = 0) =>
    isShare ? percent(value, digits) : String(Number(value.toFixed(3)));
  return document(width, bottom + 44, `${title}: ${subtitle}`, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    circle(left + 6, TOP - 26, 4, { fill: PAPER, stroke: INK }),
    text(left + 18, TOP - 22, "neither", { fill: MUTED }),
    rect(left + 90, TOP - 32, 14, BAR, { fill: TEXT }),
    text(left + 110, TOP - 22, "text adds", { fill: MUTED }),
    rect(left + 200, TOP - 32, 14, BAR, { fill: SPEECH }),
    text(left + 220, TOP - 22, "speech adds", { fill: MUTED }),
    circle(left + 326, TOP - 26, 4, { fill: INK, stroke: INK }),
    text(left + 338, TOP - 22, "both", { fill: MUTED }),
    ...ticks(low, high, 6).flatMap((tick) => [
      line(x(tick), TOP - 4, x(tick), bottom),
      text(x(tick), bottom + 20, said(tick), { anchor: "middle", size: 12, fill: MUTED }),
    ]),
    ...isShare
      ? [text((left + right) / 2, bottom + 38, "%", { anchor: "middle", size: 12, fill: MUTED })]
      : [],
    ...rows.flatMap(({ answers: { none, both }, text: words }, i) => {
      const middle = TOP + i * ROW + ROW / 2, between = none + words;
      const bar = (from: number, to: number, y: number, fill: string) =>
        rect(x(Math.min(from, to)), y, Math.abs(x(to) - x(from)), BAR, { fill });
      return mark(
        `${rows[i].label}: ${said(none, 1)} with neither, ${said(both, 1)} with both\n${shares[i]}`,
        target(EDGE, middle - ROW / 2, end - EDGE, ROW),
        text(left - 16, middle + 4, names[i], { anchor: "end" }),
        bar(none, between, middle - BAR - 1, TEXT),
        bar(between, both, middle + 1, SPEECH),
        line(x(between), middle - BAR - 1, x(between), middle + BAR + 1, { stroke: INK }),
        circle(x(none), middle - BAR / 2 - 1, 4, { fill: PAPER, stroke: INK }),
        circle(x(both), middle + BAR / 2 + 1, 4, { fill: INK, stroke: INK }),
        text(right + 16, middle + 4, shares[i], { size: 12, fill: MUTED }),
      );
    }),
  ]);
}

function plotly({ rows, title, subtitle, isShare }: Drawing): PlotlyFigure {
  const at = rows.map((_, i) => i), format = isShare ? ".1%" : ".3f";
  const bars = (
    name: string,
    color: string,
    base: readonly number[],
    x: readonly number[],
    shift: number,
  ) => ({
    type: "bar",
    orientation: "h",
    name,
    base,
    x,
    y: at.map((i) => i + shift),
    width: 0.28,
    marker: { color },
    customdata: rows.map(({ label }, i) => `${plotlyText(label)}: ${name} ${signed(x[i], isShare)}`),
    hovertemplate: "%{customdata}<extra></extra>",
  });
  const dots = (name: Coalition, said: string, color: string, shift: number) => ({
    type: "scatter",
    mode: "markers",
    name: said,
    x: rows.map(({ answers }) => answers[name]),
    y: at.map((i) => i + shift),
    marker: { size: 9, color, line: { color: INK, width: 2 } },
    hovertemplate: `${said}: %{x:${format}}<extra></extra>`,
  });
  return plotlyFigure({
    title,
    subtitle,
    data: [
      bars("text adds", TEXT, rows.map(({ answers }) => answers.none), rows.map(({ text }) => text), -0.15),
      bars(
        "speech adds",
        SPEECH,
        rows.map(({ answers, text }) => answers.none + text),
        rows.map(({ audio }) => audio),
        0.15,
      ),
      dots("none", "neither", PAPER, -0.15),
      dots("both", "both", INK, 0.15),
    ],
    layout: {
      height: 190 + 44 * rows.length,
      margin: { l: 40, r: 20, t: 84, b: 80 },
      barmode: "overlay",
      legend: { orientation: "h", y: -0.12 },
      xaxis: {
        ...isShare && { tickformat: ".0%" },
        gridcolor: LINE,
        zeroline: false,
        title: axisTitle("answer"),
      },
      yaxis: {
        tickvals: at,
        ticktext: rows.map(({ label }) => plotlyText(label)),
        range: [rows.length - 0.5, -0.5],
        automargin: true,
        gridcolor: LINE,
        zeroline: false,
      },
    },
  });
}

/**
 * Returns a table of the answers with neither modality, with one, and with both, of what each adds, and of
 * how the answer changes if one is dropped.
 *
 * @example
 * ```ts
 * import { contributionsTable, shapley, show } from "@undertone/undertone";
 *
 * const answers = { none: 0.2, text: 0.5, audio: 0.3, both: 0.9 };
 * show(contributionsTable([{ label: "joy", answers, ...shapley(answers) }]));
 * ```
 */
export function contributionsTable(
  rows: readonly ContributionRow[],
  { title, percent: isShare = true }: ContributionOptions = {},
): Table {
  const column = (name: string) => isShare ? { name, percent: true } : { name, digits: 3 };
  return {
    title,
    columns: [
      "label",
      ...["neither", "text alone", "speech alone", "both", "text adds", "speech adds"].map(column),
      ...["drop text", "drop speech"].map(column),
    ],
    rows: rows.map(({ label, answers: { none, text: read, audio: heard, both }, text, audio }) => [
      label,
      ...[none, read, heard, both, text, audio, heard - both, read - both],
    ]),
  };
}
