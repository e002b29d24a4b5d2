import { deepEqual } from "../../testing/assert.ts";
import type { AblateEvent } from "./ablate.ts";
import { ablationSoFar } from "./live.ts";

const cells = [1, 2].flatMap((seed) =>
  ["text_only", "memocmt"].map((recipe) => ({ id: `${recipe}-s${seed}`, recipe, seed }))
);
const planned = { type: "planned", cells, dataset: { name: "own" } } as unknown as AblateEvent;
const trained = (at: number, weighted_f1: number) =>
  ({ type: "trained", cell: cells[at], dev: { weighted_f1 } }) as unknown as AblateEvent;

Deno.test("one row per recipe, one column per seed, and the mean over the seeds so far", () => {
  const { title, rows } = ablationSoFar([planned, trained(0, 0.25), trained(1, 0.5), trained(2, 0.75)]);
  deepEqual(title, "own: weighted F1 on dev (%), 3 of 4 trained");
  deepEqual(rows, [["text_only", 0.25, 0.75, 0.5], ["memocmt", 0.5, null, 0.5]]);
});

Deno.test("before the plan the table is empty", () => {
  deepEqual(ablationSoFar([]).rows, []);
  deepEqual(ablationSoFar([planned]).rows, [["text_only", null, null, null], ["memocmt", null, null, null]]);
});
