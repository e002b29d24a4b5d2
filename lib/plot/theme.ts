/** Colours, fonts and number formats that all figures and pages share. */

import type { PlotlyFigure } from "./figure.ts";

export const INK = "#1f2933";
export const MUTED = "#66727f";
export const LINE = "#dfe4ea";
export const PAPER = "#ffffff";
/** Every other row of a chart. */
export const STRIPE = "#f6f8fa";
export const FONT = "'Open Sans', system-ui, -apple-system, 'Segoe UI', sans-serif";

/**
 * Colours of series, distinguishable for every kind of colour vision (Okabe & Ito 2008, without yellow and
 * black).
 */
export const SERIES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"] as const;

/** Colour scale from light to dark in even steps of lightness, 0 to 1 (after ColorBrewer's Blues). */
export const SCALE = [
  [0, "#f4f8fb"],
  [0.25, "#cfe1ef"],
  [0.5, "#93bfdd"],
  [0.75, "#5a9bca"],
  [1, "#0f5596"],
] as const;

/** Dark text on a shade, in the light and in the dark form of a figure. */
export const ON_SHADE = "#1e2831";

/** Mixes two colours: the first at 0, the second at 1. */
export function mixed(low: string, high: string, part: number): string {
  const channels = [1, 3, 5].map((i) => {
    const [a, b] = [low, high].map((colour) => parseInt(colour.slice(i, i + 2), 16));
    return Math.round(a + part * (b - a)).toString(16).padStart(2, "0");
  });
  return `#${channels.join("")}`;
}

/**
 * Returns the colour of a share 0 to 1 on `SCALE`, in steps of a hundredth, and a text colour that is
 * readable on it.
 */
export function shade(share: number): { fill: string; ink: string } {
  const at = Math.round(share * 100) / 100;
  const upper = Math.max(1, SCALE.findIndex(([stop]) => at <= stop));
  const [[from, low], [to, high]] = [SCALE[upper - 1], SCALE[upper]];
  const fill = mixed(low, high, (at - from) / (to - from));
  return { fill, ink: at > 0.8 ? PAPER : at > 0.5 ? ON_SHADE : INK };
}

/** Formats a number with thousands separators: "12,345". */
export const count = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 1 });

/** Formats a fraction in percent: "58.7". Null gives an en dash. */
export const percent = (fraction: number | null, digits = 1): string =>
  fraction === null ? "–" : (fraction * 100).toFixed(digits);

/** Escapes text for plotly, which would read tags and entities as markup. */
export const plotlyText = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Returns the title of a plotly axis. */
export const axisTitle = (text: string) => ({
  text: plotlyText(text),
  standoff: 14,
  font: { size: 13, color: MUTED },
});

/** Returns a text to the right of a plotly figure's plot, at the height of a row. */
export const besideRow = (y: number, text: string) => ({
  text: plotlyText(text),
  x: 1,
  xref: "paper",
  xanchor: "left",
  xshift: 8,
  y,
  showarrow: false,
});

/** Returns a plotly figure with the shared style, as wide as its place. `layout` adds to it. */
export function plotlyFigure(
  { title, subtitle, data, layout }: {
    title: string;
    subtitle?: string;
    data: PlotlyFigure["data"];
    layout: PlotlyFigure["layout"];
  },
): PlotlyFigure {
  return {
    data,
    layout: {
      title: {
        text: `<b>${plotlyText(title)}</b>`,
        subtitle: { text: plotlyText(subtitle ?? ""), font: { size: 13, color: MUTED } },
        x: 0.02,
        xanchor: "left",
        font: { size: 17 },
      },
      font: { family: FONT, size: 13, color: INK },
      paper_bgcolor: PAPER,
      plot_bgcolor: PAPER,
      hoverlabel: { font: { family: FONT } },
      ...layout,
    },
    config: { responsive: true, displaylogo: false, showSendToCloud: false }, // no button that uploads a chart
  };
}
