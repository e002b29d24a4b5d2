/** Metrics, calibration, significance and controls of predictions. */
export * from "./absent.ts";
export * from "./class_intervals.ts";
export {
  type Estimate,
  estimate,
  type Gap,
  groupMetrics,
  type GroupResult,
  type GroupScores,
  resampled,
  scoresByGroup,
  type Units,
} from "./groups.ts";
export * from "./majority.ts";
export * from "./calibration.ts";
export * from "./certainty.ts";
export * from "./confusion.ts";
export * from "./conformal.ts";
export * from "./holm.ts";
export { holds } from "./several_labels.ts";
export * from "./kinds.ts";
export * from "./metric.ts";
export * from "./metrics.ts";
export * from "./rank_correlation.ts";
export * from "./reliability.ts";
export * from "./selective.ts";
export * from "./shapley.ts";
export * from "./significance.ts";
export * from "./spread.ts";
export * from "./target.ts";
export * from "./wilson.ts";
