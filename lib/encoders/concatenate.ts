/** Several speech encoders as one. */
import { badInput } from "../errors.ts";
import type { Sequence, SpeechEncoder } from "./encoder.ts";
import type { EncoderGraph } from "./graph_inputs.ts";
import { decodeGraph, encodeGraph, graphBuilder, type Value } from "./onnx_graph/builder.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * Combines speech encoders into one: each state is the concatenation of theirs, `[T, sum of D]`, and T is
 * that of the shortest sequence. Throws UndertoneError if their rates differ.
 */
export function concatenateEncoders(encoders: readonly SpeechEncoder[]): SpeechEncoder {
  const id = encoders.map((encoder) => encoder.id).join("+");
  const [{ rate }, ...others] = encoders, stored = encoders.find((encoder) => encoder.stored);
  if (stored) {
    throw badInput({
      expected: "speech encoders that compute their states",
      found: `${stored.id}, whose states are stored`,
      at: `the encoder '${id}'`,
      todo: "Name the stored features alone, or store all features in one array of each row.",
    });
  }
  const cutting = encoders.find((encoder) => encoder.nothing);
  if (cutting) {
    throw badInput({
      expected: "speech encoders whose states cover the whole clip",
      found: `${cutting.id}, whose states cover its speech alone`,
      at: `the encoder '${id}'`,
      todo: "Name it alone, or combine acoustic@1, which reads the whole clip.",
    });
  }
  const odd = others.find((encoder) => encoder.rate !== rate);
  if (odd) {
    throw badInput({
      expected: `speech encoders of one rate (${encoders[0].id}: ${rate} Hz)`,
      found: `${odd.id} with ${odd.rate} Hz`,
      at: `the encoder '${id}'`,
      todo: "Choose encoders of one rate.",
    });
  }
  const width = encoders.reduce((sum, { width }) => sum + width, 0);
  return {
    id,
    modality: "audio",
    fingerprint: fingerprint(...encoders.map((encoder) => encoder.fingerprint)),
    width,
    rate,
    middle: encoders.reduce((sum, { middle = 0.5 / rate! }) => sum + middle, 0) / encoders.length,
    piece: Math.min(...encoders.map(({ piece = Infinity }) => piece)),
    notes: encoders.flatMap(({ notes = [] }) => notes),
    graph: encoders.every(({ graph }) => graph)
      ? async () => joinedGraph(await Promise.all(encoders.map(({ graph }) => graph!())), width)
      : undefined,
    async encode(batch) {
      const parts: Sequence[][] = [];
      for (const encoder of encoders) parts.push(await encoder.encode(batch));
      return batch.map((_, i) => join(parts.map((sequences) => sequences[i])));
    },
  };
}

function join(parts: readonly Sequence[]): Sequence {
  const length = Math.min(...parts.map((part) => part.length));
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const data = new Float32Array(length * width);
  let column = 0;
  for (const part of parts) {
    for (let t = 0; t < length; t++) {
      data.set(part.data.subarray(t * part.width, (t + 1) * part.width), t * width + column);
    }
    column += part.width;
  }
  return { data, length, width };
}

/** Joins the graphs as `join` does their results; all have the same inputs. */
function joinedGraph<In>(graphs: readonly EncoderGraph<In>[], width: number): EncoderGraph<In> {
  const ops = graphBuilder(), [{ ports }] = graphs;
  const inputs = ports.map(({ name, type }): Value => ({ name, type }));
  const parts = graphs.map(({ model }) => ops.insert(decodeGraph(model), inputs));
  const length = parts.map(([states]) => ops.size(states, 1)).reduce(ops.min);
  const cut = (x: Value) => ops.slice(x, 0, length, 1);
  const states = ops.concat(parts.map(([states]) => cut(states)), 2);
  const mask = parts.map(([, mask]) => cut(mask)).reduce(ops.mul);
  const axes = ["batch", "speech_length"];
  return {
    ...graphs[0],
    model: encodeGraph(ops.graph(
      inputs.map((input, i) => [input, ports[i].axes]),
      [["states", states, [...axes, width]], ["mask", mask, axes]],
    )),
  };
}
