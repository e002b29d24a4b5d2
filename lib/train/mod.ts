/**
 * The training loop, with optimisers, losses, schedules and checkpoints. It knows parameters and batches, but
 * no model.
 */
export * from "./checkpoint.ts";
export * from "./events.ts";
export type { BatchFeed } from "./gradients.ts";
export * from "./groups.ts";
export { type Precision, PRECISIONS } from "./loss_scaling.ts";
export * from "./losses.ts";
export * from "./optimizer.ts";
export * from "./restore.ts";
export * from "./state.ts";
export * from "./trainer.ts";
