/** Which epoch is the best on dev, and when to stop waiting for a better one. A plain record, so that it is saved as it is. */

export interface EarlyStop {
  /** Metric of the best epoch so far. */
  best: number | null;
  /** That epoch, from 0. */
  bestEpoch: number | null;
  /** Epochs since then. */
  waited: number;
}

export const newEarlyStop = (): EarlyStop => ({ best: null, bestEpoch: null, waited: 0 });

/**
 * The record after an epoch. The first epoch is the best so far whatever its value; an equal value is no better, and
 * neither is null, which stands for a metric that is undefined on these rows.
 */
export function observe(
  { best, bestEpoch, waited }: EarlyStop,
  epoch: number,
  value: number | null,
  higherIsBetter: boolean,
): EarlyStop & { isBest: boolean } {
  const beats = value !== null && (best === null || (higherIsBetter ? value > best : value < best));
  const better = !Number.isNaN(value) && (bestEpoch === null || beats);
  return better
    ? { best: value, bestEpoch: epoch, waited: 0, isBest: true }
    : { best, bestEpoch, waited: waited + 1, isBest: false };
}

/** Whether `patience` epochs went by without a better one; a patience of 0 waits for ever. */
export const exhausted = ({ waited }: EarlyStop, patience: number): boolean =>
  patience > 0 && waited >= patience;
