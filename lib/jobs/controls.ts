/** Trains and scores the controls that a fused model must beat: the majority and the text-only model. */
import { disposeParams } from "../nn/mod.ts";
import { majorityControl, type Metrics } from "../eval/mod.ts";
import { newClassifier } from "../model/mod.ts";
import { copiesOf, initParams, type RawTensors, type TrainEvent } from "../train/mod.ts";
import { phasesFor, planRun, type RunPlan } from "../config/mod.ts";
import { fit, labelled } from "./fit.ts";
import { blueprint, type Prepared } from "./prepare.ts";
import { score } from "./scored.ts";

/** Dev metrics of each control. */
export type Controls = { majority: Metrics; text_only?: Metrics };

/**
 * Scores the controls on dev. The text-only control trains in memory with the run's configuration and yields
 * its events; its encoder trains if the run's does. It is omitted if the data has no text, if the run itself
 * is text-only, or if `signal` aborts.
 */
export async function* controls(
  prepared: Prepared,
  { config, phases }: RunPlan,
  signal?: AbortSignal,
): AsyncGenerator<TrainEvent, Controls> {
  const train = labelled(prepared.examples.train), dev = labelled(prepared.examples.dev);
  const classes = (rows: typeof train) => rows.map(({ label }) => label);
  const majority = majorityControl(classes(train), classes(dev), prepared.dataset.labels);
  const { text } = prepared.encoders;
  if (config.method === "text_only" || !text) return { majority };
  const freeze = phasesFor("text", phases);
  const control = planRun({ ...config, method: "text_only", options: {}, train: ["head"], freeze }, {
    kept: true,
  });
  const model = newClassifier(blueprint({ ...prepared, encoders: { text } }, control));
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  let best: RawTensors = {};
  for await (const event of fit(model, { train, dev }, control, { signal })) {
    if (event.type === "epoch" && event.isBest) best = await copiesOf(model.params);
    yield event;
  }
  if (signal?.aborted) return { majority };
  initParams(model.params, best, { at: "the text-only control" });
  const { metrics } = await score(model, dev);
  return { majority, text_only: metrics };
}
