/** The values that an option may take in a search, and how they are drawn. */
import { badInput } from "../../errors.ts";
import type { Random } from "../../random.ts";

/** A range of numbers. */
export interface NumberDomain {
  kind: "number";
  low: number;
  high: number;
  /** Whether the logarithm is uniform, not the number. */
  log: boolean;
  /** Whether only whole numbers are meant. */
  integer: boolean;
}

/** A list of values. */
export interface ChoiceDomain {
  kind: "choice";
  values: readonly unknown[];
}

export type Domain = NumberDomain | ChoiceDomain;

const FORMS = 'Write {"range": [0, 0.5]}, {"log": [1e-4, 3e-3]} or {"choose": ["a", "b"]}.';

/**
 * Reads the values of an option: `{range}`, `{log}` or `{choose}`. A plain list of two numbers is a range,
 * and any other list a choice. `integer` says whether the option takes whole numbers. Throws UndertoneError.
 */
export function readDomain(key: string, given: unknown, { integer }: { integer: boolean }): Domain {
  if (Array.isArray(given)) {
    const isRange = given.length === 2 && given.every((value) => typeof value === "number");
    return isRange ? rangeOf(key, given, { log: false, integer }) : choiceOf(key, given);
  }
  const entries = typeof given === "object" && given !== null ? Object.entries(given) : [];
  if (entries.length === 1) {
    const [[form, value]] = entries;
    if (form === "choose" && Array.isArray(value)) return choiceOf(key, value);
    if ((form === "range" || form === "log") && Array.isArray(value)) {
      return rangeOf(key, value, { log: form === "log", integer });
    }
  }
  throw badInput({
    expected: "a range or a choice",
    found: JSON.stringify(given),
    at: `search.${key}`,
    todo: FORMS,
  });
}

function rangeOf(
  key: string,
  given: readonly unknown[],
  { log, integer }: { log: boolean; integer: boolean },
): NumberDomain {
  const [low, high] = given as number[], at = `search.${key}`, found = JSON.stringify(given);
  if (given.length !== 2 || !given.every((value) => typeof value === "number") || !(low < high)) {
    throw badInput({ expected: "two numbers, the lower one first", found, at, todo: FORMS });
  }
  if (log && low <= 0) {
    throw badInput({
      expected: "numbers above 0 for a logarithmic scale",
      found,
      at,
      todo: 'Raise the lower one, or write {"range": …}.',
    });
  }
  if (integer && !given.every(Number.isInteger)) {
    throw badInput({ expected: "whole numbers", found, at, todo: "The option takes no others." });
  }
  return { kind: "number", low, high, log, integer };
}

function choiceOf(key: string, values: readonly unknown[]): ChoiceDomain {
  const distinct = new Set(values.map((value) => JSON.stringify(value)));
  if (values.length > 1 && distinct.size === values.length) return { kind: "choice", values };
  throw badInput({
    expected: "at least two values, each once",
    found: JSON.stringify(values),
    at: `search.${key}`,
    todo: "Add another, or set the option beside the search.",
  });
}

/** Says how an option is read: `lr: any number from 0.0001 to 0.003, on a logarithmic scale`. */
export function domainText(key: string, domain: Domain): string {
  if (domain.kind === "choice") {
    return `${key}: one of ${domain.values.map((value) => shownValue(value)).join(", ")}`;
  }
  const { low, high, log, integer } = domain;
  return `${key}: any ${integer ? "whole number" : "number"} from ${low} to ${high}` +
    (log ? ", on a logarithmic scale" : "");
}

/** Writes a value of an option. */
export const shownValue = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/** The scale on which a range is uniform. Whole numbers own half a step on either side. */
export function scaleOf({ low, high, log, integer }: NumberDomain) {
  const half = integer ? 0.5 : 0,
    to = log ? Math.log : (x: number) => x,
    back = log ? Math.exp : (x: number) => x;
  return {
    low: to(low - half),
    high: to(high + half),
    at: to,
    /**
     * Returns the value at a place of the scale: whole, or rounded to 4 digits, so that it is easily
     * read.
     */
    valueAt(place: number): number {
      const value = back(place);
      return Math.min(high, Math.max(low, integer ? Math.round(value) : Number(value.toPrecision(4))));
    },
  };
}

/** Draws a value. */
export function draw(domain: Domain, random: Random): unknown {
  if (domain.kind === "choice") return domain.values[random.integer(domain.values.length)];
  const { low, high, valueAt } = scaleOf(domain);
  return valueAt(low + random.uniform() * (high - low));
}
