/** Which parameters train in which epoch, as data: `[{epochs: 2, train: ["text", "head"]}, {epochs: 1, train: ["head"]}]`. */
import { requirePrefixes, underPrefix } from "./groups.ts";

/** Some epochs in which the parameters under these name prefixes train and the rest is frozen. */
export interface FreezePhase {
  epochs: number;
  train: readonly string[];
}

/** Phases in order; the last one goes on to the end of the run. No phase at all: everything trains. */
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
