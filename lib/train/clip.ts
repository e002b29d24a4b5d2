/** Clipping by the global norm, as a factor that the optimiser applies on its one pass. */
import type { Values } from "./optimizer.ts";

/** L2 norm over all gradients together, summed in double precision. */
export function globalNorm(gradients: Iterable<Values>): number {
  let sum = 0;
  for (const values of gradients) {
    for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  }
  return Math.sqrt(sum);
}

/** Factor that brings `norm` down to at most `maxNorm` (PyTorch's `clip_grad_norm_`); 1 where `maxNorm` is 0. */
export const clipFactor = (norm: number, maxNorm: number): number =>
  maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1;
