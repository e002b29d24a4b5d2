/** Which learning rate and weight decay a parameter gets, by its name and shape. */
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
