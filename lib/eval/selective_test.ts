import { random } from "../random.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { riskAt, riskCoverage } from "./selective.ts";

interface Case {
  confidence: number[];
  wrong: number[];
  aurc: number;
  best_aurc: number;
}
const cases: Case[] = jsonFixture("certainty.json").risk;

/** Rows of two classes: class 0 is always the most probable. */
const curveOf = ({ confidence, wrong }: Pick<Case, "confidence" | "wrong">) =>
  riskCoverage(wrong, confidence.map((p) => [p, 1 - p]));

Deno.test("the area equals the mean over all orders of tied rows", () => {
  for (const each of cases) {
    const { aurc, best_aurc } = curveOf(each);
    ok(Math.abs(aurc - each.aurc) < 1e-12, `${aurc}, expected ${each.aurc}`);
    ok(Math.abs(best_aurc - each.best_aurc) < 1e-12, `${best_aurc}, expected ${each.best_aurc}`);
    ok(aurc >= best_aurc - 1e-12);
  }
});

Deno.test("rows of one confidence are answered together, and the order of the rows changes nothing", () => {
  const given = cases[1], curve = curveOf(given);
  deepEqual(curve.points.map(({ coverage, risk }) => [coverage * 7, risk]), [
    [1, 0],
    [4, 1 / 4],
    [6, 2 / 6],
    [7, 3 / 7],
  ]);
  const order = random(2).shuffle([...given.wrong.keys()]);
  const of = (values: number[]) => order.map((i) => values[i]);
  deepEqual(curveOf({ confidence: of(given.confidence), wrong: of(given.wrong) }), curve);
});

Deno.test("the risk at a coverage is that of the surest rows up to it", () => {
  const curve = curveOf(cases[1]);
  equal(riskAt(curve, 0.1), undefined);
  equal(riskAt(curve, 0.5)?.coverage, 1 / 7);
  equal(riskAt(curve, 4 / 7)?.risk, 1 / 4);
  equal(riskAt(curve, 1)?.risk, 3 / 7);
});
