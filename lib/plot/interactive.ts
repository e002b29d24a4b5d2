/**
 * Figures as HTML, in pages and notebooks: the drawing itself, which a small script makes interactive. In a
 * page plotly.js can zoom it.
 */
import { adaptive, DARK } from "./dark.ts";
import type { Figure } from "./figure.ts";
import { LIVELY } from "./lively.ts";
import { escape } from "./svg.ts";
import { FONT, INK, LINE, MUTED, PAPER } from "./theme.ts";
import { ZOOM } from "./zoom.ts";

/**
 * Where the page gets plotly.js: embedded source, or a file beside the page. It is read when a figure is
 * first zoomed. Without it figures have no zoom.
 */
export type Plotly = { source: string } | { src: string };

/**
 * Reads the source of plotly.js's cartesian bundle (heatmaps, lines, bars), about 1.5 MB. A page needs it as
 * text, because the module needs a browser's `window`.
 */
export const plotlySource = (): Promise<string> =>
  Deno.readTextFile(new URL(import.meta.resolve("plotly.js/plotly-cartesian.min.js")));

/**
 * Returns a figure for a page: its drawing, and its numbers for the zoom. The page needs `FIGURE_CSS` and
 * `interactiveHtml`.
 */
export const figureHtml = ({ title, plotly, svg }: Figure): string =>
  `<figure class="undertone" aria-label="${escape(title)}"><div class="picture">${
    sized(adaptive(svg))
  }</div>` +
  `<script type="application/json">${JSON.stringify(plotly).replaceAll("<", "\\u003c")}</script></figure>`;

/**
 * Returns a figure for a notebook: the drawing as an image, which is vectors even where no script may run,
 * and the script that makes it interactive.
 */
export function notebookHtml({ title, svg }: Figure): string {
  const bytes = new TextEncoder().encode(adaptive(svg)), [width] = sizeOf(svg);
  return `<figure class="undertone" aria-label="${escape(title)}"><div class="picture">` +
    `<img alt="${escape(title)}" width="${width}" style="max-width:100%;height:auto" ` +
    `src="data:image/svg+xml;base64,${bytes.toBase64()}"></div></figure><style>${FIGURE_CSS}</style>${interactiveHtml()}`;
}

/**
 * Returns the scripts of a page's figures: what makes them interactive, and the zoom if there is plotly.js.
 */
export const interactiveHtml = (plotly?: Plotly): string =>
  `<script>${LIVELY}</script>${plotly ? zoomHtml(plotly) : ""}`;

/** Holds plotly.js as text, so that a page reads it when a figure is first zoomed. */
function zoomHtml(plotly: Plotly): string {
  const holder = "src" in plotly
    ? `<script type="text/plain" data-plotly="${escape(plotly.src)}"></script>`
    : `<script type="text/plain" data-plotly>${plotly.source.replaceAll("</script", "<\\/script")}</script>`;
  return `${holder}<script>${ZOOM}</script>`;
}

const sizeOf = (svg: string): number[] => /width="(\d+)" height="(\d+)"/.exec(svg)!.slice(1).map(Number);

/** Lets a drawing shrink to 75 % of its size, which is still readable. Below that its frame scrolls. */
function sized(svg: string): string {
  const [width] = sizeOf(svg);
  return svg.replace(
    "<svg ",
    `<svg style="width:100%;min-width:${Math.round(0.75 * width)}px;max-width:${width}px;height:auto" `,
  );
}

const colours = (of: (colour: string) => string): string =>
  `--ink: ${of(INK)}; --muted: ${of(MUTED)}; --line: ${of(LINE)}; --paper: ${of(PAPER)};`;

/**
 * The style sheet of figures. What stands beside a drawing has the colours of the page around it, which may
 * be light where the drawing is dark.
 */
export const FIGURE_CSS = `
figure.undertone { ${colours((colour) => colour)} margin: 0; position: relative;
  font: 13px/1.4 ${FONT}; }
@media screen and (prefers-color-scheme: dark) { figure.undertone { ${colours((colour) => DARK[colour])} } }
.undertone .picture { overflow-x: auto; }
.undertone svg { display: block; touch-action: pan-x pan-y pinch-zoom; }
.undertone .current { outline: 1px solid var(--muted); outline-offset: 1px; }
.undertone [data-legend] { cursor: pointer; }
.undertone .tip { position: absolute; z-index: 9; pointer-events: none; white-space: pre-line;
  background: var(--ink); color: var(--paper); padding: 4px 9px; border-radius: 4px;
  font-variant-numeric: tabular-nums; max-width: 34ch; }
.undertone .tools { display: flex; flex-wrap: wrap; gap: 6px; justify-content: flex-end; align-items: center;
  margin-top: 4px; }
.undertone .tools .more { flex: 1 0 100%; }
.undertone .tools button { font: inherit; font-size: 12px; color: inherit; background: none; cursor: pointer;
  border: 1px solid rgba(128, 140, 152, 0.5); border-radius: 4px; padding: 2px 10px; }
.undertone .tools button:hover, .undertone .tools button[aria-pressed="true"] { border-color: currentcolor; }
.undertone [hidden] { display: none; }
@media print { .undertone .tools, .undertone .tip { display: none; } .undertone .picture { overflow: visible; } }
`;
