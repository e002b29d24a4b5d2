/**
 * Steps in half precision. The loss is scaled up, so that small gradients don't vanish in 16 bits, as
 * PyTorch's GradScaler does. Parameters, sums and the optimiser stay in 32 bits.
 */
import * as tf from "@tensorflow/tfjs-core";
import { halfPrecision } from "../compute/mod.ts";
import type { MicroBatch } from "./gradients.ts";
import type { Steps, StepSums, TrainingTask } from "./steps.ts";

/** Precisions of a training. `fp16`: products read 16-bit floats. */
export const PRECISIONS = ["fp32", "fp16"] as const;
export type Precision = (typeof PRECISIONS)[number];

/** The loss scale of a run. It is part of its state, so that a resumed run goes on exactly. */
export interface Scaling {
  /** Factor on the mean loss of a batch. */
  scale: number;
  /** Steps since the scale last changed. */
  good: number;
  /** Skipped steps in the whole run. */
  skipped: number;
}

export const newScaling = (): Scaling => ({ scale: 2 ** 16, good: 0, skipped: 0 });

/** The scale doubles after this many steps without an overflow. */
export const GROWTH_INTERVAL = 2000;

/** Records the step. A step that is not `made` had a gradient beyond half precision. */
export function recordStep(scaling: Scaling, made: boolean): void {
  if (made && ++scaling.good < GROWTH_INTERVAL) return;
  if (!made) scaling.skipped++;
  const scale = made ? 2 * scaling.scale : scaling.scale / 2;
  if (Number.isFinite(Math.fround(scale))) scaling.scale = scale;
  scaling.good = 0;
}

/** Ends an update whose gradient overflowed, before it changes anything. */
class Overflow extends Error {
  constructor(readonly meanLoss: number) {
    super("a gradient overflowed");
  }
}

/** Name of the scale among a step's inputs. */
const SCALE = "loss scale";

/**
 * Returns the same steps in half precision. A step with a finite loss but a gradient that is not finite is
 * skipped: its norm is undefined, and the scale is halved. At a scale of 1, it is left to `accept`. Throws
 * bad input if the engine has no half precision.
 */
export const inHalfPrecision =
  (stepsOn: (task: TrainingTask) => Steps, scaling: Scaling) => (task: TrainingTask): Steps => {
    const loss: TrainingTask["loss"] = ({ [SCALE]: scale, ...inputs }, context) =>
      tf.mul(task.loss(inputs, context), scale);
    const steps = stepsOn({ ...task, loss, within: halfPrecision() });
    return {
      ...steps,
      async update(trained, batches, settings): Promise<StepSums> {
        const { scale } = scaling;
        let weight = 0, factor = 0;
        const scaled = batches.map(({ feed, context }): MicroBatch => ({
          context,
          async feed() {
            const batch = await feed();
            weight += batch.weight;
            factor ||= Math.fround(scale / (batch.weight || 1)); // of the first batch, for all
            const inputs = { ...batch.inputs, [SCALE]: { data: Float32Array.of(factor), shape: [] } };
            return { inputs, weight: batch.weight * factor };
          },
        }));
        const accept = (loss: number, gradientNorm: number) => {
          const overflowed = Number.isFinite(loss) && !Number.isFinite(gradientNorm);
          if (overflowed && scale > 1) throw new Overflow(loss);
          settings.accept(loss, gradientNorm);
        };
        try {
          const { loss, gradientNorm } = await steps.update(trained, scaled, { ...settings, accept });
          recordStep(scaling, true);
          return { loss: loss / factor, weight, gradientNorm };
        } catch (error) {
          if (!(error instanceof Overflow)) throw error;
          recordStep(scaling, false);
          return { loss: error.meanLoss * weight, weight, gradientNorm: null };
        }
      },
    };
  };
