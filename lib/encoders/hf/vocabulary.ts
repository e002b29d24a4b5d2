/**
 * Makes `tokenizer.json` from a tokenizer's older files, as transformers does: `vocab.txt` (WordPiece),
 * `vocab.json` with `merges.txt` (byte-level BPE), or `sentencepiece.bpe.model` (Unigram).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { readJson } from "../../files/mod.ts";
import { parseFacts } from "../../schema.ts";
import {
  type Form,
  FORMS,
  ids,
  type Json,
  rolesIn,
  type Settings,
  settings,
  textOf,
  type Token,
  type Vocabulary,
} from "./vocabulary_forms.ts";

const PLAIN = { single_word: false, lstrip: false, rstrip: false };
const config = z.object({ tokenizer_class: z.string().nullish(), model_type: z.string().nullish() });
const flag = z.boolean().optional().catch(undefined);
const flagsOf = z.object({ single_word: flag, lstrip: flag, rstrip: flag, normalized: flag })
  .transform((flags) => Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)));
const roles = z.looseObject({});

const formIn = (folder: string): Form | undefined =>
  FORMS.find(({ files }) => files.every((file) => existsSync(join(folder, file))));

/** Whether a folder has a tokenizer in one of the older forms. */
export const hasVocabulary = (folder: string): boolean => formIn(folder) !== undefined;

/**
 * Returns `tokenizer.json` of the older files in `folder`; `base` is the folder of the model's `config.json`.
 * Adds to `notes` what no file says. Throws UndertoneError for a tokenizer of another kind, and for damaged
 * files.
 */
export async function tokenizerOfVocabulary(folder: string, base: string, notes: string[]): Promise<Json> {
  const form = formIn(folder)!, path = join(folder, "tokenizer_config.json");
  const small = async (name: string, place = folder) =>
    existsSync(join(place, name)) ? await readJson(join(place, name)) : {};
  const said = parseFacts(settings, await small("tokenizer_config.json"), path);
  const kind = kindOf(said, parseFacts(config, await small("config.json", base), join(base, "config.json")));
  if (!form.kinds.includes(kind || form.kinds[0])) throw unknownKind(kind, form, folder);
  if (!kind) notes.push(`No file in ${folder} names its tokenizer: it is read as that of ${form.kinds[0]}.`);
  if (form.files.includes("vocab.txt") && said.do_lower_case === undefined) {
    notes.push(`No file in ${folder} says do_lower_case: texts become lower case, as in transformers.`);
  }
  const paths = form.files.map((file) => join(folder, file));
  const vocabulary = await form.read(paths, said, kind || form.kinds[0]);
  const mapPath = join(folder, "special_tokens_map.json"), listed = said.added_tokens_decoder;
  const map = listed ? {} : parseFacts(roles, await small("special_tokens_map.json"), mapPath);
  const named = flagged(
    vocabulary.special,
    { ...rolesIn(said), ...rolesIn(map) },
    Object.values(listed ?? {}),
  );
  const added = parseFacts(ids, await small("added_tokens.json"), join(folder, "added_tokens.json"));
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens(vocabulary, named, added),
    post_processor: around(vocabulary, named, paths[0]),
    ...vocabulary.parts,
  };
}

/** The name of a tokenizer: `BertTokenizerFast` is `bert`, `xlm-roberta` is `xlmroberta`. */
const kindOf = (said: Settings, { tokenizer_class, model_type }: z.infer<typeof config>): string =>
  (said.tokenizer_class ?? tokenizer_class ?? model_type ?? "").replace(/Tokenizer(Fast)?$/, "")
    .replaceAll("-", "").toLowerCase();

/**
 * Returns the token of every role. A token that is only named has the flags of its entry in `listed`, or
 * those that are usual for its role.
 */
function flagged(usual: Record<string, Token>, named: Record<string, Token>, listed: readonly Token[]) {
  const tokens = { ...usual };
  for (const [role, token] of Object.entries(named)) {
    const content = textOf(token), flags = typeof usual[role] === "string" ? {} : usual[role];
    const entry = listed.find((entry) => textOf(entry) === content);
    tokens[role] = typeof token === "string" ? entry ?? { ...flags, content } : token;
  }
  return tokens;
}

/** Returns the entries of `added_tokens` in order of their ids. */
function addedTokens(
  { ids, others }: Vocabulary,
  named: Record<string, Token>,
  added: Record<string, number>,
) {
  const tokens = new Map<string, Json>();
  const add = (token: Token, id: number | undefined, special: boolean, normalized: boolean) => {
    const flags = typeof token === "string" ? {} : flagsOf.parse(token), content = textOf(token);
    if (id === undefined || tokens.has(content)) return;
    tokens.set(content, { id, ...PLAIN, normalized, ...flags, special, content });
  };
  for (const token of Object.values(named)) {
    add(token, ids.get(textOf(token)) ?? added[textOf(token)], true, false);
  }
  for (const [token, isSpecial] of others) add(token, ids.get(textOf(token)), isSpecial, false);
  for (const [token, id] of Object.entries(added)) add(token, id, false, true);
  return [...tokens.values()].sort((a, b) => (a.id as number) - (b.id as number));
}

/** Returns the post-processor, which puts the special tokens around a text. */
function around({ ids }: Vocabulary, { cls_token, sep_token }: Record<string, Token>, at: string): Json {
  const [first, last] = [cls_token, sep_token].map((token) => {
    const content = textOf(token), id = ids.get(content);
    if (id !== undefined) return { id: content, ids: [id], tokens: [content] };
    throw badInput({
      expected: "a vocabulary with its special tokens",
      found: `none named '${content.slice(0, 40)}'`,
      at,
      todo: "The file is damaged or belongs to another model: fetch it again.",
    });
  });
  const one = ({ id }: { id: string }) => ({ SpecialToken: { id, type_id: 0 } });
  const text = (id: string) => ({ Sequence: { id, type_id: 0 } });
  return {
    type: "TemplateProcessing",
    single: [one(first), text("A"), one(last)],
    pair: [one(first), text("A"), one(last), text("B"), one(last)],
    special_tokens: { [first.id]: first, [last.id]: last },
  };
}

const unknownKind = (kind: string, { files, kinds }: Form, at: string) =>
  badInput({
    expected: `tokenizer.json, or ${files.join(" and ")} of a tokenizer like ${kinds.join(", ")}`,
    found: `those of '${kind.slice(0, 60)}'`,
    at,
    todo: "Save tokenizer.json beside them in Python: " +
      "AutoTokenizer.from_pretrained(folder).save_pretrained(folder).",
  });
