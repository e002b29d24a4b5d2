/** Recordings of steps: the graph of one call, and the origin of each of its inputs. */
import * as tf from "@tensorflow/tfjs-core";
import { type Draw, observeDraws } from "../draw.ts";
import { type Feed, toTensor } from "../feed.ts";
import type { RecordedStep, Recorder } from "../stats.ts";
import type { OnnxBackend } from "./backend.ts";
import { changedConstant, detail, differentNode, madeBy, readBy } from "./capture_details.ts";
import type { Executed, Graph } from "./graph.ts";
import { type Room, roomOf } from "./room.ts";
import { type HostArray, type NativeTensor, sizeOf, type Value } from "./value.ts";

/** The origin of a graph input's numbers. */
export type FeedOrigin =
  | { input: string }
  | { variable: string }
  | { draw: number }
  /** Equal numbers at each call. */
  | { constant: HostArray };

export interface RecordedDraw {
  draw: Draw;
  /** Number of values that it draws. */
  size: number;
}

/** An output and its shape: a result of the graph by name, or an input passed through. */
type Target = ({ result: string; value: Value } | { input: string }) & { shape: readonly number[] };

export interface Plan {
  signature: string;
  /** Its operators, their connections and the origins of their inputs; no shapes and no constants. */
  structure: string;
  feeds: readonly { name: string; value: Value; source: FeedOrigin }[];
  targets: Record<string, Target>;
  draws: readonly RecordedDraw[];
}

/** Records steps on the current backend, whose tensors are arrays on the host. */
export const recordStep: Recorder = (step, feed, variables, into, owner) => {
  const backend = tf.backend() as OnnxBackend;
  const take = (outputs: tf.NamedTensorMap) => {
    for (const name in into) if (outputs[name]) takeInto(into[name], outputs[name].dataId as Value);
  };
  const { outputs, planned } = observeStep(backend, step, { feed, variables, beforeRun: take });
  if (typeof planned === "string") return { outputs, recorded: { reason: planned } };
  return { outputs, recorded: { recording: recordingOf(planned, backend, variables, roomOf(owner)) } };
};

/** What a recording needs to know of a step's inputs, and of its outputs before the graph runs. */
interface Observed {
  feed: Feed;
  /** Tensors that keep their name from call to call: parameters, and the like. */
  variables: tf.NamedTensorMap;
  beforeRun(outputs: tf.NamedTensorMap): void;
}

/** Runs a step as one graph. Returns its outputs, and the plan to replay it or the reason why none can. */
export function observeStep(
  backend: OnnxBackend,
  step: (inputs: Record<string, tf.Tensor>) => tf.NamedTensorMap,
  { feed, variables, beforeRun }: Observed,
): { outputs: tf.NamedTensorMap; planned: Plan | string } {
  const { graph, stats } = backend;
  graph.flush();
  stats.recordings++;
  const sources = new Map<Value, FeedOrigin>(), draws: RecordedDraw[] = [];
  const know = (tensor: tf.Tensor, source: FeedOrigin) => sources.set(backend.value(tensor.dataId), source);
  for (const name in variables) know(variables[name], { variable: name });
  // They share storage now, but not after an update.
  const shared = sources.size < Object.keys(variables).length;
  const { flushes } = stats, { reads } = backend;
  backend.stepInputs = sources;
  try {
    const outputs = tf.tidy(() => {
      const inputs: Record<string, tf.Tensor> = {};
      for (const name in feed) know(inputs[name] = toTensor(feed[name]), { input: name });
      return observeDraws((tensor, draw) => {
        know(tensor, { draw: draws.length });
        draws.push({ draw, size: tensor.size });
      }, () => step(inputs));
    });
    beforeRun(outputs);
    const executed = graph.flush();
    const planned = backend.reads > reads
      ? `it reads numbers while it runs${detail(() => backend.lastRead)}`
      : shared
      ? "two of its variables share their storage"
      : !executed || stats.flushes !== flushes + 1
      ? "it runs as several graphs, or as none"
      : planOf(executed, outputs, sources, draws);
    return { outputs, planned };
  } finally {
    backend.stepInputs = undefined;
  }
}

/** Lets a value be computed into the caller's array, unless it has been computed or already has an array. */
function takeInto(array: Float32Array, value: Value): void {
  if (value.node && value.dtype === "float32") value.data ??= array;
}

/**
 * Returns a plan to replay the step. Returns the reason instead if a replay could not recreate a value: one
 * that the step keeps, or one that an earlier call computed.
 */
function planOf(
  { signature, structure: common, nodes, feeds, results }: Executed,
  outputs: tf.NamedTensorMap,
  sources: Map<Value, FeedOrigin>,
  draws: RecordedDraw[],
): Plan | string {
  const names = new Map(results.map(({ name, value }) => [value, name]));
  const targets: Plan["targets"] = {}, returned = new Set<Value>();
  for (const [name, tensor] of Object.entries(outputs)) {
    const value = tensor.dataId as Value, result = names.get(value), source = sources.get(value);
    const { shape } = tensor;
    if (result) targets[name] = { result, value, shape };
    else if (source && "input" in source) targets[name] = { ...source, shape };
    else return `its output ${name} is a constant${detail(() => madeBy(value, nodes))}`;
    returned.add(value);
  }
  const kept = results.find(({ value }) => !returned.has(value))?.value;
  if (kept) return `it keeps a tensor that is not an output${detail(() => madeBy(kept, nodes))}`;
  const lost = feeds.find(({ value, data, outlivesRun }) => !sources.has(value) && !(data && outlivesRun))
    ?.value;
  if (lost) return `it reads a tensor that an earlier call computed${detail(() => readBy(lost, nodes))}`;
  const plan = feeds.map(({ name, value, data }) => ({
    name,
    value,
    source: sources.get(value) ?? { constant: data },
  }));
  const origins = plan.map(({ source }) => originOf(source)), named = resultNames({ targets });
  const structure = `${common} ${JSON.stringify([origins, named])}`;
  return { signature, structure, feeds: plan, targets, draws };
}

