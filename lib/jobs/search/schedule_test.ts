import { higherIsBetter, type SearchConfig, searchConfig } from "../../config/mod.ts";
import { parseWith } from "../../schema.ts";
import { deepEqual, equal, ok } from "../../testing/assert.ts";
import type { Trial } from "./results.ts";
import { schedule, TAKEN, type Tried } from "./schedule.ts";
import { randomValues, readSpace } from "./space.ts";
import { tpeValues } from "./tpe.ts";

function opened(changes: Record<string, unknown>) {
  const config: SearchConfig = parseWith(searchConfig, {
    search: { lr: { log: [1e-4, 1e-1] } },
    method: "text_only",
    audio: "none",
    ...changes,
  }, "the test");
  return { config, space: readSpace(config), higherIsBetter: higherIsBetter("macro_f1") };
}

/** The score of a trial is a known function of its learning rate. */
const scoreOf = (lr: unknown) => -((Math.log10(lr as number) + 2) ** 2);

/** Walks a schedule; `taken` says which trials another worker has. */
function walked(open: ReturnType<typeof opened>, taken: (number: number) => boolean = () => false) {
  const trials: Trial[] = [], jobs = schedule(open, trials), order: string[] = [];
  for (let step = jobs.next(); !step.done;) {
    const { number, values, epochs } = step.value;
    order.push(`${number} to ${epochs}`);
    const tried: Tried = { score: scoreOf(values.lr), before: false };
    step = jobs.next(taken(number) ? TAKEN : tried);
  }
  return { trials, order };
}

Deno.test("at random, what other workers do changes no trial", () => {
  const open = opened({ trials: 6, epochs: 4 });
  const alone = walked(open), shared = walked(open, (number) => number % 2 === 1);
  deepEqual(shared.order, alone.order);
  deepEqual(shared.trials.map(({ values }) => values), alone.trials.map(({ values }) => values));
  deepEqual(alone.trials[3].values, randomValues(open.space, open.config.seed, 3));
});

Deno.test("tpe chooses trials together from the same trials before, and ends where it lacks a score", () => {
  const open = opened({ trials: 18, strategy: "tpe", at_once: 4 }), { trials } = walked(open);
  equal(trials.length, 18);
  // Trials 12 to 15 are chosen from the 12 before them, 16 and 17 from the first 16.
  for (const [i, known] of [[11, 8], [12, 12], [15, 12], [16, 16], [17, 16]]) {
    const given = { seed: open.config.seed, i, higherIsBetter: true };
    deepEqual(trials[i].values, tpeValues(open.space, trials.slice(0, known), given));
  }
  equal(walked(open, (number) => number === 13).trials.length, 16, "trials 14 and 15 do not need trial 13");
  equal(walked(opened({ trials: 18, strategy: "tpe" }), (number) => number === 13).trials.length, 14);
});

Deno.test("with asha, a trial that is taken is in no rung, and others go on without it", () => {
  const open = opened({ trials: 6, strategy: "asha", epochs: 9, eta: 3 });
  const { order } = walked(open, (number) => number < 2);
  deepEqual(order.slice(0, 5), ["0 to 1", "1 to 1", "2 to 1", "3 to 1", "4 to 1"]);
  ok(/^[234] to 3$/.test(order[5]), "three have a score, and the best of them goes on");
});
