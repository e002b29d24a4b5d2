/** Draws a confusion matrix: rows are true classes, shaded by their share, with counts. */
import { badInput } from "../errors.ts";
import { areClasses, type Scores } from "../eval/mod.ts";
import type { Figure, PlotlyFigure } from "./figure.ts";
import { type Counts, ofMostClasses, shownOf } from "./most_classes.ts";
import { document, fit, mark, rect, text, textWidth } from "./svg.ts";
import {
  axisTitle,
  besideRow,
  count,
  MUTED,
  percent,
  plotlyFigure,
  plotlyText,
  SCALE,
  shade,
} from "./theme.ts";

/**
 * Draws the confusion matrix of a run. Cells show their share of the row and the count; row totals are on the
 * right. Of more than 40 classes, all but the 39 most frequent are one. Throws UndertoneError if the targets
 * are no classes.
 *
 * @example
 * ```ts
 * import { confusionFigure, metricsOf } from "@undertone/undertone";
 *
 * const { svg } = confusionFigure(metricsOf([[6, 2], [1, 3]], ["joy", "anger"]), "dev");
 * ```
 */
export function confusionFigure(metrics: Scores, title = "Confusion matrix"): Figure {
  if (!areClasses(metrics)) {
    throw badInput({
      expected: "scores of classes",
      found: `those of the kind '${metrics.target}'`,
      at: "confusionFigure",
      todo: "Show perClassTable(metrics), or the figure in the run's report.",
    });
  }
  const counts = ofMostClasses(metrics);
  const subtitle =
    `accuracy ${percent(metrics.accuracy)} %  ·  weighted F1 ${percent(metrics.weighted_f1)} %` +
    `  ·  macro F1 ${percent(metrics.macro_f1)} %  ·  ${count(metrics.n)} rows` +
    shownOf(metrics.per_class.length);
  return {
    title: `${title}: ${subtitle}`,
    svg: draw(counts, title, subtitle),
    plotly: plotly(counts, title, subtitle),
  };
}

/** Returns the shares `[C,C]` of each row, or null if a class has no row. */
const shares = ({ confusion, per_class }: Counts): (number | null)[][] =>
  confusion.map((row, c) => row.map((value) => per_class[c].support ? value / per_class[c].support : null));

const LABEL = 13;
const LONGEST = 170;
const EDGE = 24;

