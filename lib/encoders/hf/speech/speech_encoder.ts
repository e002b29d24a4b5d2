/** A speech encoder from a Hugging Face folder: wav2vec2, HuBERT or WavLM. */
import { SAMPLE_RATE, type SpeechEncoder, type TrainableEncoder } from "../../encoder.ts";
import { idOf, parseName } from "../hidden_state.ts";
import { frozenAlone, trainableEncoder } from "../trainable.ts";
import { readSpeechConfig } from "./config.ts";
import { hopOf } from "./frames.ts";
import { readSpeechModel } from "./speech_model.ts";
import { normalised, padded, readNormalisation, type SpeechInputs } from "./waveform.ts";

export type TrainableSpeechEncoder = TrainableEncoder<Float32Array, SpeechInputs>;

/**
 * Rows of a frozen forward pass. Several of one length would take a tenth less time, but as much more memory as there are
 * rows, and each number of rows is another shape to compile.
 */
const ROWS = 1;

/**
 * The speech encoder in `folder`, its states those of `layer` (0: what goes into the first; default: the last). Throws
 * UndertoneError where the folder's files do not make one.
 */
export async function readSpeechEncoder(folder: string, layer?: number): Promise<TrainableSpeechEncoder> {
  const architecture = await readSpeechConfig(folder), { config } = architecture;
  const normalise = await readNormalisation(folder, config);
  return trainableEncoder({
    id: idOf(folder, layer),
    modality: "audio",
    rate: SAMPLE_RATE / hopOf(config),
    model: await readSpeechModel(folder, architecture, layer),
    preprocessing: JSON.stringify({ normalise }),
    rowOf: (samples: Float32Array) => normalise ? normalised(samples) : samples,
    pad: (rows) => padded(rows, config),
    rows: ROWS,
  });
}

/** The frozen encoder that `hf:<name>` means: `name` is a folder, or a folder, `#` and the number of a hidden state. */
export async function frozenSpeechEncoder(name: string): Promise<SpeechEncoder> {
  const { folder, layer } = parseName(name);
  return await frozenAlone(await readSpeechEncoder(folder, layer));
}
