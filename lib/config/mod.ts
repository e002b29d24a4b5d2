/**
 * Configurations: all options with their defaults and checks,
 * and the plan of which phases train which parameters.
 */
export * from "./ablation.ts";
export { commandLine, trainArgs } from "./command.ts";
export * from "./cross.ts";
export * from "./labels.ts";
export * from "./reading.ts";
export * from "./normalize.ts";
export * from "./plan.ts";
export { isTrainingOption } from "./recipes.ts";
export * from "./run_plan.ts";
export * from "./saved.ts";
export * from "./search.ts";
export * from "./target.ts";
export * from "./train.ts";
