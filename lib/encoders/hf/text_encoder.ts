/** A text encoder from a Hugging Face folder: tokenizer and transformer. */
import { join } from "node:path";
import type { Feed } from "../../compute/mod.ts";
import { badInput } from "../../errors.ts";
import { frozen } from "../eight_bit/frozen.ts";
import type { EncoderFiles, NetworkEncoder, Row, TextEncoder, Weights } from "../encoder.ts";
import { sourceOf } from "../lora/adapter.ts";
import { textArchitecture } from "./config.ts";
import { readFilesFor } from "./files.ts";
import { inContext } from "./in_context.ts";
import { idOf, type Layer, layerOf, parseName } from "./hidden_state.ts";
import { identityOf } from "./model.ts";
import { textGraphInputs } from "./text_graph.ts";
import { paddedTexts, type TextInputs, textModel, textOfSize } from "./text_model.ts";
import { textTokenizer, TOKENIZER_FILES } from "./tokenizer.ts";
import { keptFiles } from "./tokenizer_files.ts";
import { transformerShapes } from "./transformer.ts";
import { weightedLayers, withLayerWeights } from "./weighted_layers.ts";
import { readWeights } from "./weights.ts";

export type TextNetwork = NetworkEncoder<string, TextInputs>;

/** The word embedding, with one row per token. */
const WORDS = "embeddings.word_embeddings.weight";
/** Lengths are padded to a multiple of this number. */
const STRIDE = 8;
/** Rows in a forward pass outside training. */
const ROWS = 32;

/**
 * Reads the text encoder in `folder`. Its states are those of `layer` (0: the embeddings; `all`: a weighted
 * sum; default: the last layer). If the folder holds an adapter, this is the model that the adapter names,
 * with its changes merged. Throws UndertoneError if the files do not form an encoder.
 */
export async function readTextEncoder(folder: string, layer?: Layer): Promise<TextNetwork> {
  const { base, changed } = await sourceOf(folder);
  const { files, isOwn, notes } = await readFilesFor(folder, base, TOKENIZER_FILES);
  const { family, config } = textArchitecture(files["config.json"], join(base, "config.json"));
  const weights = await readWeights(base, family.prefix, transformerShapes(config, family.names), [], notes);
  const whole = changed(weights), { shape: [vocab_size] } = whole.weights[WORDS];
  if (vocab_size !== config.vocab_size && !isOwn) {
    notes.push(
      `The adapter's word embedding has ${vocab_size} rows, its model's ${config.vocab_size}, and no ` +
        "tokenizer.json lies beside it: tokens added for the adapter are unknown.",
    );
  }
  const told = { ...files, "config.json": { ...files["config.json"] as object, vocab_size } };
  return encoderOf(idOf(folder, layer), told, whole.weights, base, [...notes, ...whole.notes]);
}

/**
 * Builds the text encoder `id` from files and weights that a checkpoint kept; `at` names the checkpoint.
 * Throws UndertoneError.
 */
export function textEncoderOf(
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
): TextNetwork {
  const { family, config } = textArchitecture(files["config.json"], join(at, "config.json"));
  const kept = keptFiles(files, at, family.longest(config));
  return encoderOf(id, kept.files, weights, at, kept.notes);
}

/** Builds the text encoder `id` from files in today's format; `noted` is added to its notes. */
function encoderOf(
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
  noted: readonly string[] = [],
): TextNetwork {
  const architecture = textArchitecture(files["config.json"], join(at, "config.json"));
  const { family, config } = architecture;
  const tokenizer = textTokenizer(files, at, family.longest(config));
  const layer = layerOf(id, config.num_hidden_layers, at);
  if (tokenizer.size > config.vocab_size) {
    throw badInput({
      expected: `a tokenizer of at most ${config.vocab_size} tokens (vocab_size)`,
      found: `one of ${tokenizer.size}`,
      at,
      todo: "tokenizer.json and config.json must come from one model: fetch both again.",
    });
  }
  const { encode, lengthOf, tokensOf, revised, limit, notes, formerly, side } = tokenizer;
  const whole = layer === "all" ? weightedLayers(textModel(architecture)) : textModel(architecture, layer);
  const encoder: TextNetwork = {
    id,
    modality: "text",
    width: config.hidden_size,
    notes: [...noted, ...notes],
    keepsEnd: side === "left",
    files: { ...files, ...tokenizer.files },
    preprocess: {
      rowOf: encode,
      statesOf: (row) => row.length,
      pad: (rows) => padded(rows, limit, config.pad_token_id),
      batchSize: ROWS,
      lengthOf,
      tokensOf,
      revised,
      tokens: {
        mask: tokenizer.mask,
        edit(row, change) {
          const { before, after } = tokenizer.around, ids = Array.from(row), end = ids.length - after;
          return end <= before
            ? row
            : [...ids.slice(0, before), ...change(ids.slice(before, end)), ...ids.slice(end)];
        },
      },
    },
    weights: layer === "all" ? withLayerWeights(weights, config.num_hidden_layers) : weights,
    apply: whole.apply,
    recordedAt: textOfSize,
    graphInputs: (most) => textGraphInputs(tokenizer, config.pad_token_id, most),
    identity: identityOf(whole, tokenizer.content),
    formerly: formerly &&
      { identity: identityOf(whole, formerly.content), did: formerly.changes.join(", and ") },
  };
  const { frame } = tokenizer;
  return frame
    ? { ...encoder, inContext: () => inContext(encoder, { ...tokenizer, frame }, config) }
    : encoder;
}

/** Loads the frozen encoder `hf:<name>`; see `parseName` for what stands behind the folder. */
export async function frozenTextEncoder(name: string): Promise<TextEncoder> {
  const { folder, layer, eightBit } = parseName(name);
  return frozen(await readTextEncoder(folder, layer), eightBit);
}

/** Pads rows of ids to a common length. */
function padded(rows: readonly Row[], longest: number, padToken: number): Feed {
  const most = Math.max(1, ...rows.map((row) => row.length));
  return paddedTexts(rows, Math.min(longest, Math.ceil(most / STRIDE) * STRIDE), padToken);
}
