import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { metricsOf } from "../eval/mod.ts";
import { confusionFigure } from "./confusion.ts";
import { confusionDifferenceFigure } from "./confusion_difference.ts";
import { MOST_CLASSES, ofMostClasses } from "./most_classes.ts";

const CLASSES = 1000, labels = Array.from({ length: CLASSES }, (_, c) => `class ${c}`);

/** Class c has c + 1 rows. One of them is predicted as class 999, the others as c. */
const confusion = Array.from({ length: CLASSES }, (_, c) => {
  const row = Array(CLASSES).fill(0);
  row[c] += c;
  row[CLASSES - 1]++;
  return row;
});

Deno.test("of a thousand classes, the 39 with most rows are shown, and all others as one", () => {
  const { confusion: counts, per_class } = ofMostClasses(metricsOf(confusion, labels));
  deepEqual([counts.length, counts[0].length, per_class.length], Array(3).fill(MOST_CLASSES));
  deepEqual(per_class.slice(-2).map(({ label }) => label), ["class 999", "961 others"]);
  deepEqual(per_class[0], metricsOf(confusion, labels).per_class[961]);
  const all = counts.flat().reduce((sum, value) => sum + value, 0);
  equal(all, CLASSES * (CLASSES + 1) / 2, "every row is counted");
  deepEqual(counts.at(-1)!.slice(-2), [961, 961 * 960 / 2]);
  equal(per_class.at(-1)!.support, 961 * 962 / 2);
});

Deno.test("up to 40 classes are all shown", () => {
  const metrics = metricsOf([[6, 2], [1, 3]], ["joy", "anger"]);
  equal(ofMostClasses(metrics), metrics);
});

Deno.test("figures of a thousand classes are small, and say what they leave together", () => {
  const metrics = metricsOf(confusion, labels), { svg, plotly } = confusionFigure(metrics, "dev");
  match(svg, /39 most frequent of 1,000 classes/);
  ok(svg.length < 2e6);
  equal((plotly.data[0].z as number[][]).length, MOST_CLASSES);
  const difference = confusionDifferenceFigure(metrics, metrics, "b minus a");
  match(difference.svg, /961 others/);
  match(difference.svg, /in points {2}· {2}39 most frequent of 1,000 classes/);
  match(difference.title, /39 most frequent of 1,000 classes/);
  ok(difference.svg.length < 2e6);
});
