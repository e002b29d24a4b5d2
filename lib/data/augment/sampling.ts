/** Which training rows an epoch takes. */
import { seedOf } from "../../random.ts";

/** How an epoch takes rows: each once, or all classes equally often. */
export type Sampling = "uniform" | "balanced";
export const SAMPLINGS = ["uniform", "balanced"] as const satisfies readonly Sampling[];

/** A row of an epoch. */
export interface RowPick {
  row: number;
  /** How often the epoch took the row before. */
  time: number;
}

/** Returns each row once. */
export const eachOnce = (rows: number): RowPick[] =>
  Array.from({ length: rows }, (_, row) => ({ row, time: 0 }));

/**
 * Returns as many picks as there are rows, with every class that occurs equally often (classes differ by at
 * most one pick). A row of a small class is taken again only when all rows of its class were; of a large
 * class, each epoch leaves out others. The choice depends on ids, not on the order of the rows.
 */
export function balanced(
  rows: readonly { id: string; value: number }[],
  { seed, epoch }: { seed: number; epoch: number },
): RowPick[] {
  const order = (name: string) => seedOf("balanced", seed, epoch, name);
  const classes = Map.groupBy(
    rows.map(({ id, value }, row) => ({ row, value, place: order(id), id })),
    ({ value }) => value,
  );
  const turns = [...classes.keys()].sort((a, b) => order(`class ${a}`) - order(`class ${b}`) || a - b);
  return turns.flatMap((value, turn) => {
    const own = classes.get(value)!.sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1));
    const quota = Math.floor(rows.length / turns.length) + Number(turn < rows.length % turns.length);
    return Array.from({ length: quota }, (_, i) => ({
      row: own[i % own.length].row,
      time: Math.floor(i / own.length),
    }));
  });
}
