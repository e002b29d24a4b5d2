import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { headlineMetrics, type Metric, metricNamed, metricsFor, registerMetric, valueOf } from "./metric.ts";
import { metrics, metricValue } from "./metrics.ts";
import { classOutcomes } from "./target.ts";

const LABELS = ["joy", "anger"];
const recallOfJoy: Metric = {
  id: "recall_of_joy",
  label: "recall of joy",
  targets: ["class"],
  higherIsBetter: true,
  compute: (outcomes) =>
    outcomes.kind === "class"
      ? outcomes.confusion[0][0] / (outcomes.confusion[0][0] + outcomes.confusion[0][1])
      : null,
};

Deno.test("a registered metric appears beside the built-in ones", () => {
  registerMetric(recallOfJoy);
  const found = metrics([0, 0, 0, 1], [0, 1, 1, 1], LABELS);
  equal(metricValue(found, "recall_of_joy"), 1 / 3);
  equal(found.accuracy, 0.5);
  equal(metricValue(found, "never_registered"), undefined);
  deepEqual(headlineMetrics("class").map(({ id }) => id), [
    "accuracy",
    "weighted_f1",
    "macro_f1",
    "balanced_accuracy",
    "recall_of_joy",
  ]);
});

Deno.test("a metric scores only its own kinds of target", () => {
  registerMetric({ ...recallOfJoy, id: "error", label: "error", targets: ["values"] });
  ok(!metricsFor("class").some(({ id }) => id === "error"));
  ok(metricsFor("values").some(({ id }) => id === "error"));
});

Deno.test("a metric can read the probabilities", () => {
  registerMetric({
    ...recallOfJoy,
    id: "confidence",
    label: "confidence",
    compute: (outcomes) => outcomes.kind === "class" ? outcomes.probabilities?.[0][0] ?? null : null,
  });
  equal(metricValue(metrics([0], [0], LABELS, [[0.75, 0.25]]), "confidence"), 0.75);
  equal(metricValue(metrics([0], [0], LABELS), "confidence"), null);
});

Deno.test("NaN is refused; an undefined value is null", () => {
  const outcomes = classOutcomes([1], [1], LABELS);
  throws(
    () => valueOf(recallOfJoy, outcomes),
    /Expected a finite number or null from the metric 'recall_of_joy' but found NaN at 1 rows/,
  );
  equal(valueOf({ ...recallOfJoy, compute: () => null }, outcomes), null);
});

Deno.test("taken names, unknown names and missing parts are refused", () => {
  throws(() => registerMetric({ ...recallOfJoy, id: "macro_f1" }), /'macro_f1', which is built in/);
  throws(() => registerMetric({ ...recallOfJoy, id: "confusion" }), /which results use for something else/);
  throws(() => registerMetric({ ...recallOfJoy, id: "x", label: "" }), /found no label/);
  throws(() => metricNamed("macro-f1", "--select"), /found 'macro-f1' at --select\. Did you mean macro_f1\?/);
});
