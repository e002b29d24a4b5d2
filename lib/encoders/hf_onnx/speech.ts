import { join } from "node:path";
import { Tensor } from "@huggingface/transformers";
import { z } from "zod";
import { parseFacts } from "../../schema.ts";
import { SAMPLE_RATE, type Sequence, type SpeechEncoder } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import { readFiles } from "../hf/files.ts";
import { framesOf, hopOf, requireFrames, samplesOf } from "../hf/speech/frames.ts";
import { PREPROCESSOR_FILES, settled } from "../hf/speech/preprocessor.ts";
import { normalised } from "../hf/speech/waveform.ts";
import { windowsOver } from "../windows.ts";
import { readExport } from "./export.ts";

/** Part of the fingerprint: increase it when the same files give other states. */
const VERSION = "1";
/** States per pass: 30 s at 50 Hz. The memory of attention grows with the square of this number. */
const MOST_STATES = 1500;

const layers = z.array(z.int().min(1)).min(1);
const configuration = z.object({ conv_kernel: layers, conv_stride: layers });
const FILES = { ...PREPROCESSOR_FILES, required: ["config.json"] };

/**
 * Loads the frozen speech encoder `hf-onnx:<name>`: last hidden states `[T,D]` of an ONNX export of wav2vec2,
 * HuBERT, WavLM or a similar model, at 50 Hz with their usual strides. Each clip is computed by itself and
 * scaled to mean 0 and deviation 1, unless preprocessor_config.json says otherwise.
 *
 * A clip longer than 1500 states (30 s) is computed in windows of that length, which overlap by half. A clip
 * too short for one state is padded with silence; an empty one has T = 0. Throws UndertoneError if the
 * folder's files do not form an encoder.
 */
export async function onnxSpeechEncoder(name: string): Promise<SpeechEncoder> {
  const { folder, run, ...model } = await readExport(name);
  const { files, notes, normalise } = settled(await readFiles(folder, FILES), folder);
  const path = join(folder, "config.json");
  const { conv_kernel, conv_stride } = parseFacts(configuration, files["config.json"], path);
  requireFrames({ conv_kernel, conv_stride }, path);
  const hop = hopOf({ conv_stride }), window = samplesOf(1, { conv_kernel, conv_stride });
  const longest = window + (MOST_STATES - 1) * hop;

  const states = (samples: Float32Array): Promise<Sequence> => {
    const shape = [1, samples.length];
    const mask = new Tensor("int64", new BigInt64Array(samples.length).fill(1n), shape);
    return run({ input_values: new Tensor("float32", samples, shape), attention_mask: mask });
  };
  const { width } = await states(new Float32Array(window));

  async function encode(samples: Float32Array): Promise<Sequence> {
    if (samples.length === 0) return { data: new Float32Array(0), length: 0, width };
    const scaled = normalise ? normalised(samples) : samples;
    const clip = new Float32Array(Math.max(window, scaled.length));
    clip.set(scaled);
    const length = framesOf(clip.length, { conv_kernel, conv_stride });
    if (length <= MOST_STATES) return await states(clip);
    const data = new Float32Array(length * width);
    for (const { start, from, to } of windowsOver(length, MOST_STATES)) {
      const { data: computed } = await states(clip.slice(start * hop, start * hop + longest));
      data.set(computed.subarray((from - start) * width, (to - start) * width), from * width);
    }
    return { data, length, width };
  }

  return {
    id: `hf-onnx:${name}`,
    modality: "audio",
    fingerprint: fingerprint(VERSION, model.fingerprint, `${normalise} ${window} ${hop}`),
    width,
    rate: SAMPLE_RATE / hop,
    piece: MOST_STATES,
    notes,
    async encode(batch) {
      const sequences: Sequence[] = [];
      for (const samples of batch) sequences.push(await encode(samples));
      return sequences;
    },
  };
}