const plans = new WeakMap<object, Plan>();

/** Completes a recording with its comparisons: how another one differs, and whether it has the same nodes. */
export function comparable<R extends object>(plan: Plan, own: R) {
  const recording = {
    ...own,
    /** Says how the plan differs from the other recording's; undefined if only in its numbers. */
    difference: (other: object) => differenceOf(plans.get(other)!, plan),
    /** Whether the plan has the operators and origins of the other recording's. */
    resembles: (other: object) => plans.get(other)!.structure === plan.structure,
  };
  plans.set(recording, plan);
  return recording;
}

function recordingOf(
  plan: Plan,
  backend: OnnxBackend,
  variables: tf.NamedTensorMap,
  room: Room,
): RecordedStep {
  const { signature, feeds, targets, draws } = plan, { graph } = backend;
  const constants = feeds.filter(({ source }) => "constant" in source).map(({ value }) => value);
  for (const value of constants) backend.hold(value, [...value.shape], value.dtype as tf.DataType);
  const native = nativeTensors(graph);
  const drawnAt = (i: number) => room(`draw ${i}`, "float32", draws[i].size) as Float32Array;

  const numbersOf = (source: FeedOrigin, feed: Feed): HostArray => {
    if ("input" in source) return feed[source.input].data;
    if ("draw" in source) return drawnAt(source.draw);
    return "constant" in source ? source.constant : backend.hostArray(variables[source.variable].dataId);
  };

  return comparable<Pick<RecordedStep, "run" | "dispose">>(plan, {
    run(feed, keys, into) {
      if (!graph.knows(signature)) return undefined;
      draws.forEach(({ draw }, i) => draw(drawnAt(i), keys));
      const given: Record<string, NativeTensor> = {}, made: Record<string, NativeTensor> = {};
      for (const { name, value, source } of feeds) given[name] = native(name, value, numbersOf(source, feed));
      const outputs: Record<string, Float32Array> = {}, again: [string, string][] = [];
      for (const [name, target] of Object.entries(targets)) {
        if ("input" in target) outputs[name] = feed[target.input].data as Float32Array;
        else if (target.result in made) again.push([name, target.result]); // outputs that share their storage
        else {
          const { result, value } = target;
          outputs[name] = into[name] ??
            room(`output ${name}`, value.dtype, sizeOf(value.shape)) as Float32Array;
          made[result] = native(result, value, outputs[name]);
        }
      }
      graph.rerun(signature, given, made);
      for (const [name, result] of again) {
        const values = made[result].data as Float32Array;
        into[name]?.set(values);
        outputs[name] = into[name] ?? values;
      }
      return outputs;
    },
    dispose() {
      for (const value of constants) backend.disposeData(value);
    },
  });
}

/** Caches tensors by name. A tensor is created again only if its numbers moved to another array. */
function nativeTensors(graph: Graph): (name: string, value: Value, data: HostArray) => NativeTensor {
  const tensors = new Map<string, NativeTensor>();
  return (name, value, data) => {
    const known = tensors.get(name);
    if (known?.data === data) return known;
    const tensor = graph.native(value, data);
    tensors.set(name, tensor);
    return tensor;
  };
}

function differenceOf(a: Plan, b: Plan): string | undefined {
  if (a.signature !== b.signature || JSON.stringify(resultNames(a)) !== JSON.stringify(resultNames(b))) {
    return "two calls with inputs of the same shapes computed different graphs" +
      detail(() => differentNode(a.signature, b.signature));
  }
  const drawAlike = a.draws.length === b.draws.length &&
    a.draws.every(({ size }, i) => size === b.draws[i].size);
  if (!drawAlike) return "two calls with inputs of the same shapes drew tensors of different shapes";
  const i = a.feeds.findIndex(({ source }, i) => !sameSource(source, b.feeds[i].source));
  if (i < 0) return undefined;
  const [one, two] = [a, b].map(({ feeds }) => feeds[i].source);
  if (!("constant" in one && "constant" in two)) {
    return "one of its inputs has a different origin at each call";
  }
  return "a constant in it changes from call to call" +
    detail(() => changedConstant(a.signature, a.feeds[i], one.constant, two.constant));
}

const originOf = (source: FeedOrigin): string =>
  "input" in source
    ? `input ${source.input}`
    : "draw" in source
    ? `draw ${source.draw}`
    : "variable" in source
    ? `variable ${source.variable}`
    : "constant";

const resultNames = ({ targets }: Pick<Plan, "targets">) =>
  Object.entries(targets).map(([name, target]) => [name, placeOf(target)]);

/** Where an output comes from, without its shape. */
const placeOf = (target: Target) => "result" in target ? target.result : { input: target.input };

function sameSource(a: FeedOrigin, b: FeedOrigin): boolean {
  if ("input" in a) return "input" in b && a.input === b.input;
  if ("draw" in a) return "draw" in b && a.draw === b.draw;
  if ("variable" in a) return "variable" in b && a.variable === b.variable;
  if (!("constant" in b)) return false;
  return a.constant === b.constant || a.constant.length === b.constant.length &&
      a.constant.every((number, i) => Object.is(number, b.constant[i]));
}
