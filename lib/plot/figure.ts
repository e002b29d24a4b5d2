/** What every picture is: the same numbers once as plotly data and once drawn. */

/** A figure of plotly.js as plain JSON. */
export interface PlotlyFigure {
  /** Traces. */
  data: Record<string, unknown>[];
  /** Axes, sizes, titles. */
  layout: Record<string, unknown>;
  /** How it behaves in a page. */
  config: Record<string, unknown>;
}

/** A picture: to be looked at, and to be moved about in. */
export interface Figure {
  /** Said where the picture can't be: alternative text, file titles. */
  title: string;
  /** The same for plotly.js. */
  plotly: PlotlyFigure;
  /** A complete SVG document that needs nothing else. */
  svg: string;
}
