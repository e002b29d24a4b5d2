/** Encoders small enough for tests, as Hugging Face folders. */
import { encodeSafetensors, type RawTensor, readSafetensors } from "../files/safetensors.ts";
import { fixture } from "./shared.ts";

type Changes = Record<string, unknown>;

/** A folder with a tiny RoBERTa that fits the tiny tokenizer, with changes to its config. */
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
  await Deno.writeFile(`${folder}/model.safetensors`, encodeSafetensors(tensors));
  return folder;
}

/** A folder with the tiny speech model of this name, with changes to its config and its tensors. */
export async function tinySpeechFolder(
  name: string,
  changes: Changes = {},
  edit: (tensors: Record<string, RawTensor>) => Record<string, RawTensor> = (tensors) => tensors,
): Promise<string> {
  const folder = await Deno.makeTempDir(), source = fixture(`encoders/${name}`);
  await writeConfig(source, folder, changes);
  const { tensors } = await readSafetensors(`${source}/model.safetensors`);
  await Deno.writeFile(`${folder}/model.safetensors`, encodeSafetensors(edit(tensors)));
  return folder;
}

async function writeConfig(source: string, folder: string, changes: Changes): Promise<void> {
  const config = JSON.parse(await Deno.readTextFile(`${source}/config.json`));
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ ...config, ...changes }));
}
