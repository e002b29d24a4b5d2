/** Draws risk-coverage curves: the errors among the rows that a model answers, if it answers the surest. */
import type { RiskCoverage, RiskPoint } from "../eval/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import {
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
import { axisTitle, INK, LINE, MUTED, percent, plotlyFigure, plotlyText, SERIES } from "./theme.ts";

/**
 * Draws the errors among the surest rows for each share of rows that is answered, a line per name. A single
 * curve has the best possible one beside it, in which all errors come last.
 *
 * @example
 * ```ts
 * import { riskCoverage, riskCoverageFigure, show } from "@undertone/undertone";
 *
 * const curve = riskCoverage([0, 1, 1], [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]]);
 * show(riskCoverageFigure({ dev: curve }));
 * ```
 */
export function riskCoverageFigure(
  curves: Readonly<Record<string, RiskCoverage>>,
  title = "Errors among the surest rows",
): Figure {
  const subtitle = "share of errors if only the rows of the highest confidence are answered";
  const lines = Object.entries(curves).map(([name, { points, aurc }], i): Line => ({
    name,
    area: aurc,
    points: thinned(points),
    colour: SERIES[i % SERIES.length],
  }));
  const all = Object.values(curves);
  if (all.length === 1) lines.push(bestOf(all[0]));
  return {
    title: `${title}: ${subtitle}`,
    svg: draw(lines, title, subtitle),
    plotly: plotly(lines, title, subtitle),
  };
}

interface Line {
  name: string;
  /** Area under the curve. */
  area: number;
  points: readonly Pick<RiskPoint, "coverage" | "risk">[];
  colour: string;
  dash?: true;
}

/** More points than this can't be told apart. */
const MOST = 300;

/** Returns at most `MOST` points in even steps of coverage, with the first and the last. */
const thinned = (points: readonly RiskPoint[]): RiskPoint[] =>
  points.filter(({ coverage }, i) =>
    i === 0 || i === points.length - 1 || points.length <= MOST ||
    Math.floor(coverage * MOST) > Math.floor(points[i - 1].coverage * MOST)
  );

/**
 * Returns the curve of an order in which all errors come last: 0, then (k - right) / k of k answered
 * rows.
 */
function bestOf({ points, best_aurc, n }: RiskCoverage): Line {
  const risk = points.at(-1)!.risk, right = Math.round((1 - risk) * n);
  const steps = Math.min(50, n - right);
  const answered = Array.from({ length: steps }, (_, i) => right + (n - right) * (i + 1) / steps);
  return {
    name: "best possible",
    area: best_aurc,
    points: [
      ...right > 0 ? [{ coverage: 1 / n, risk: 0 }, { coverage: right / n, risk: 0 }] : [],
      ...answered.map((k) => ({ coverage: k / n, risk: (k - right) / k })),
    ],
    colour: MUTED,
    dash: true,
  };
}

const EDGE = 24;
const LEFT = EDGE + 56;
const TOP = 92;
const PLOT = { width: 460, height: 260 };
const NAMES = 176;

/** Returns the highest risk that the axis shows. */
const highest = (lines: readonly Line[]): number =>
  Math.min(1, Math.max(0.05, ...lines.flatMap(({ points }) => points.map(({ risk }) => risk))) * 1.05);

/** The shares of answered rows at which the figure tells the errors. */
const STEPS = Array.from({ length: 20 }, (_, i) => (i + 0.5) / 20);

/** Says the risk of the point that answers nearest to a share of the rows. */
function riskAt({ points }: Line, share: number): string {
  if (points.length === 0) return "–";
  const away = ({ coverage }: { coverage: number }) => Math.abs(coverage - share);
  return `${percent(points.reduce((best, each) => away(each) < away(best) ? each : best).risk)} % errors`;
}

function draw(lines: readonly Line[], title: string, subtitle: string): string {
  const bottom = TOP + PLOT.height, most = highest(lines);
  const x = (coverage: number) => LEFT + coverage * PLOT.width;
  const y = (risk: number) => bottom - risk / most * PLOT.height;
  const width = Math.max(
    LEFT + PLOT.width + 20 + NAMES + EDGE,
    EDGE * 2 + textWidth(title, 18),
    EDGE * 2 + textWidth(subtitle, 13),
  );
  return document(width, bottom + 56, `${title}: ${subtitle}`, [
    text(EDGE, 34, fit(title, 18, width - 2 * EDGE), { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...ticks(0, most, 5).flatMap((mark) => [
      line(LEFT, y(mark), LEFT + PLOT.width, y(mark)),
      text(LEFT - 10, y(mark) + 4, percent(mark, 0), { anchor: "end", size: 12, fill: MUTED }),
    ]),
    ...ticks(0, 1, 5).map((mark) =>
      text(x(mark), bottom + 20, percent(mark, 0), { anchor: "middle", size: 12, fill: MUTED })
    ),
    text(LEFT + PLOT.width / 2, bottom + 42, "answered rows (%)", {
      anchor: "middle",
      size: 12,
      fill: MUTED,
    }),
    text(EDGE + 8, (TOP + bottom) / 2, "errors (%)", {
      anchor: "middle",
      size: 12,
      fill: MUTED,
      rotate: -90,
    }),
    ...lines.map(({ name, points, colour, dash }) =>
      ofSeries(
        name,
        polyline(points.map(({ coverage, risk }) => [x(coverage), y(risk)] as const), {
          stroke: colour,
          width: dash ? 1.5 : 2,
          dash: dash && "4 4",
        }),
      )
    ),
    ...STEPS.map((share) =>
      mark(
        [`${percent(share, 0)} % answered`, ...lines.map((each) => `${each.name}: ${riskAt(each, share)}`)]
          .join("\n"),
        target(x(share - 0.025), TOP, PLOT.width / STEPS.length, PLOT.height),
      )
    ),
    line(LEFT, bottom, LEFT + PLOT.width, bottom, { stroke: INK }),
    ...lines.flatMap(({ name, area, colour, dash }, i) => {
      const at = LEFT + PLOT.width + 20, down = TOP + 14 + i * 40;
      return [ofLegend(
        name,
        line(at, down - 4, at + 18, down - 4, { stroke: colour, width: 2, dash: dash && "4 4" }),
        text(at + 26, down, fit(name, 13, NAMES - 26), { weight: 600 }),
        text(at + 26, down + 17, `AURC ${percent(area)} %`, { size: 12, fill: MUTED }),
      )];
    }),
  ]);
}

const plotly = (lines: readonly Line[], title: string, subtitle: string): PlotlyFigure =>
  plotlyFigure({
    title,
    subtitle,
    data: lines.map(({ name, area, points, colour, dash }) => ({
      type: "scatter",
      mode: points.length > 1 ? "lines" : "markers",
      name: plotlyText(`${name}, AURC ${percent(area)} %`),
      x: points.map(({ coverage }) => coverage),
      y: points.map(({ risk }) => risk),
      line: { color: colour, width: dash ? 1.5 : 2, ...dash && { dash: "dash" } },
      hovertemplate: "%{x:.1%} answered<br>%{y:.1%} errors<extra></extra>",
    })),
    layout: {
      height: 420,
      margin: { l: 70, r: 20, t: 84, b: 60 },
      xaxis: {
        range: [0, 1],
        tickformat: ".0%",
        gridcolor: LINE,
        zeroline: false,
        title: axisTitle("answered rows"),
      },
      yaxis: {
        range: [0, highest(lines)],
        tickformat: ".0%",
        gridcolor: LINE,
        zeroline: false,
        title: axisTitle("errors"),
      },
    },
  });
