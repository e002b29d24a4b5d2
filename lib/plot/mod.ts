/** Figures, tables and reports of data, runs and predictions, for terminals, pages and notebooks. */
export * from "./answers.ts";
export * from "./bars.ts";
export { type Clip, playableType } from "./clips.ts";
export { calibrationTable, certaintyTexts, setsTable } from "./certainty.ts";
export * from "./confusion.ts";
export { confusionDifferenceFigure } from "./confusion_difference.ts";
export * from "./contributions.ts";
export * from "./cross_attention.ts";
export * from "./curves.ts";
export { adaptive, darkened } from "./dark.ts";
export * from "./explained_sound.ts";
export * from "./explained_words.ts";
export * from "./figure.ts";
export { gapTexts, groupsTable } from "./groups.ts";
export * from "./heat_map.ts";
export { type Plotly, plotlySource } from "./interactive.ts";
export * from "./labels.ts";
export * from "./listen.ts";
export * from "./live.ts";
export * from "./parallel.ts";
export { png } from "./png.ts";
export { reliabilityFigure } from "./reliability.ts";
export * from "./report.ts";
export { riskCoverageFigure } from "./risk_coverage.ts";
export { type MarkdownReport, reportMarkdown } from "./report_markdown.ts";
export * from "./rows.ts";
export * from "./scatter.ts";
export { type Content, hasContent, type Section } from "./section.ts";
export * from "./show.ts";
export { spectrogramFigure } from "./spectrogram.ts";
export {
  type Column,
  type Table,
  type TableCell,
  tableHtml,
  type TableLink,
  tableText,
  wantsColour,
} from "./table.ts";
export * from "./tables.ts";
export { type Timeline, timelineFigure } from "./timeline.ts";
