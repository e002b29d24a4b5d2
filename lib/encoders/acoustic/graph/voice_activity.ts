/** Silero's voice activity model over a whole clip as operators: see lib/data/audio/speech.ts. */
import { SPEECH_FRAME, speechModelFile } from "../../../data/mod.ts";
import { decodeGraph, type Ops, type Value } from "../../onnx_graph/builder.ts";

/** Samples before a frame that the model reads too, and samples that it adds after it as a mirror image. */
const CONTEXT = 64;
const SPECTRUM = 256, SPECTRUM_HOP = 128, BINS = SPECTRUM / 2 + 1, WIDTH = 128;
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
 * one sample, float32 `[samples]`. The last frame is filled up with zeros. All frames are convolved at once;
 * the recurrent layer runs over them in order.
 */
export function voiceActivity(ops: Ops, samples: Value, weights: SpeechWeights): Value {
  const { op, many, add, sub, mul, div, tensor, concat, slice, sqrt, square, range, size } = ops;
  const { padEnd, gather, unsqueeze, reshape, expand } = ops;
  const weight = (name: string) => tensor("float32", weights[name].values, weights[name].dims);
  const conv = (x: Value, name: string, stride: number, pad: number, bias = true) =>
    op("Conv", [x, weight(`${name}.weight`), bias ? weight(`${name}.bias`) : undefined], {
      attributes: { strides: [stride], pads: [pad, pad] },
    });
  const relu = (x: Value) => op("Relu", [x]);

  const count = size(samples, 0), frames = div(add(count, SPEECH_FRAME - 1), SPEECH_FRAME);
  const spare = sub(mul(frames, SPEECH_FRAME), count);
  const before = expand(tensor("float32", [0], [1]), CONTEXT);
  const whole = padEnd(concat([before, samples], 0), spare, 0, 1);
  // A frame with its context, then the mirror image of its end without the last sample.
  const places = Array.from({ length: CONTEXT + SPEECH_FRAME + CONTEXT }, (_, i) => {
    const last = CONTEXT + SPEECH_FRAME - 1;
    return i <= last ? i : 2 * last - i;
  });
  const starts = unsqueeze(mul(range(frames), SPEECH_FRAME), 1);
  const input = gather(whole, add(starts, tensor("int64", places, [1, places.length])));

  const basis = weight("stft.forward_basis_buffer"); // cosines, then sines
  const both = op("Conv", [unsqueeze(input, 1), basis], { attributes: { strides: [SPECTRUM_HOP] } });
  const magnitude = sqrt(add(square(slice(both, 0, BINS, 1)), square(slice(both, BINS, 2 * BINS, 1))));
  const encoded = STRIDES.reduce(
    (x, stride, i) => relu(conv(x, `encoder.${i}.reparam_conv`, stride, 1)),
    magnitude,
  ); // [frames, WIDTH, 1]

  const sequence = reshape(encoded, frames, 1, WIDTH);
  const [hidden] = many(
    "LSTM",
    [
      sequence,
      gates(ops, weights["decoder.rnn.weight_ih"].values, [1, 4 * WIDTH, WIDTH]),
      gates(ops, weights["decoder.rnn.weight_hh"].values, [1, 4 * WIDTH, WIDTH]),
      concat([
        gates(ops, weights["decoder.rnn.bias_ih"].values, [1, 4 * WIDTH]),
        gates(ops, weights["decoder.rnn.bias_hh"].values, [1, 4 * WIDTH]),
      ], 1),
    ],
    1,
    { attributes: { hidden_size: WIDTH } },
  );
  const score = conv(relu(reshape(hidden, frames, WIDTH, 1)), "decoder.decoder.2", 1, 0);
  return reshape(op("Sigmoid", [score]), -1);
}

/** Returns weights of PyTorch's gates (input, forget, cell, output) in ONNX's order (i, o, f, c). */
function gates({ tensor }: Ops, values: Float32Array, dims: number[]): Value {
  const size = values.length / 4, ordered = new Float32Array(values.length);
  [0, 3, 1, 2].forEach((from, to) => ordered.set(values.subarray(from * size, (from + 1) * size), to * size));
  return tensor("float32", ordered, dims);
}
