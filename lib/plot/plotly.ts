/** plotly.js as text for pages: its module wants a browser's `window`, so it is read and never imported. */

/** Source of plotly.js's cartesian bundle (heatmaps, lines, bars), about 1.5 MB. */
export const plotlySource = (): Promise<string> =>
  Deno.readTextFile(new URL(import.meta.resolve("plotly.js/plotly-cartesian.min.js")));
