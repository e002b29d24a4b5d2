/** Helpers for the tests of exports: untrained models, and the outputs of a file's bytes. */
import { Tensor } from "onnxruntime-node";
import type { Feed } from "../compute/mod.ts";
import type { Params } from "../nn/mod.ts";
import { openSession } from "../encoders/onnx_session.ts";
import { fusionMethod } from "../fusion/mod.ts";
import { type Classifier, newClassifier } from "../model/mod.ts";

/** Returns an untrained model on hidden states of these widths, with fresh parameters by default. */
export function modelOf(
  id: string,
  options: Record<string, unknown>,
  { text, audio, classes, params }: { text: number; audio: number; classes: number; params?: Params },
): Classifier {
  const method = fusionMethod(id), reads = (width: number) => ({ id: "states", fingerprint: "", width });
  const model = newClassifier({
    method,
    options: method.options.parse(options),
    labels: Array.from({ length: classes }, (_, i) => `label ${i}`),
    encoders: {
      text: method.modalities.includes("text") ? reads(text) : undefined,
      audio: method.modalities.includes("audio") ? reads(audio) : undefined,
    },
    maxLength: { text: 1000, audio: 1000 },
    seed: 1,
  });
  return params ? { ...model, params } : model;
}

/**
 * Opens a model's bytes; returns a function that computes the first output. It feeds only the model's own
 * inputs, and integers as int64.
 */
export async function openedFile(bytes: Uint8Array) {
  const session = await openSession(bytes);
  const output = async (feed: Feed): Promise<Float32Array> => {
    const given = session.inputNames.map((name) => {
      const { data, shape } = feed[name];
      const integers = data instanceof Int32Array;
      return [
        name,
        integers
          ? new Tensor("int64", BigInt64Array.from(data, BigInt), shape)
          : new Tensor("float32", data, shape),
      ];
    });
    const outputs = await session.run(Object.fromEntries(given));
    return outputs[session.outputNames[0]].data as Float32Array;
  };
  return { output, [Symbol.asyncDispose]: () => session.release() };
}

/** Returns the first output of a model's bytes. */
export async function outputOf(bytes: Uint8Array, feed: Feed): Promise<Float32Array> {
  await using file = await openedFile(bytes);
  return await file.output(feed);
}

/** Returns the largest difference of two lists; infinite if a number is NaN or missing. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let most = 0;
  for (let i = 0; i < actual.length; i++) {
    const off = Math.abs(actual[i] - expected[i]);
    most = Number.isFinite(off) ? Math.max(most, off) : Infinity;
  }
  return most;
}
