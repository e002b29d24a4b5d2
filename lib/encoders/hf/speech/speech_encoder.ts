/** A speech encoder from a Hugging Face folder: wav2vec2 or a related model, or Whisper's encoder. */
import { join } from "node:path";
import {
  type EncoderFiles,
  type NetworkEncoder,
  SAMPLE_RATE,
  type SpeechEncoder,
  type Weights,
} from "../../encoder.ts";
import { frozen } from "../../eight_bit/frozen.ts";
import { readJson } from "../../../files/mod.ts";
import { sourceOf } from "../../lora/adapter.ts";
import { readFilesFor } from "../files.ts";
import { idOf, type Layer, layerOf, parseName } from "../hidden_state.ts";
import { identityOf } from "../model.ts";
import { weightedLayers, withLayerWeights } from "../weighted_layers.ts";
import { isWhisper, speechArchitecture } from "./config.ts";
import { lowestConvolutions } from "./lowest.ts";
import { framesOf, hopOf, samplesOf } from "./frames.ts";
import { formerlyNormalised, normalisation, PREPROCESSOR_FILES, saying, settled } from "./preprocessor.ts";
import { speechGraphInputs } from "./speech_graph.ts";
import { readSpeechWeights, speechModel } from "./speech_model.ts";
import { type FrameInputs, normalised, padded, type SpeechInputs, speechOfSize } from "./waveform.ts";
import { readWhisper } from "./whisper/encoder.ts";
import { mostFrames, speechPass, speechWindows } from "./windows.ts";

export type SpeechNetwork = NetworkEncoder<Float32Array, SpeechInputs | FrameInputs>;

/** Rows in a forward pass of a model whose encoder trains. The frozen encoder's are those of `speechPass`. */
const ROWS = 1;

/**
 * Reads the speech encoder in `folder`. Its states are those of `layer` (0: the input of the first layer;
 * `all`: a weighted sum; default: the last layer). If the folder holds an adapter, this is the model that the
 * adapter names, with its changes merged. Throws UndertoneError if the files do not form an encoder.
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
      did: formerly ? "scaled recordings to mean 0 and deviation 1" : "left recordings at their own loudness",
    },
  });
}

const preprocessing = (normalise: boolean): string => JSON.stringify({ normalise });

/**
 * Builds the speech encoder `id` from files and weights of any origin. `at` names the origin, `notes` what
 * was assumed, and `formerly` what earlier versions did. Throws UndertoneError.
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
  const most = mostFrames(config);
  const model = layer === "all"
    ? weightedLayers(speechModel(architecture))
    : speechModel(architecture, layer);
  return {
    id,
    modality: "audio",
    width: config.hidden_size,
    rate: SAMPLE_RATE / hopOf(config),
    piece: most,
    notes,
    files: saying(files, normalise),
    preprocess: {
      rowOf: (samples, limit = Infinity) => samples.subarray(0, samplesOf(limit + 1, config) - 1),
      statesOf: (row) => Math.max(1, framesOf(row.length, config)),
      pad: (rows) => padded(normalise ? rows.map(normalised) : rows, config),
      batchSize: ROWS,
      passOf: (row) => speechPass(row, config),
    },
    weights: layer === "all" ? withLayerWeights(weights, config.num_hidden_layers) : weights,
    apply: model.apply,
    lower: lowestConvolutions(architecture, preprocessing(normalise)),
    windows: (row, weight) => speechWindows(row, weight, config, normalise, most),
    recordedAt: (batch, length) => speechOfSize(batch, length, config),
    // Within a model, a clip is read up to one pass; alone, it is read whole.
    graphInputs: (limit) => speechGraphInputs(config, normalise, limit && Math.min(limit, most)),
    identity: identityOf(model, preprocessing(normalise)),
    formerly: formerly && { identity: identityOf(model, formerly.preprocessing), did: formerly.did },
  };
}

/** Loads the frozen encoder `hf:<name>`; see `parseName` for what stands behind the folder. */
export async function frozenSpeechEncoder(name: string): Promise<SpeechEncoder> {
  const { folder, layer, eightBit } = parseName(name), { base } = await sourceOf(folder);
  const config = join(base, "config.json");
  if (isWhisper(await readJson(config), config)) return frozen(await readWhisper(folder, layer), eightBit);
  return frozen(await readSpeechEncoder(folder, layer), eightBit);
}
