/** Rebuilds encoders from a checkpoint; checks that its files fit its weights. */
import { join } from "node:path";
import { badInput, few } from "../../errors.ts";
import type { EncoderFiles, Weights } from "../encoder.ts";
import { textArchitecture } from "./config.ts";
import { parseName } from "./hidden_state.ts";
import { isWhisper, speechArchitecture } from "./speech/config.ts";
import { speechEncoderOf, type SpeechNetwork } from "./speech/speech_encoder.ts";
import { speechShapes } from "./speech/speech_model.ts";
import { whisperArchitecture, type WhisperNetwork, whisperOf } from "./speech/whisper/encoder.ts";
import { whisperShapes } from "./speech/whisper/model.ts";
import { textEncoderOf, type TextNetwork } from "./text_encoder.ts";
import { transformerShapes } from "./transformer.ts";
import { LAYER_WEIGHTS } from "./weighted_layers.ts";
import type { Shapes } from "./weights.ts";

/** Rebuilds the text encoder `id` from files and weights of the checkpoint `at`. Throws UndertoneError. */
export function restoredTextEncoder(
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
): TextNetwork {
  const { family, config } = textArchitecture(files["config.json"], join(at, "config.json"));
  requireShapes(weights, config, () => transformerShapes(config, family.names), id, at);
  return textEncoderOf(id, files, weights, at);
}

/** Rebuilds the speech encoder `id` from files and weights of the checkpoint `at`. Throws UndertoneError. */
export function restoredSpeechEncoder(
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
): SpeechNetwork | WhisperNetwork {
  const path = join(at, "config.json");
  if (isWhisper(files["config.json"], path)) {
    const whisper = whisperArchitecture(files, at);
    requireShapes(weights, whisper.config, () => whisperShapes(whisper), id, at);
    return whisperOf(id, files, weights, at);
  }
  const architecture = speechArchitecture(files["config.json"], path);
  requireShapes(weights, architecture.config, () => speechShapes(architecture), id, at);
  return speechEncoderOf(id, files, weights, at);
}

/**
 * Throws UndertoneError unless the weights have exactly the names and shapes that the configuration implies.
 */
function requireShapes(
  weights: Weights,
  { num_hidden_layers: layers }: { num_hidden_layers: number },
  shapesOf: () => Shapes,
  id: string,
  at: string,
): void {
  const fail = (found: string) =>
    badInput({
      expected: `the weights of ${id} that its config.json describes`,
      found,
      at,
      todo: "The file was changed after it was written: use another checkpoint.",
    });
  const names = Object.keys(weights);
  // Checked first: `shapesOf` lists a shape for every layer that the file claims.
  if (layers > names.length) throw fail(`${names.length} tensors for ${layers} layers`);
  const shapes = shapesOf();
  if (parseName(id).layer === "all") shapes[LAYER_WEIGHTS] = [layers + 1];
  const wrong = [...new Set([...Object.keys(shapes), ...names])].filter((name) =>
    !Object.hasOwn(shapes, name) || !Object.hasOwn(weights, name) ||
    `${shapes[name]}` !== `${weights[name].shape}` || !(weights[name].data instanceof Float32Array)
  );
  if (wrong.length > 0) {
    throw fail(`others: ${few(wrong)}`);
  }
}
