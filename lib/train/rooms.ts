/** Where a run keeps what it trains: each parameter's values, gradient and slots side by side, for passes of SIMD loops. */
import { laneArrays } from "../compute/mod.ts";
import type { Optimizer, ParameterState } from "./optimizer.ts";

export interface Room {
  values: Float32Array;
  gradient: Float32Array;
  state: ParameterState;
}

/** Rooms for parameters of these sizes; `states` are what the optimiser remembers of some of them, and move in. */
export function roomsFor(
  sizes: Record<string, number>,
  { slots }: Pick<Optimizer, "slots">,
  states: Record<string, ParameterState> = {},
): Record<string, Room> {
  const arrays = laneArrays(Object.values(sizes).map((size) => Array(2 + slots.length).fill(size)));
  return Object.fromEntries(
    Object.keys(sizes).map((name, i) => {
      const [values, gradient, ...rest] = arrays[i], known = states[name];
      slots.forEach((slot, k) => known && rest[k].set(known.slots[slot]));
      const state = {
        step: known?.step ?? 0,
        slots: Object.fromEntries(slots.map((slot, k) => [slot, rest[k]])),
      };
      return [name, { values, gradient, state }];
    }),
  );
}
