/** Figures in a page: drawings that plotly.js, where it runs, makes interactive. */
import type { Figure } from "./figure.ts";
import { escape } from "./svg.ts";

/**
 * Where the page gets plotly.js: embedded source, or a file beside the page. Without it figures stay static.
 */
export type Plotly = { source: string } | { src: string };

/**
 * Reads the source of plotly.js's cartesian bundle (heatmaps, lines, bars), about 1.5 MB. A page needs it as
 * text, because the module needs a browser's `window`.
 */
export const plotlySource = (): Promise<string> =>
  Deno.readTextFile(new URL(import.meta.resolve("plotly.js/plotly-cartesian.min.js")));

/** Returns a figure as HTML: its drawing, and its numbers for `interactiveHtml`. */
export const figureHtml = ({ title, plotly, svg }: Figure): string =>
  `<figure aria-label="${escape(title)}"><div class="picture">${svg}</div>` +
  `<script type="application/json">${JSON.stringify(plotly).replaceAll("<", "\\u003c")}</script></figure>`;

/** Returns the scripts that make the figures of a page interactive. */
export const interactiveHtml = (plotly: Plotly): string => `${script(plotly)}\n<script>${UPGRADE}</script>`;

const script = (plotly: Plotly): string =>
  "src" in plotly
    ? `<script src="${escape(plotly.src)}"></script>`
    : `<script>${plotly.source.replaceAll("</script", "<\\/script")}</script>`;

/** Script for the browser: replaces each static figure once its plotly figure is drawn. */
const UPGRADE = `
if (window.Plotly) for (const figure of document.querySelectorAll("figure")) {
  const { data, layout, config } = JSON.parse(figure.querySelector("script").textContent);
  const place = document.createElement("div");
  figure.append(place);
  Plotly.newPlot(place, data, layout, config).then(
    () => figure.querySelector(".picture").remove(),
    () => place.remove(),
  );
}`;
