/** Draws how two confusion matrices differ: what one of two models answers more often than the other. */
import { badInput } from "../errors.ts";
import type { Metrics } from "../eval/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { ofMostClasses, shownOf } from "./most_classes.ts";
import { document, fit, mark, rect, text, textWidth } from "./svg.ts";
import { axisTitle, INK, MUTED, plotlyFigure, plotlyText, SERIES } from "./theme.ts";

const LABEL = 13;
const LONGEST = 170;
const EDGE = 24;
/** Opacity of a difference of 100 points. Text stays readable on it, on light and on dark paper. */
const DEEPEST = 0.6;
const [MORE, LESS] = [SERIES[0], SERIES[1]];

/**
 * Draws the share of each true class that the second model answers with each class, minus that of the first,
 * in percentage points: blue where the second one does so more often, orange where less often. Both must be
 * of the same rows. Of more than 40 classes, all but the 39 most frequent are one. Throws UndertoneError if
 * their classes or rows per class differ.
 *
 * @example
 * ```ts
 * import { confusionDifferenceFigure, metricsOf } from "@undertone/undertone";
 *
 * const labels = ["joy", "anger"], first = metricsOf([[6, 2], [1, 3]], labels);
 * const { svg } = confusionDifferenceFigure(first, metricsOf([[7, 1], [2, 2]], labels), "second − first");
 * ```
 */
export function confusionDifferenceFigure(first: Metrics, second: Metrics, title: string): Figure {
  const rows = ({ per_class }: Metrics) => per_class.map(({ label, support }) => `${label} (${support})`);
  if (rows(first).join() !== rows(second).join()) {
    throw badInput({
      expected: "scores of the same classes and rows",
      found: `${rows(first).join(", ")}, and ${rows(second).join(", ")}`,
      at: "confusionDifferenceFigure",
      todo: "Compare models on the same rows.",
    });
  }
  const [{ confusion, per_class }, other] = [first, second].map(ofMostClasses);
  const points = confusion.map((row, i) =>
    row.map((value, j) =>
      per_class[i].support === 0 ? null : 100 * (other.confusion[i][j] - value) / per_class[i].support
    )
  );
  const names = per_class.map(({ label }) => label);
  const subtitle = "difference of the shares of each true class, in points" +
    shownOf(first.per_class.length);
  return {
    title: `${title}: ${subtitle}`,
    svg: draw(names, points, title, subtitle),
    plotly: plotly(names, points, title, subtitle),
  };
}

const signed = (points: number): string =>
  Math.round(points) === 0 ? "0" : `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(0)}`;

type Points = readonly (readonly (number | null)[])[];

function draw(labels: readonly string[], points: Points, title: string, subtitle: string): string {
  const names = labels.map((label) => fit(label, LABEL, LONGEST)), classes = names.length;
  const widest = Math.max(...names.map((name) => textWidth(name, LABEL)));
  const cell = classes <= 3 ? 104 : classes <= 5 ? 80 : classes <= 8 ? 72 : 56,
    height = Math.round(cell * 0.62);
  const isUpright = widest <= cell - 6, left = EDGE + 24 + widest + 12, top = 84;
  const right = left + classes * cell, bottom = top + classes * height;
  const below = isUpright ? 22 : 14 + (widest + LABEL) * Math.SQRT1_2;
  const width = EDGE + Math.max(right, EDGE + textWidth(subtitle, LABEL), EDGE + textWidth(title, 18));
  const cells = points.flatMap((row, i) =>
    row.flatMap((value, j) => {
      const x = left + j * cell, y = top + i * height, isZero = value === null || Math.round(value) === 0;
      const fill = (value ?? 0) < 0 ? LESS : MORE, opacity = DEEPEST * Math.sqrt(Math.abs(value ?? 0) / 100);
      const shown = value === null ? "–" : isZero ? "·" : signed(value);
      return mark(
        `true ${labels[i]}\npredicted ${labels[j]}\n${
          value === null ? "no rows" : `${signed(value)} points`
        }`,
        rect(x + 1, y + 1, cell - 2, height - 2, { fill, radius: 3, opacity: isZero ? 0 : opacity }),
        text(x + cell / 2, y + height / 2 + 5, shown, {
          anchor: "middle",
          weight: i === j ? 600 : 400,
          fill: isZero ? MUTED : INK,
        }),
      );
    })
  );
  return document(width, bottom + below + 40, `${title}: ${subtitle}`, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    ...cells,
    ...names.map((name, i) =>
      text(left - 10, top + i * height + height / 2 + LABEL / 3, name, { anchor: "end" })
    ),
    ...names.map((name, j) => {
      const x = left + j * cell + cell / 2;
      return isUpright
        ? text(x, bottom + 18, name, { anchor: "middle" })
        : text(x + 4, bottom + 16, name, { anchor: "end", rotate: -45 });
    }),
    text(EDGE + 4, (top + bottom) / 2, "true", { anchor: "middle", fill: MUTED, rotate: -90 }),
    text((left + right) / 2, bottom + below + 20, "predicted", { anchor: "middle", fill: MUTED }),
  ]);
}

function plotly(labels: readonly string[], points: Points, title: string, subtitle: string): PlotlyFigure {
  const at = labels.map((_, c) => c), short = labels.map((label) => plotlyText(fit(label, LABEL, LONGEST)));
  const most = Math.max(1, ...points.flat().map((value) => Math.abs(value ?? 0)));
  const axis = {
    tickvals: at,
    ticktext: short,
    showgrid: false,
    zeroline: false,
    ticks: "",
    fixedrange: true,
  };
  return plotlyFigure({
    title,
    subtitle,
    data: [{
      type: "heatmap",
      x: at,
      y: at,
      z: points.map((row) => [...row]),
      zmin: -most,
      zmax: most,
      colorscale: [[0, "#f0a878"], [0.5, "#ffffff"], [1, "#79b3d6"]],
      xgap: 2,
      ygap: 2,
      text: points.map((row) => row.map((value) => value === null ? "–" : signed(value))),
      texttemplate: "%{text}",
      customdata: labels.map((truth) => labels.map((name) => [truth, name].map(plotlyText))),
      hovertemplate: "true %{customdata[0]}<br>predicted %{customdata[1]}<br>%{z:.1f} points<extra></extra>",
      colorbar: { outlinewidth: 0, thickness: 12 },
    }],
    layout: {
      height: 190 + 44 * Math.max(3, labels.length),
      margin: { l: 40, r: 20, t: 84, b: 40 },
      xaxis: { ...axis, title: axisTitle("predicted"), automargin: true },
      yaxis: { ...axis, title: axisTitle("true"), autorange: "reversed", automargin: true },
    },
  });
}
