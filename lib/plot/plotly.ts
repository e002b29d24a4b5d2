/**
 * Provides plotly.js as text for pages. The module needs a browser's `window`, so it is read as a file and
 * never imported.
 */

/** Reads the source of plotly.js's cartesian bundle (heatmaps, lines, bars), about 1.5 MB. */
export const plotlySource = (): Promise<string> =>
  Deno.readTextFile(new URL(import.meta.resolve("plotly.js/plotly-cartesian.min.js")));
