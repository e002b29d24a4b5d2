/** What every picture is: the same numbers once as plotly data and once drawn. */

/** A figure of plotly.js as plain JSON. */
export interface PlotlyFigure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
  config: Record<string, unknown>;
}

export interface Figure {
  /** Said where the picture can't be: alternative text, file titles. */
  title: string;
  plotly: PlotlyFigure;
  /** A complete SVG document that needs nothing else. */
  svg: string;
}
