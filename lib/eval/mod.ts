export * from "./baselines.ts";
export * from "./calibration.ts";
export * from "./metrics.ts";
export * from "./significance.ts";
export * from "./spread.ts";
