/**
 * Trains and scores the controls that a fused model must beat: the constant answer (the majority, or the mean
 * target) and the text-only model.
 */
import { disposeParams } from "../nn/mod.ts";
import { KINDS, metricsOfOutcomes, type Scores } from "../eval/mod.ts";
import { newClassifier } from "../model/mod.ts";
import { copiesOf, initParams, type RawTensors, type TrainEvent } from "../train/mod.ts";
import { phasesFor, planFor, planRun, type RunPlan } from "../config/mod.ts";
import { fit, labelled } from "./fit.ts";
import { blueprint, type Prepared } from "./prepare.ts";
import { score } from "./scored.ts";

/** Dev metrics of each control: `majority` for classes or `mean` for other targets, and `text_only`. */
export type Controls = Record<string, Scores>;

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
  const targets = (rows: typeof train) => rows.map(({ target }) => target);
  const { target, labels } = prepared.dataset, { control: constant } = KINDS[target];
  const without: Controls = {
    [constant.name]: metricsOfOutcomes(constant.outcomes(targets(train), targets(dev), labels)),
  };
  const { text } = prepared.encoders;
  if (config.method === "text_only" || !text) return without;
  const freeze = phasesFor("text", phases);
  const alone = { ...config, method: "text_only", options: {}, train: ["head"], freeze };
  const control = planFor(planRun(alone, { kept: true }), target);
  const model = newClassifier(blueprint({ ...prepared, encoders: { text } }, control));
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  let best: RawTensors = {};
  for await (const event of fit(model, { train, dev }, control, { signal })) {
    if (event.type === "epoch" && event.isBest) best = await copiesOf(model.params);
    yield event;
  }
  if (signal?.aborted) return without;
  initParams(model.params, best, { at: "the text-only control" });
  const { metrics } = await score(model, dev);
  return { ...without, text_only: metrics };
}
