/** Figures: the same numbers as plotly data and as an SVG drawing. */

/** A plotly.js figure as plain JSON. */
export interface PlotlyFigure {
  /** Traces. */
  data: Record<string, unknown>[];
  /** Axes, sizes, titles. */
  layout: Record<string, unknown>;
  /** Behaviour in a page. */
  config: Record<string, unknown>;
}

/** A figure, both static and interactive. */
export interface Figure {
  /** Alternative text, and title of files. */
  title: string;
  /** The interactive figure for plotly.js. */
  plotly: PlotlyFigure;
  /** The static figure: a complete, self-contained SVG document. */
  svg: string;
}
