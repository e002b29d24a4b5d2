/** What a training needs of the dev metrics: that they are finite, and that one of them chooses the epoch. */
import { badInput, nearest } from "../errors.ts";

/** Throws bad input if a metric is neither null nor finite. */
export function requireFiniteMetrics(dev: Record<string, number | null>, at: string, todo: string): void {
  const [name, value] = Object.entries(dev).find(([, value]) => value !== null && !Number.isFinite(value)) ??
    [];
  if (name === undefined) return;
  throw badInput({ expected: "finite metrics on dev", found: `${name} ${value}`, at, todo });
}

/** Returns the metric that chooses the best epoch. Throws bad input if there is none of this name. */
export function metricOf(metrics: Record<string, number | null>, name: string): number | null {
  if (name in metrics) return metrics[name];
  const known = Object.keys(metrics), meant = nearest(name, known);
  throw badInput({
    expected: "a metric to choose the best epoch by",
    found: `'${name}'`,
    at: "the training options",
    todo: meant ? `Did you mean '${meant}'?` : `Choose one of ${known.join(", ")}.`,
  });
}
