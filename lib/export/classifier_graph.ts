/** Builds the graph of a model, from its inputs to its answer: the probability of each label, or values. */
import * as tf from "@tensorflow/tfjs-core";
import {
  alignTraces,
  type Feed,
  graphOf,
  type HostTensor,
  hostValuesSync,
  type Port,
  traceStep,
} from "../compute/mod.ts";
import type { Modality, PortTensors } from "../encoders/mod.ts";
import { applyMethod, type FusionInput } from "../fusion/mod.ts";
import { ANSWERS, type Classifier, MODALITIES, paramsOf } from "../model/mod.ts";
import { fitted, INFERENCE, type PartInputs } from "./parts_inputs.ts";
import { encodeModelFile } from "./model_file.ts";
import { fileInputs, type Part } from "./parts.ts";
import { withEncoders } from "./splice.ts";

/**
 * Batch sizes and lengths at which a model is recorded. They vary independently. None is a model's width or a
 * multiple of another, so that each number in a trace has one explanation. All are too large for the special
 * cases that layers have for few positions.
 */
const BATCHES = [23, 47, 31, 53, 41, 29];
const LENGTHS = { text: [257, 409, 331, 283, 521, 367], audio: [463, 311, 547, 269, 397, 359] };

/** What else a file gives besides the answer. */
export interface OutputOptions {
  /**
   * Also gives the number of hidden states of each modality, `text_count` and `speech_count`, float32
   * `[batch]`: 0 for a clip without speech, and more than `max_states` for an utterance that is cut.
   */
  counts?: boolean;
}

/** Returns the name of the output that counts the hidden states of a modality. */
const countOf = (modality: Modality): string => modality === "text" ? "text_count" : "speech_count";

/** Returns the graph's outputs: first the answer. */
export const outputsOf = (
  { target, labels, encoders }: Classifier,
  { counts }: OutputOptions = {},
): Port[] => [
  { name: ANSWERS[target].name, type: "float32", axes: ["batch", labels.length] },
  ...MODALITIES.filter((modality) => counts && encoders[modality]).map((modality): Port => ({
    name: countOf(modality),
    type: "float32",
    axes: ["batch"],
  })),
];

/**
 * Returns the bytes of an ONNX file of the model. `parts` has one part for each modality that the model
 * reads. Throws bad input if the model is too large for a file. `at` is the model's source.
 */
export function classifierGraph(
  model: Classifier,
  parts: readonly Part[],
  { metadata, at, ...options }: { metadata: Readonly<Record<string, string>>; at: string } & OutputOptions,
): Uint8Array {
  const modalityInputs = parts.map(({ inputs }) => inputs);
  const inside = Object.fromEntries(parts.map(({ inputs, inside }) => [inputs.modality, inside]));
  const params = { ...model.params, ...paramsOf(inside) };
  const inputs = modalityInputs.flatMap(({ ports }) => ports);
  const sizes = BATCHES.map((_, k) => sizesOf(modalityInputs, k));
  const outputs = outputsOf(model, options);
  const step = (inputs: PortTensors) => {
    const all = answers(model, modalityInputs, inputs);
    return Object.fromEntries(outputs.map(({ name }) => [name, all[name]]));
  };
  const recordings = alignTraces(sizes.map((feed) => traceStep(step, feed, params)));
  const graph = graphOf(recordings, inputs, sizes, (name) => hostValuesSync(params[name]));
  return encodeModelFile(withEncoders(graph, parts), {
    inputs: parts.flatMap((part) => fileInputs(part).ports),
    outputs,
    metadata,
    at,
  });
}

/** Returns inputs of zeros in the k-th sizes. */
function sizesOf(modalityInputs: readonly PartInputs[], k: number): Feed {
  const feed: Record<string, HostTensor> = {};
  for (const { modality, ports, unit } of modalityInputs) {
    const some = LENGTHS[modality][k], length = some * unit + some % unit;
    for (const { name, type, axes } of ports) {
      const shape = axes.map((axis) =>
        axis === "batch" ? BATCHES[k] : typeof axis === "string" ? length : axis
      );
      const size = shape.reduce((a, b) => a * b);
      feed[name] = { shape, data: type === "int64" ? new Int32Array(size) : new Float32Array(size) };
    }
  }
  return feed;
}

/** Returns the answer `[B,C]`, and the number of hidden states of each modality `[B]`, by name. */
function answers(
  model: Classifier,
  modalityInputs: readonly PartInputs[],
  inputs: PortTensors,
): Record<string, tf.Tensor> {
  const { method, params, options, maxLength, standardizers, sizes } = model;
  const batch = Object.values(inputs)[0].shape[0];
  const given: Partial<FusionInput> = {}, counts: Record<string, tf.Tensor> = {};
  for (const modality of MODALITIES) {
    const part = modalityInputs.find((each) => each.modality === modality), whole = part?.states(inputs);
    const { states, mask } = whole
      ? fitted(whole, maxLength[modality], standardizers[modality])
      : { states: tf.zeros([batch, 1, 1]) as tf.Tensor3D, mask: tf.zeros([batch, 1]) as tf.Tensor2D };
    Object.assign(given, { [modality]: states, [`${modality}Mask`]: mask });
    if (whole) counts[countOf(modality)] = tf.sum(whole.mask, 1);
  }
  const { logits } = applyMethod(method, params, given as FusionInput, options, INFERENCE, sizes.classes);
  const { name, of } = ANSWERS[model.target];
  return { [name]: of(logits), ...counts };
}
