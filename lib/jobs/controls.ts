/** What a fused model has to beat: the most frequent class, and the text alone. */
import { disposeParams } from "../nn/mod.ts";
import { majorityControl, type Metrics } from "../eval/mod.ts";
import { newClassifier } from "../model/mod.ts";
import { copiesOf, initParams, type RawTensors, type TrainEvent } from "../train/mod.ts";
import { phasesFor, type TrainConfig } from "../config/mod.ts";
import { fit, labelled } from "./fit.ts";
import { blueprint, type Prepared } from "./prepare.ts";
import { score } from "./scored.ts";

/** Metrics on dev by name of the floor. */
export type Floors = { majority: Metrics; text_only?: Metrics };

/**
 * Floors on dev. The text-only head trains in memory with the run's own configuration (its encoder, too, where that of the run
 * does), yielding its events; there is none where there is no text or it is what the run trained, nor where `signal` ended it.
 */
export async function* floors(
  prepared: Prepared,
  config: TrainConfig,
  signal?: AbortSignal,
): AsyncGenerator<TrainEvent, Floors> {
  const train = labelled(prepared.examples.train), dev = labelled(prepared.examples.dev);
  const classes = (rows: typeof train) => rows.map(({ label }) => label);
  const majority = majorityControl(classes(train), classes(dev), prepared.dataset.labels);
  const { text } = prepared.encoders;
  if (config.method === "text_only" || !text) return { majority };
  const freeze = phasesFor("text", config);
  const control: TrainConfig = { ...config, method: "text_only", options: {}, train: ["head"], freeze };
  const model = newClassifier(blueprint({ ...prepared, encoders: { text } }, control));
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  let best: RawTensors = {};
  for await (const event of fit(model, { train, dev }, control, { signal })) {
    if (event.type === "epoch" && event.isBest) best = await copiesOf(model.params);
    yield event;
  }
  if (signal?.aborted) return { majority };
  initParams(model.params, best, { at: "the text-only floor" });
  const { metrics } = await score(model, dev);
  return { majority, text_only: metrics };
}
