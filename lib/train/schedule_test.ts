import { equal, ok } from "../testing/assert.ts";
import { jsonFixture, shared } from "../testing/shared.ts";
import { testWith } from "../testing/needs.ts";
import { rateFactor, type Schedule, warmupSteps } from "./schedule.ts";

const near = (found: number, expected: number, note: string) =>
  ok(Math.abs(found - expected) <= 1e-12, `${note}: ${found} for ${expected}`);

for (const { multipliers, ...schedule } of jsonFixture("optim.json").schedules) {
  const { kind, warmup, total } = schedule as Schedule;
  Deno.test(`${kind} over ${total} with warm-up ${warmup} equals the reference`, () => {
    (multipliers as number[]).forEach((expected, step) => {
      const past = kind === "cosine" && step - warmup > Math.max(1, total - warmup); // the reference rises again
      near(rateFactor(schedule, step), past ? 0 : expected, `step ${step}`);
    });
  });
}

Deno.test("constant rises, then stays", () => {
  const factors = [0, 1, 2, 3, 99].map((step) =>
    rateFactor({ kind: "constant", warmup: 2, total: 10 }, step)
  );
  ok(factors.every((factor, i) => factor === [0, 0.5, 1, 1, 1][i]));
});

Deno.test("warm-up never takes all of a short run's steps", () => {
  equal(warmupSteps(0.1, 5), 0);
  equal(warmupSteps(0.1, 30), 3);
});

for (const name of ["full", "accumulate2"]) {
  testWith("shared/fixtures/encoders/training", {
    name: `rates of the reference run '${name}'`,
    fn() {
      const { schedule, optimizer, steps } = JSON.parse(
        Deno.readTextFileSync(shared(`fixtures/encoders/training/${name}.json`)!),
      );
      const { warmup, total } = schedule;
      steps.forEach(({ lr_encoder, lr_head }: Record<string, number>, step: number) => {
        const factor = rateFactor({ kind: "linear", warmup, total }, step);
        near(factor * optimizer.lr_encoder, lr_encoder, `encoder, step ${step}`);
        near(factor * optimizer.lr_head, lr_head, `head, step ${step}`);
      });
    },
  });
}
