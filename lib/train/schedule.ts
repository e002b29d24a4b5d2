/** How the learning rate goes over a run: a factor in [0, 1] on each group's rate, per optimiser step. */

export interface Schedule {
  kind: "linear" | "cosine" | "constant";
  /** Steps over which the rate rises from 0. */
  warmup: number;
  /** Steps of the whole run. */
  total: number;
}

/** Steps of warm-up for a share of the run; rounded down, so that the shortest run still moves. */
export const warmupSteps = (share: number, total: number): number => Math.floor(share * total);

/**
 * Factor in force during step `step` (from 0): i / warmup while it rises, then linear to 0, half a cosine to 0, or 1;
 * 0 past the end of the two that fall. As Hugging Face's `get_*_schedule_with_warmup`, whose cosine would rise again.
 */
export function rateFactor({ kind, warmup, total }: Schedule, step: number): number {
  if (step < warmup) return step / warmup;
  if (kind === "constant") return 1;
  if (kind === "linear") return Math.max(0, total - step) / Math.max(1, total - warmup);
  const progress = Math.min(1, (step - warmup) / Math.max(1, total - warmup));
  return (1 + Math.cos(Math.PI * progress)) / 2;
}
