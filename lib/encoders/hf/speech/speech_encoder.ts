/** A speech encoder from a Hugging Face folder: wav2vec2, HuBERT or WavLM. */
import { join } from "node:path";
import {
  type EncoderFiles,
  type NetworkEncoder,
  SAMPLE_RATE,
  type SpeechEncoder,
  type Weights,
} from "../../encoder.ts";
import { sourceOf } from "../../lora/adapter.ts";
import { frozenEncoder } from "../../network.ts";
import { readFilesFor } from "../files.ts";
import { idOf, type Layer, layerOf, parseName } from "../hidden_state.ts";
import { identityOf } from "../model.ts";
import { weightedLayers, withLayerWeights } from "../weighted_layers.ts";
import { speechArchitecture } from "./config.ts";
import { framesOf, hopOf, samplesOf } from "./frames.ts";
import { formerlyNormalised, normalisation, PREPROCESSOR_FILES, saying, settled } from "./preprocessor.ts";
import { speechGraphInputs } from "./speech_graph.ts";
import { readSpeechWeights, speechModel } from "./speech_model.ts";
import { normalised, padded, type SpeechInputs } from "./waveform.ts";

export type SpeechNetwork = NetworkEncoder<Float32Array, SpeechInputs>;

/**
 * Rows of a forward pass outside training. Several of one length would take a tenth less time, but as much more memory as
 * there are rows, and each number of rows is another shape to compile.
 */
const ROWS = 1;

/**
 * The speech encoder in `folder`, its states those of `layer` (0: what goes into the first; `all`:
 * a weighted sum; default: the last). An adapter's
 * folder is the model that it names, changed by it. Throws UndertoneError where the folder's files do not make one.
 */
export async function readSpeechEncoder(folder: string, layer?: Layer): Promise<SpeechNetwork> {
  const { base, changed } = await sourceOf(folder);
  const read = await readFilesFor(folder, base, PREPROCESSOR_FILES);
  const { files, normalise, notes } = settled(read.files, base);
  const architecture = speechArchitecture(files["config.json"], join(base, "config.json"));
  const weights = await readSpeechWeights(base, architecture, notes);
  const whole = changed(weights), told = [...read.notes, ...notes, ...whole.notes];
  const formerly = formerlyNormalised(read.files, architecture.config);
  return speechEncoderOf(idOf(folder, layer), files, whole.weights, base, told, {
    formerly: formerly === normalise ? undefined : {
      preprocessing: preprocessing(formerly),
      did: formerly ? "scaled recordings to mean 0 and deviation 1" : "left recordings as loud as they are",
    },
  });
}

const preprocessing = (normalise: boolean): string => JSON.stringify({ normalise });

/**
 * The speech encoder `id` of these files and weights, wherever they come from; `at` says where, `notes` what was assumed of
 * them, and `formerly` what versions before did with them. Throws UndertoneError.
 */
export function speechEncoderOf(
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
  notes: readonly string[] = [],
  { formerly }: { formerly?: { preprocessing: string; did: string } } = {},
): SpeechNetwork {
  const architecture = speechArchitecture(files["config.json"], join(at, "config.json")),
    { config } = architecture;
  const normalise = normalisation(files, config, at), layer = layerOf(id, config.num_hidden_layers, at);
  const model = layer === "all"
    ? weightedLayers(speechModel(architecture))
    : speechModel(architecture, layer);
  return {
    id,
    modality: "audio",
    width: config.hidden_size,
    rate: SAMPLE_RATE / hopOf(config),
    notes,
    files: saying(files, normalise),
    preprocess: {
      rowOf: (samples, limit = Infinity) => samples.subarray(0, samplesOf(limit + 1, config) - 1),
      statesOf: (row) => Math.max(1, framesOf(row.length, config)),
      pad: (rows) => padded(normalise ? rows.map(normalised) : rows, config),
      batchSize: ROWS,
    },
    weights: layer === "all" ? withLayerWeights(weights, config.num_hidden_layers) : weights,
    apply: model.apply,
    graphInputs: (most) => speechGraphInputs(config, normalise, most),
    identity: identityOf(model, preprocessing(normalise)),
    formerly: formerly && { identity: identityOf(model, formerly.preprocessing), did: formerly.did },
  };
}

/** The frozen encoder that `hf:<name>` means: `name` is a folder, or a folder, `#` and the number of a hidden state or `all`. */
export async function frozenSpeechEncoder(name: string): Promise<SpeechEncoder> {
  const { folder, layer } = parseName(name);
  return frozenEncoder(await readSpeechEncoder(folder, layer));
}
