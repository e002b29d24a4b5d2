/** Figures: the same numbers as an SVG drawing and as plotly data. */

/** A plotly.js figure as plain JSON. */
export interface PlotlyFigure {
  /** Traces. */
  data: Record<string, unknown>[];
  /** Axes, sizes, titles. */
  layout: Record<string, unknown>;
  /** Behaviour in a page. */
  config: Record<string, unknown>;
}

/** A figure: its drawing, and what plotly.js zooms. */
export interface Figure {
  /** Alternative text, and title of files. */
  title: string;
  /** The form that a page zooms with plotly.js. */
  plotly: PlotlyFigure;
  /**
   * The drawing: a complete, self-contained SVG document. Pages and notebooks make it interactive: they read
   * the `<title>` of its marks, and `data-legend` toggles `data-series`.
   */
  svg: string;
}
