/** Creates folders of tiny Hugging Face models with classification heads. */
import { textArchitecture } from "../encoders/hf/config.ts";
import { speechArchitecture } from "../encoders/hf/speech/config.ts";
import { encodeSafetensors, readSafetensors } from "../files/safetensors.ts";
import { fixture } from "./shared.ts";

/** A tokenizer of five tokens, which every text model can have. */
const TOKENIZER = {
  version: "1.0",
  added_tokens: ["<pad>", "<unk>"].map((content, id) => ({ id, content, special: true })),
  normalizer: null,
  pre_tokenizer: { type: "Whitespace" },
  post_processor: null,
  decoder: null,
  model: {
    type: "WordPiece",
    unk_token: "<unk>",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: { "<pad>": 0, "<unk>": 1, good: 2, bad: 3, day: 4 },
  },
};

/**
 * Returns a folder with the tiny encoder `name`, its head and its config.json, with changes to the latter.
 */
export async function classifierFolder(name: string, changes: Record<string, unknown> = {}): Promise<string> {
  const folder = await Deno.makeTempDir(), own = fixture(`encoders/classifiers/${name}`);
  const config = JSON.parse(await Deno.readTextFile(`${own}/config.json`));
  const isText = !config.conv_dim;
  const { prefix } = (isText ? textArchitecture : speechArchitecture)(config, own).family;
  const { tensors: encoder } = await readSafetensors(fixture(`encoders/${name}/model.safetensors`));
  const { tensors: head } = await readSafetensors(`${own}/head.safetensors`);
  const inside = Object.entries(encoder).map(([name, tensor]) => [prefix + name, tensor]);
  const tensors = { ...Object.fromEntries(inside), ...head };
  await Deno.writeFile(`${folder}/model.safetensors`, encodeSafetensors(tensors, { format: "pt" }));
  const files = isText
    ? { "tokenizer.json": TOKENIZER }
    : { "preprocessor_config.json": { do_normalize: false, sampling_rate: 16000 } };
  for (const [name, json] of Object.entries({ ...files, "config.json": { ...config, ...changes } })) {
    await Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(json));
  }
  return folder;
}
