/** The learning rate schedule: a factor in [0, 1] on each group's rate, for each step. */

export interface Schedule {
  kind: "linear" | "cosine" | "constant";
  /** Steps over which the rate rises from 0. */
  warmup: number;
  /** Steps of the whole run. */
  total: number;
}

/** Returns the warm-up steps for a share of the run. Rounds down, so that even the shortest run trains. */
export const warmupSteps = (share: number, total: number): number => Math.floor(share * total);

/**
 * Returns the factor during step `step` (from 0). It is step / warmup during warm-up; afterwards it falls
 * linearly or along half a cosine to 0 and stays there, or is 1 throughout. Equals Hugging Face's
 * `get_*_schedule_with_warmup`, except that their cosine would rise again past the end.
 */
export function rateFactor({ kind, warmup, total }: Schedule, step: number): number {
  if (step < warmup) return step / warmup;
  if (kind === "constant") return 1;
  if (kind === "linear") return Math.max(0, total - step) / Math.max(1, total - warmup);
  const progress = Math.min(1, (step - warmup) / Math.max(1, total - warmup));
  return (1 + Math.cos(Math.PI * progress)) / 2;
}
