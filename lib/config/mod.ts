/** Configurations: every option with its default, checked and completed; which phases train what. */
export * from "./ablation.ts";
export * from "./plan.ts";
export * from "./resolve.ts";
export * from "./train.ts";
