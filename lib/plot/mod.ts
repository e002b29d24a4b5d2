/** Figures, tables and reports of data, runs and predictions, for terminals, pages and notebooks. */
export * from "./answers.ts";
export * from "./bars.ts";
export * from "./confusion.ts";
export * from "./curves.ts";
export * from "./figure.ts";
export { gapTexts, groupsTable } from "./groups.ts";
export * from "./heat_map.ts";
export * from "./labels.ts";
export * from "./listen.ts";
export * from "./live.ts";
export { png } from "./png.ts";
export * from "./report.ts";
export * from "./rows.ts";
export * from "./scatter.ts";
export * from "./show.ts";
export * from "./spectrogram.ts";
export * from "./table.ts";
export * from "./tables.ts";
