/** Recordings of steps whose tensors stay on a device. */
import * as tf from "@tensorflow/tfjs-core";
import { toTensor } from "../feed.ts";
import type { DeviceRecorder, DeviceRecording, RecordedStep, Recorder } from "../stats.ts";
import type { OnnxBackend } from "./backend.ts";
import { comparable, observeStep, type Plan } from "./record.ts";
import { type HostArray, Value } from "./value.ts";

/** Records steps on the current backend. Outputs are tensors: those in `read` with numbers on the host. */
export const recordOnDevice: DeviceRecorder = (step, feed, variables, read) => {
  const backend = tf.backend() as OnnxBackend;
  const beforeRun = (outputs: tf.NamedTensorMap) => {
    // The graph returns these itself; reading them later would take a graph for each.
    for (const name of read) if (outputs[name]) backend.value(outputs[name].dataId).expected = true;
  };
  const { outputs, planned } = observeStep(backend, step, { feed, variables, beforeRun });
  if (typeof planned === "string") return { outputs, recorded: { reason: planned } };
  return { outputs, recorded: { recording: recordingOf(planned, backend, read) } };
};

/** Records steps whose outputs are all read, such as predictions. */
export const recordAndRead: Recorder = (step, feed, variables) => {
  const names: string[] = [];
  const named = (inputs: Record<string, tf.Tensor>) => {
    const outputs = step(inputs);
    names.push(...Object.keys(outputs));
    return outputs;
  };
  const { outputs, recorded } = recordOnDevice(named, feed, variables, names);
  if ("reason" in recorded) return { outputs, recorded };
  const { recording } = recorded;
  return { outputs, recorded: { recording: readingOf(recording, variables) } };
};

/** Turns a recording that returns tensors into one that returns numbers. */
function readingOf(recording: DeviceRecording, variables: tf.NamedTensorMap): RecordedStep {
  const reading: RecordedStep = {
    difference: (other) => recording.difference(inner.get(other)!),
    resembles: (other) => recording.resembles(inner.get(other)!),
    run(feed, keys, into) {
      const outputs = recording.run(feed, keys, variables);
      if (!outputs) return undefined;
      const numbers: Record<string, Float32Array> = {};
      for (const name in outputs) {
        const values = outputs[name].dataSync() as Float32Array; // the graph has returned them
        into[name]?.set(values);
        numbers[name] = into[name] ?? values;
      }
      tf.dispose(outputs);
      return numbers;
    },
    dispose: recording.dispose,
  };
  inner.set(reading, recording);
  return reading;
}

const inner = new WeakMap<RecordedStep, DeviceRecording>();

function recordingOf(plan: Plan, backend: OnnxBackend, read: readonly string[]): DeviceRecording {
  const { signature, feeds, targets, draws } = plan, { graph } = backend;
  const drawn = draws.map(({ size }) => new Float32Array(size));
  const given = (value: Value, data: HostArray) =>
    Object.assign(new Value(value.shape, value.dtype), { data });
  // Held, so that they stay on the device after their second run.
  const constants = new Map<string, Value>();
  for (const { name, value, source } of feeds) {
    if (!("constant" in source)) continue;
    constants.set(name, given(value, source.constant));
    backend.hold(constants.get(name)!, value.shape, value.dtype as tf.DataType);
  }

  return comparable<Pick<DeviceRecording, "run" | "dispose">>(plan, {
    run(feed, keys, variables) {
      if (!graph.knows(signature)) return undefined;
      draws.forEach(({ draw }, i) => draw(drawn[i], keys));
      const inputs = new Map(feeds.map(({ name, value, source }) => [
        "variable" in source
          ? backend.value(variables[source.variable].dataId)
          : "input" in source
          ? given(value, feed[source.input].data)
          : "draw" in source
          ? given(value, drawn[source.draw])
          : constants.get(name)!,
        name,
      ]));
      if (inputs.size < feeds.length) return undefined; // two variables share their storage by now
      const made = new Map<string, Value>(), outputs: tf.NamedTensorMap = {};
      for (const [name, target] of Object.entries(targets)) {
        if ("input" in target) {
          outputs[name] = toTensor({ ...feed[target.input], shape: target.shape });
          continue;
        }
        const { dtype } = target.value, known = made.get(target.result);
        const value = known ?? new Value(target.value.shape, dtype);
        value.expected ||= read.includes(name);
        made.set(target.result, value);
        outputs[name] = tf.engine().makeTensorFromTensorInfo(
          backend.hold(value, target.shape, dtype as tf.DataType),
          backend,
        );
      }
      graph.rerunOn(signature, inputs, new Map([...made].map(([name, value]) => [value, name])));
      return outputs;
    },
    dispose: () => constants.forEach((value) => backend.disposeData(value)),
  });
}
