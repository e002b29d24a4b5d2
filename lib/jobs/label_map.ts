/** Maps the classes of a foreign model to those of a data set. */
import { labelInSpace, type LabelMap } from "../data/mod.ts";
import { badInput, few, nearest } from "../errors.ts";

/** For each class of the model, the index of the data's class, or undefined if it is dropped. */
export interface MappedLabels {
  classes: (number | undefined)[];
  /** What the map means for the result. */
  notes: string[];
}

/** Maps each class of the model by a label space. Drops a class whose label the data lack. */
export const spaceMap = (space: string, model: readonly string[], data: readonly string[]): LabelMap =>
  Object.fromEntries(model.map((name) => {
    const label = labelInSpace(space, name);
    return [name, label !== null && data.includes(label) ? label : null];
  }));

/**
 * Maps each class of the model by `map` (the data's names by the model's, where `null` drops a class), or
 * else by its name, in any case. Throws UndertoneError, with what to type, for a class that neither names and
 * for a name in `map` that is unknown.
 */
export function mapLabels(
  model: readonly string[],
  data: readonly string[],
  map: LabelMap = {},
): MappedLabels {
  const like = (name: string, names: readonly string[]) =>
    names.includes(name) ? name : names.find((other) => other.toLowerCase() === name.toLowerCase());
  const given = new Map<string, string | null>();
  for (const [name, value] of Object.entries(map)) {
    const own = like(name, model);
    if (own === undefined) throw unknown("a class of the model", name, model);
    if (given.has(own)) throw unknown("each class of the model once", name, []);
    const target = !value ? null : like(value, data);
    if (target === undefined) throw unknown("a label of the data, or null", value!, data);
    given.set(own, target);
  }
  const targets = model.map((name) => given.has(name) ? given.get(name)! : like(name, data));
  const open = model.filter((_, i) => targets[i] === undefined);
  if (open.length > 0) throw unmapped(open, data, map);
  if (targets.every((target) => target === null)) throw unmapped(model, data, {});
  const dropped = model.filter((_, i) => targets[i] === null);
  const never = data.filter((label) => !targets.includes(label));
  const joint = data.flatMap((label) => {
    const names = model.filter((_, i) => targets[i] === label);
    return names.length < 2
      ? []
      : [`${names.join(" and ")} count as ${label}: their probabilities are added.`];
  });
  return {
    classes: targets.map((target) => target === null ? undefined : data.indexOf(target!)),
    notes: [
      ...dropped.length > 0
        ? [
          `The map drops ${
            few(dropped)
          } of the model: their probability is left out, and the rest is scaled to 1.`,
        ]
        : [],
      ...joint,
      ...never.length > 0 ? [`The model has no class for ${few(never)}: such rows count as wrong.`] : [],
    ],
  };
}

const unknown = (expected: string, name: string, names: readonly string[]) => {
  const meant = nearest(name, names);
  return badInput({
    expected: names.length > 0 ? `${expected} (${names.slice(0, 20).join(", ")})` : expected,
    found: `'${name.slice(0, 100)}'`,
    at: "--labels.map",
    todo: meant === undefined ? "Mend the name." : `Did you mean '${meant}'?`,
  });
};

function unmapped(open: readonly string[], data: readonly string[], map: LabelMap) {
  const whole = { ...map, ...Object.fromEntries(open.map((name) => [name, nearest(name, data) ?? data[0]])) };
  return badInput({
    expected: `a label of the data (${data.join(", ")}) for each class of the model`,
    found: `none for ${few(open)}`,
    at: "--labels.map",
    todo: `Write --labels.map '${
      JSON.stringify(whole)
    }' with the right labels, and null for a class to drop.`,
  });
}

/**
 * Returns the probability of each class of the data: the softmax over the model's classes that are not
 * dropped, added up by class.
 */
export function mappedProbabilities(
  logits: ArrayLike<number>,
  classes: readonly (number | undefined)[],
  count: number,
): number[] {
  const most = Math.max(...classes.flatMap((target, i) => target === undefined ? [] : logits[i]));
  const weights = classes.map((target, i) => target === undefined ? 0 : Math.exp(logits[i] - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0),
    probabilities = new Array<number>(count).fill(0);
  classes.forEach((target, i) => {
    if (target !== undefined) probabilities[target] += weights[i] / total;
  });
  return probabilities;
}
