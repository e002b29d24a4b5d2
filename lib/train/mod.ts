/** The training loop: optimisers, losses, schedules, checkpoints. It knows parameters and batches, and no model. */
export * from "./checkpoint.ts";
export * from "./events.ts";
export * from "./groups.ts";
export * from "./losses.ts";
export * from "./optimizer.ts";
export * from "./restore.ts";
export * from "./state.ts";
export * from "./trainer.ts";
