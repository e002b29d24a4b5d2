/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011, section 4): trials so far are divided into good
 * and other ones. Candidates are drawn from the good ones' density, and the one is taken that is most likely
 * there relative to the others.
 */
import { type Random, random, seedOf } from "../../random.ts";
import { type ChoiceDomain, type NumberDomain, scaleOf } from "./domain.ts";
import { type Parameter, randomValues, type Space, type Values, withoutUnused } from "./space.ts";

/** A trial with its score; null for one that failed. */
export interface Scored {
  values: Values;
  score: number | null;
}

/** Trials that are drawn at random before the others are chosen. */
export const STARTUP = 10;
/** Share of the trials that count as good, as in the paper. */
const GOOD = 0.15;
/** Candidates that are drawn. */
const CANDIDATES = 24;

/** Returns the values of trial `i`, from the trials before it. */
export function tpeValues(
  space: Space,
  before: readonly Scored[],
  { seed, i, higherIsBetter }: { seed: number; i: number; higherIsBetter: boolean },
): Values {
  if (before.length < STARTUP) return randomValues(space, seed, i);
  const [good, others] = divided(before, higherIsBetter), stream = random(seedOf("tpe", seed, i));
  const densities = space.parameters.map((parameter) => ({
    key: parameter.key,
    good: densityOf(parameter, good),
    others: densityOf(parameter, others),
  }));
  const candidates = Array.from({ length: CANDIDATES }, () => {
    const drawn = densities.map(({ key, good }) => [key, good.draw(stream)]);
    return withoutUnused(space, Object.fromEntries(drawn));
  });
  const gain = (values: Values) =>
    densities.reduce(
      (sum, { key, good, others }) =>
        key in values ? sum + good.log(values[key]) - others.log(values[key]) : sum,
      0,
    );
  return candidates.reduce((a, b) => gain(b) > gain(a) ? b : a);
}

/** Divides trials: the best share of them, then the rest. A failed trial is worse than any other. */
export function divided<T extends Scored>(
  trials: readonly T[],
  higherIsBetter: boolean,
): [good: T[], others: T[]] {
  const sign = higherIsBetter ? 1 : -1;
  const value = ({ score }: Scored) => score === null ? -Infinity : sign * score;
  const ranked = trials.toSorted((a, b) => value(b) === value(a) ? 0 : value(b) - value(a));
  const some = Math.ceil(GOOD * trials.length);
  return [ranked.slice(0, some), ranked.slice(some)];
}

/** Returns the density of one option among trials. Trials whose method does not have it do not count. */
function densityOf({ key, domain }: Parameter, trials: readonly Scored[]): Density {
  const seen = trials.flatMap(({ values }) => key in values ? [values[key]] : []);
  return domain.kind === "choice" ? choiceDensity(domain, seen) : parzen(domain, seen as number[]);
}

interface Density {
  draw(random: Random): unknown;
  log(value: unknown): number;
}

/** The shares of the choices among some trials, where each choice is counted once more. */
function choiceDensity({ values }: ChoiceDomain, seen: readonly unknown[]): Density {
  const counts = values.map((value) => 1 + seen.filter((other) => isSame(value, other)).length);
  const total = values.length + seen.length;
  return {
    draw(random) {
      let left = random.uniform() * total;
      const at = counts.findIndex((count) => (left -= count) < 0);
      return values[at < 0 ? values.length - 1 : at];
    },
    log: (value) => Math.log(counts[values.findIndex((other) => isSame(value, other))] / total),
  };
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/**
 * A mixture of the uniform density of the range and a normal density, cut to the range, at each value. Its
 * deviation is the larger distance to a neighbour, within bounds.
 */
function parzen(domain: NumberDomain, seen: readonly number[]): Density {
  const { low, high, at, valueAt } = scaleOf(domain), range = high - low;
  const places = seen.map(at).sort((a, b) => a - b);
  const deviations = places.map((place, i) => {
    const wide = Math.max(place - (places[i - 1] ?? low), (places[i + 1] ?? high) - place);
    return Math.min(range, Math.max(range / Math.min(100, places.length + 2), wide));
  });
  return {
    draw(random) {
      const kernel = random.integer(places.length + 1);
      if (kernel === places.length) return valueAt(low + random.uniform() * range);
      for (;;) {
        const place = places[kernel] + deviations[kernel] * random.normal();
        if (place >= low && place <= high) return valueAt(place);
      }
    },
    log(value) {
      const x = at(value as number);
      const density = places.reduce((sum, place, i) => {
        const deviation = deviations[i], z = (x - place) / deviation;
        const inside = normalShare((high - place) / deviation) - normalShare((low - place) / deviation);
        return sum + Math.exp(-z * z / 2) / (deviation * Math.sqrt(2 * Math.PI) * inside);
      }, 1 / range);
      return Math.log(density / (places.length + 1));
    },
  };
}

/** The standard normal distribution function, to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26). */
function normalShare(x: number): number {
  const z = Math.abs(x) / Math.SQRT2, t = 1 / (1 + 0.3275911 * z);
  const poly = t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = poly * Math.exp(-z * z) / 2;
  return x < 0 ? tail : 1 - tail;
}
