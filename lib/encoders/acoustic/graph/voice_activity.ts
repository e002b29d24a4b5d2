/** Silero's voice activity model over a whole clip as operators: see lib/data/audio/speech.ts. */
import { SPEECH_FRAME, speechModelFile } from "../../../data/mod.ts";
import { decodeGraph, type Ops, type Value } from "../../onnx_graph/builder.ts";

/** Samples before a frame that the model reads too, and samples that it adds after it as a mirror image. */
export const CONTEXT = 64;
const SPECTRUM = 256, SPECTRUM_HOP = 128, BINS = SPECTRUM / 2 + 1;
/** Width of the recurrent layer. */
export const WIDTH = 128;
/** Spectra of a frame. */
const SPECTRA = 4;
/** Stride of each convolution over the four spectra of a frame; their widths are in the file. */
const STRIDES = [1, 2, 2, 1];

/** Weights by name, as float32 tensors. */
export type SpeechWeights = Readonly<Record<string, { values: Float32Array; dims: number[] }>>;

/** Reads the weights of the model. */
export async function speechWeights(): Promise<SpeechWeights> {
  const { initializer } = decodeGraph(await speechModelFile());
  return Object.fromEntries(initializer!.map(({ name, dims, rawData }) => {
    const { buffer } = Uint8Array.from(rawData!); // a copy, so that floats are aligned
    return [name!.replace("model.", ""), { values: new Float32Array(buffer), dims: dims!.map(Number) }];
  }));
}

/**
 * Returns the probability of speech in each SPEECH_FRAME samples, float32 `[frames]`, of a clip of at least
 * one sample, float32 `[samples]`. The last frame is filled up with zeros.
 */
export function voiceActivity(ops: Ops, samples: Value, weights: SpeechWeights): Value {
  const { tensor, concat, expand } = ops, before = expand(tensor("float32", [0], [1]), CONTEXT);
  return continuedActivity(ops, concat([before, samples], 0), weights).probabilities;
}

/**
 * Does the same for a part of a clip, `whole`: the CONTEXT samples before it, then its own. `state` holds the
 * hidden and the cell state of the recurrent layer, `[1,1,WIDTH]`; without it, they are 0. All frames are
 * convolved at once; the recurrent layer runs over them in order.
 */
export function continuedActivity(
  ops: Ops,
  whole: Value,
  weights: SpeechWeights,
  state?: readonly [hidden: Value, cell: Value],
): { probabilities: Value; state: [hidden: Value, cell: Value] } {
  const { many, add, sub, mul, div, tensor, concat, slice, sqrt, square, range, size } = ops;
  const { op, padEnd, gather, unsqueeze, reshape, matMul } = ops;
  const bias = (name: string) => tensor("float32", weights[name].values, [weights[name].values.length]);
  /** Multiplies `[…, channels · taps]`, each channel's taps in a row, with the weights of a convolution. */
  const times = (x: Value, name: string) => {
    const { values, dims: [out, ...rest] } = weights[name], width = rest.reduce((a, b) => a * b);
    const columns = Float32Array.from(values, (_, at) => values[(at % out) * width + Math.floor(at / out)]);
    return matMul(x, tensor("float32", columns, [width, out]));
  };
  const relu = (x: Value) => op("Relu", [x]);

  const count = sub(size(whole, 0), CONTEXT), frames = div(add(count, SPEECH_FRAME - 1), SPEECH_FRAME);
  const filled = padEnd(whole, sub(mul(frames, SPEECH_FRAME), count), 0, 1);
  // Four spectra of a frame with its context, then the mirror image of its end without the last sample.
  const last = CONTEXT + SPEECH_FRAME - 1;
  const places = Array.from({ length: SPECTRA * SPECTRUM }, (_, at) => {
    const i = Math.floor(at / SPECTRUM) * SPECTRUM_HOP + at % SPECTRUM;
    return i <= last ? i : 2 * last - i;
  });
  const starts = unsqueeze(mul(range(frames), SPEECH_FRAME), 1);
  const input = gather(filled, add(starts, tensor("int64", places, [1, places.length])));

  const both = times(reshape(input, -1, SPECTRUM), "stft.forward_basis_buffer"); // cosines, then sines
  const magnitude = sqrt(add(square(slice(both, 0, BINS, 1)), square(slice(both, BINS, 2 * BINS, 1))));
  // Convolutions over three of a frame's spectra each, as products with all frames' spectra at once.
  let encoded = reshape(magnitude, frames, SPECTRA, BINS), length = SPECTRA;
  STRIDES.forEach((stride, i) => {
    const name = `encoder.${i}.reparam_conv`, outputs = Math.ceil(length / stride);
    const taps = [-1, 0, 1].map((tap) => {
      const at = Array.from({ length: outputs }, (_, t) => {
        const place = t * stride + tap;
        return place < 0 || place >= length ? length : place; // one row of zeros after the others
      });
      return unsqueeze(gather(padEnd(encoded, 1, 1, 3), tensor("int64", at, [outputs]), 1), 3);
    });
    const [, channels] = weights[`${name}.weight`].dims;
    const windows = reshape(concat(taps, 3), -1, 3 * channels);
    const product = relu(add(times(windows, `${name}.weight`), bias(`${name}.bias`)));
    length = outputs;
    encoded = reshape(product, frames, length, weights[`${name}.weight`].dims[0]);
  });

  const sequence = reshape(encoded, frames, 1, WIDTH);
  const [hidden, ...after] = many(
    "LSTM",
    [
      sequence,
      gates(ops, weights["decoder.rnn.weight_ih"].values, [1, 4 * WIDTH, WIDTH]),
      gates(ops, weights["decoder.rnn.weight_hh"].values, [1, 4 * WIDTH, WIDTH]),
      concat([
        gates(ops, weights["decoder.rnn.bias_ih"].values, [1, 4 * WIDTH]),
        gates(ops, weights["decoder.rnn.bias_hh"].values, [1, 4 * WIDTH]),
      ], 1),
      undefined,
      ...state ?? [],
    ],
    3,
    { attributes: { hidden_size: WIDTH } },
  );
  const name = "decoder.decoder.2", score = times(relu(reshape(hidden, frames, WIDTH)), `${name}.weight`);
  const probabilities = reshape(op("Sigmoid", [add(score, bias(`${name}.bias`))]), -1);
  return { probabilities, state: after as [Value, Value] };
}

/** Returns weights of PyTorch's gates (input, forget, cell, output) in ONNX's order (i, o, f, c). */
function gates({ tensor }: Ops, values: Float32Array, dims: number[]): Value {
  const size = values.length / 4, ordered = new Float32Array(values.length);
  [0, 3, 1, 2].forEach((from, to) => ordered.set(values.subarray(from * size, (from + 1) * size), to * size));
  return tensor("float32", ordered, dims);
}
