/** Clipping by the global norm, as a factor that the optimiser applies on its one pass. */
import { squaresLanes, type Values } from "./lanes.ts";

/** L2 norm over all gradients together, summed in double precision. */
export function globalNorm(gradients: Iterable<Values>): number {
  let sum = 0;
  for (const values of gradients) sum += squares(values);
  return Math.sqrt(sum);
}

function squares(values: Values): number {
  const lanes = squaresLanes(values);
  if (lanes !== undefined) return lanes;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

/** Factor that brings `norm` down to at most `maxNorm` (PyTorch's `clip_grad_norm_`); 1 where `maxNorm` is 0. */
export const clipFactor = (norm: number, maxNorm: number): number =>
  maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1;
