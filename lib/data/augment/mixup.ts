/** Mixup (Zhang et al. 2018) of hidden states and targets. */
import type { Random } from "../../random.ts";
import type { MixAugmentation } from "./augmentation.ts";

/** Draws from Beta(alpha, alpha), as the share of one of two gamma variates. */
export function beta(alpha: number, random: Random): number {
  const [x, y] = [gamma(alpha, random), gamma(alpha, random)];
  return x + y > 0 ? x / (x + y) : Number(random.uniform() < 0.5);
}

/** Draws from Gamma(shape, 1) (Marsaglia & Tsang 2000). */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3, c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal(), v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x * x / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

export const mixup: MixAugmentation = {
  id: "mixup",
  summary:
    "alpha of Beta(alpha,alpha), from which the share of a row is drawn that another row does not take",
  acts: "pairs",
  limits: [0.01, 10],
  weight: ([, alpha], random) => beta(alpha, random),
};
