/** Creates encoders small enough for tests, as Hugging Face folders. */
import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import { tensorsOf } from "../encoders/encode_rows.ts";
import type { NetworkEncoder } from "../encoders/encoder.ts";
import { textArchitecture } from "../encoders/hf/config.ts";
import { speechArchitecture } from "../encoders/hf/speech/config.ts";
import { readSpeechWeights, type SpeechModel, speechModel } from "../encoders/hf/speech/speech_model.ts";
import { type TextModel, textModel } from "../encoders/hf/text_model.ts";
import { transformerShapes } from "../encoders/hf/transformer.ts";
import { readWeights } from "../encoders/hf/weights.ts";
import { paramsFrom } from "../encoders/params.ts";
import type { Params } from "../nn/params.ts";
import { encodeSafetensors, type RawTensor, readSafetensors } from "../files/safetensors.ts";
import { fixture } from "./shared.ts";

const configOf = (name: string): unknown =>
  JSON.parse(Deno.readTextFileSync(`${fixture(`encoders/${name}`)}/config.json`));

/** Returns the family and sizes of the tiny text or speech model of this name. */
export const tinyText = (name: string) => textArchitecture(configOf(name), name);
export const tinySpeech = (name: string) => speechArchitecture(configOf(name), name);

/** Returns a network with its parameters on the current engine. `prepare` makes tensors of inputs. */
export const live = <In, Inputs extends NamedTensorMap>(network: NetworkEncoder<In, Inputs>) => ({
  ...network,
  params: paramsFrom(network.weights),
  prepare: (inputs: readonly In[]): Inputs =>
    tensorsOf<Inputs>(network.preprocess.pad(inputs.map((input) => network.preprocess.rowOf(input)))),
});

/** Loads the tiny text model of this name, and its parameters. */
export async function tinyTextModel(name: string): Promise<TextModel & { params: Params }> {
  const { family, config } = tinyText(name);
  const shapes = transformerShapes(config, family.names);
  const weights = await readWeights(fixture(`encoders/${name}`), family.prefix, shapes);
  return { ...textModel({ family, config }), params: paramsFrom(weights) };
}

/** Loads the tiny speech model of this name, and its parameters. */
export async function tinySpeechModel(name: string): Promise<SpeechModel & { params: Params }> {
  const weights = await readSpeechWeights(fixture(`encoders/${name}`), tinySpeech(name));
  return { ...speechModel(tinySpeech(name)), params: paramsFrom(weights) };
}

type Changes = Record<string, unknown>;

/** Creates a folder with a tiny RoBERTa that fits the tiny tokenizer, with changes to its config. */
export async function tinyTextFolder(changes: Changes & { vocab_size?: number } = {}): Promise<string> {
  const folder = await Deno.makeTempDir(), source = fixture("encoders/tiny-roberta");
  for (const file of ["tokenizer.json", "tokenizer_config.json"]) {
    await Deno.copyFile(`${fixture("tokenizers/tiny-roberta")}/${file}`, `${folder}/${file}`);
  }
  const { vocab_size } = { vocab_size: 1000, ...changes };
  await writeConfig(source, folder, { vocab_size, ...changes });
  const { tensors } = await readSafetensors(`${source}/model.safetensors`);
  const rows = Float32Array.from({ length: vocab_size * 24 }, (_, i) => Math.sin(i));
  tensors["embeddings.word_embeddings.weight"] = { shape: [vocab_size, 24], data: rows };
  await Deno.writeFile(`${folder}/model.safetensors`, encodeSafetensors(tensors, { format: "pt" }));
  return folder;
}

/** Creates a folder with the tiny speech model of this name, with changes to its config and its tensors. */
export async function tinySpeechFolder(
  name: string,
  changes: Changes = {},
  edit: (tensors: Record<string, RawTensor>) => Record<string, RawTensor> = (tensors) => tensors,
): Promise<string> {
  const folder = await Deno.makeTempDir(), source = fixture(`encoders/${name}`);
  await writeConfig(source, folder, changes);
  const { tensors } = await readSafetensors(`${source}/model.safetensors`);
  await Deno.writeFile(`${folder}/model.safetensors`, encodeSafetensors(edit(tensors), { format: "pt" }));
  return folder;
}

async function writeConfig(source: string, folder: string, changes: Changes): Promise<void> {
  const config = JSON.parse(await Deno.readTextFile(`${source}/config.json`));
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ ...config, ...changes }));
}