function draw(metrics: Counts, title: string, subtitle: string): string {
  const names = metrics.per_class.map(({ label }) => fit(label, LABEL, LONGEST));
  const widest = Math.max(...names.map((name) => textWidth(name, LABEL)));
  const classes = names.length;
  const cell = classes <= 3 ? 104 : classes <= 5 ? 80 : classes <= 8 ? 72 : 56;
  const height = Math.round(cell * 0.75);
  const upright = widest <= cell - 6;
  const left = EDGE + 24 + widest + 12, top = 96;
  const right = left + classes * cell, bottom = top + classes * height;
  const below = upright ? 22 : 14 + (widest + LABEL) * Math.SQRT1_2;
  const totals = metrics.per_class.map(({ support }) => count(support));
  const end = right + 14 + Math.max(...[...totals, "total"].map((total) => textWidth(total, LABEL)));
  const width = EDGE + Math.max(end, EDGE + textWidth(subtitle, LABEL), EDGE + textWidth(title, 18));

  const cells = shares(metrics).flatMap((row, i) =>
    row.flatMap((share, j) => {
      const x = left + j * cell, y = top + i * height, value = metrics.confusion[i][j];
      const { fill, ink } = shade(share ?? 0);
      const box = rect(x + 1, y + 1, cell - 2, height - 2, {
        fill,
        radius: 3,
        stroke: i === j ? shade(Math.max(0.75, share ?? 0)).fill : undefined,
      });
      const [truth, predicted] = [i, j].map((c) => metrics.per_class[c].label);
      const says = `true ${truth}\npredicted ${predicted}\n${count(value)} of ${totals[i]} rows, ${
        percent(share)
      } %`;
      if (!value) {
        return mark(
          says,
          box,
          text(x + cell / 2, y + height / 2 + 4, "·", { anchor: "middle", fill: MUTED }),
        );
      }
      return mark(
        says,
        box,
        text(x + cell / 2, y + height / 2, `${percent(share, 0)} %`, {
          anchor: "middle",
          weight: 600,
          size: 14,
          fill: ink,
        }),
        text(x + cell / 2, y + height / 2 + 15, count(value), { anchor: "middle", size: 11, fill: ink }),
      );
    })
  );
  const rows = names.flatMap((name, i) => {
    const y = top + i * height + height / 2 + LABEL / 3;
    return [
      text(left - 10, y, name, { anchor: "end" }),
      text(end, y, totals[i], { anchor: "end", fill: MUTED }),
    ];
  });
  const columns = names.map((name, j) => {
    const x = left + j * cell + cell / 2;
    return upright
      ? text(x, bottom + 18, name, { anchor: "middle" })
      : text(x + 4, bottom + 16, name, { anchor: "end", rotate: -45 });
  });
  return document(width, bottom + below + 40, `${title}: ${subtitle}`, [
    text(EDGE, 34, title, { size: 18, weight: 600 }),
    text(EDGE, 56, subtitle, { fill: MUTED }),
    text(end, top - 10, "total", { anchor: "end", fill: MUTED }),
    ...cells,
    ...rows,
    ...columns,
    text(EDGE + 4, (top + bottom) / 2, "true", { anchor: "middle", fill: MUTED, rotate: -90 }),
    text((left + right) / 2, bottom + below + 20, "predicted", { anchor: "middle", fill: MUTED }),
  ]);
}

function plotly(metrics: Counts, title: string, subtitle: string): PlotlyFigure {
  const names = metrics.per_class.map(({ label }) => plotlyText(label));
  const short = metrics.per_class.map(({ label }) => fit(label, LABEL, LONGEST));
  const widest = Math.max(...short.map((name) => textWidth(name, LABEL)));
  const cell = 70, height = 54;
  const classes = names.map((_, c) => c); // positions, because two labels may be shortened to the same name
  const z = shares(metrics);
  const axis = { tickvals: classes, showgrid: false, zeroline: false, ticks: "", fixedrange: true };
  return plotlyFigure({
    title,
    subtitle,
    data: [{
      type: "heatmap",
      x: classes,
      y: classes,
      z,
      zmin: 0,
      zmax: 1,
      colorscale: SCALE.map((stop) => [...stop]),
      xgap: 2,
      ygap: 2,
      text: z.map((row, i) =>
        row.map((share, j) => {
          const value = metrics.confusion[i][j];
          return value ? `<b>${percent(share, 0)} %</b><br>${count(value)}` : "";
        })
      ),
      texttemplate: "%{text}",
      textfont: { size: 12 },
      customdata: names.map((truth, i) => names.map((name, j) => [truth, name, metrics.confusion[i][j]])),
      hovertemplate:
        "true %{customdata[0]}<br>predicted %{customdata[1]}<br>%{customdata[2]} rows, %{z:.1%}<extra></extra>",
      showscale: false,
    }],
    layout: {
      height: 170 + (widest > cell ? widest * Math.SQRT1_2 : 20) + height * Math.max(3, names.length),
      margin: { l: 40, r: 80, t: 84, b: 40 },
      annotations: [
        ...metrics.per_class.map(({ support }, c) => besideRow(c, count(support))),
        { ...besideRow(-0.5, "total"), yshift: 10 },
      ],
      xaxis: {
        ...axis,
        ticktext: short.map(plotlyText),
        tickangle: widest > cell ? -45 : 0,
        title: axisTitle("predicted"),
        automargin: true,
      },
      yaxis: {
        ...axis,
        ticktext: short.map(plotlyText),
        title: axisTitle("true"),
        autorange: "reversed",
        automargin: true,
      },
    },
  });
}
