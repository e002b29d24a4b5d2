/** Chooses by name which parameters train in each epoch, and their learning rate and weight decay. */
import { badInput, nearest } from "../errors.ts";

/**
 * Parameters under a name prefix that share a rate. The longest matching prefix wins; `""` matches all
 * others.
 */
export interface ParamGroup {
  prefix: string;
  lr: number;
  weightDecay: number;
}

/**
 * Returns whether a name is `prefix` or starts with its whole segments: `text` covers `text.w` but not
 * `text_pool.w`.
 */
export const underPrefix = (name: string, prefix: string): boolean =>
  prefix === "" || name === prefix || name.startsWith(`${prefix}.`);

/** Throws bad input if a prefix matches no parameter name. `at` says where the prefix was given. */
export function requirePrefixes(prefixes: Iterable<string>, names: readonly string[], at: string): void {
  for (const prefix of prefixes) {
    if (names.some((name) => underPrefix(name, prefix))) continue;
    throw badInput({
      expected: "a prefix of a parameter name",
      found: `'${prefix}'`,
      at,
      todo: adviceFor(prefix, names),
    });
  }
}

/**
 * Returns what to write for a prefix that matches no name: it is followed segment by segment, through the
 * nearest segment where it has a typo, and ends in a list where none is near. Numbers have no near match.
 */
function adviceFor(prefix: string, names: readonly string[]): string {
  let meant = "";
  for (const segment of prefix.split(".")) {
    const below = names.filter((name) => name !== meant && underPrefix(name, meant));
    const next = [...new Set(below.map((name) => name.slice(meant ? meant.length + 1 : 0).split(".")[0]))];
    const found = next.includes(segment) || /^\d*$/.test(segment) ? segment : nearest(segment, next) ?? "";
    if (!next.includes(found)) {
      if (meant === "") return `Parameters start with ${next.join(", ")}.`;
      if (next.length > 0) return `After '${meant}.' comes one of ${next.join(", ")}.`;
      return `No parameter stands below '${meant}'. Leave '${prefix}' out.`;
    }
    meant = meant ? `${meant}.${found}` : found;
  }
  return `Did you mean '${meant}'?`;
}

/**
 * Returns the rate and weight decay of each parameter. Biases and norms do not decay: names that end in
 * `.bias`, and one-dimensional shapes. Throws bad input for a group without parameters and for a parameter
 * without a group.
 */
export function resolveGroups(
  params: Record<string, { shape: readonly number[] }>,
  groups: readonly ParamGroup[],
): Record<string, ParamGroup> {
  requirePrefixes(groups.map(({ prefix }) => prefix), Object.keys(params), "the parameter groups");
  return Object.fromEntries(
    Object.entries(params).map(([name, { shape }]) => {
      const group = groups.filter(({ prefix }) => underPrefix(name, prefix))
        .reduce<ParamGroup | undefined>((a, b) => a && a.prefix.length >= b.prefix.length ? a : b, undefined);
      if (!group) {
        throw badInput({
          expected: "a learning rate for every parameter",
          found: `no group for '${name}'`,
          at: "the parameter groups",
          todo: 'Add a group with the prefix "" for all the rest.',
        });
      }
      const decays = shape.length > 1 && !name.endsWith(".bias");
      return [name, decays ? group : { ...group, weightDecay: 0 }];
    }),
  );
}

/** Epochs in which the parameters under these name prefixes train and all others are frozen. */
export interface FreezePhase {
  epochs: number;
  train: readonly string[];
}

/**
 * Phases in order: `[{epochs: 2, train: ["text", "head"]}, {epochs: 1, train: ["head"]}]`. The last phase
 * lasts to the end of the run. An empty plan trains everything.
 */
export type FreezePlan = readonly FreezePhase[];

/**
 * Returns the names that train in `epoch` (from 0), in order. Throws bad input if a prefix matches no name.
 */
export function trainable(plan: FreezePlan, names: readonly string[], epoch: number): string[] {
  requirePrefixes(plan.flatMap(({ train }) => train), names, "the freeze plan");
  let end = 0;
  const phase = plan.find(({ epochs }) => epoch < (end += epochs)) ?? plan.at(-1);
  return phase ? names.filter((name) => phase.train.some((prefix) => underPrefix(name, prefix))) : [...names];
}

/** Returns the names that train in any of the first `epochs` epochs, in order. */
export function everTrainable(plan: FreezePlan, names: readonly string[], epochs: number): string[] {
  const training = new Set<string>();
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const name of trainable(plan, names, epoch)) training.add(name);
    if (training.size === names.length) break;
  }
  return names.filter((name) => training.has(name));
}
