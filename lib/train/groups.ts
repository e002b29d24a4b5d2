/** Which parameters train in which epoch, and at which rate and weight decay, by their names. */
import { badInput, nearest } from "../errors.ts";

/** Parameters under a name prefix share a rate; the longest prefix that fits a name decides. `""` is all the rest. */
export interface ParamGroup {
  prefix: string;
  lr: number;
  weightDecay: number;
}

/** Whether a name is `prefix` or lies under it, by whole segments: `text` holds `text.w` but not `text_pool.w`. */
export const underPrefix = (name: string, prefix: string): boolean =>
  prefix === "" || name === prefix || name.startsWith(`${prefix}.`);

/** Throws bad input where a prefix fits no parameter name; `at` says where the prefix was given. */
export function requirePrefixes(prefixes: Iterable<string>, names: readonly string[], at: string): void {
  for (const prefix of prefixes) {
    if (names.some((name) => underPrefix(name, prefix))) continue;
    const roots = [...new Set(names.map((name) => name.split(".")[0]))], meant = nearest(prefix, roots);
    throw badInput({
      expected: "a name prefix of some parameter",
      found: `'${prefix}'`,
      at,
      todo: meant ? `Did you mean '${meant}'?` : `Parameters start with ${roots.join(", ")}.`,
    });
  }
}

/**
 * Rate and decay of each parameter; no decay on biases and norms, that is names that end in `.bias` and one-dimensional
 * shapes. Throws bad input for a group without parameters and for a parameter without a group.
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

/** Some epochs in which the parameters under these name prefixes train and the rest is frozen. */
export interface FreezePhase {
  epochs: number;
  train: readonly string[];
}

/**
 * Phases in order, `[{epochs: 2, train: ["text", "head"]}, {epochs: 1, train: ["head"]}]`; the last one goes on to the end
 * of the run. No phase at all: everything trains.
 */
export type FreezePlan = readonly FreezePhase[];

/** Names that train in `epoch` (from 0), in the order given. Throws bad input for a prefix that fits no name. */
export function trainable(plan: FreezePlan, names: readonly string[], epoch: number): string[] {
  requirePrefixes(plan.flatMap(({ train }) => train), names, "the freeze plan");
  let end = 0;
  const phase = plan.find(({ epochs }) => epoch < (end += epochs)) ?? plan.at(-1);
  return phase ? names.filter((name) => phase.train.some((prefix) => underPrefix(name, prefix))) : [...names];
}

/** Names that train in any of the first `epochs` epochs, in the order given. */
export function everTrainable(plan: FreezePlan, names: readonly string[], epochs: number): string[] {
  const training = new Set<string>();
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const name of trainable(plan, names, epoch)) training.add(name);
    if (training.size === names.length) break;
  }
  return names.filter((name) => training.has(name));
}
