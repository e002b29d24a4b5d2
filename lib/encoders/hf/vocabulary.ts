/**
 * Makes `tokenizer.json` from a tokenizer's older files, as transformers does: `vocab.txt` (WordPiece),
 * `vocab.json` with `merges.txt` (byte-level BPE), or `sentencepiece.bpe.model` (Unigram).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { readJson, requireNoPointer } from "../../files/mod.ts";
import { parseFacts } from "../../schema.ts";
import { CONTROL, readSentencePiece, USER_DEFINED } from "./sentencepiece.ts";

type Json = Record<string, unknown>;

/** A vocabulary with the parts of tokenizer.json that depend on it. */
interface Vocabulary {
  /** Ids by token. */
  ids: Map<string, number>;
  /** `normalizer`, `pre_tokenizer`, `decoder` and `model`. */
  parts: Json;
  /** Special tokens by their role, unless a file says otherwise. */
  special: Record<string, Token>;
  /** Special tokens without a role, and whether they are special. */
  others: [token: Token, isSpecial: boolean][];
}

type Token = string | { content: string; [flag: string]: unknown };

/** A form of older files. */
interface Form {
  files: readonly string[];
  /** The tokenizers, as `kindOf` writes their names, that have these files; the first if none is named. */
  kinds: readonly string[];
  read(paths: string[], settings: Settings, kind: string): Promise<Vocabulary>;
}

const token = z.union([z.string(), z.looseObject({ content: z.string() })]);
const settings = z.looseObject({
  tokenizer_class: z.string().nullish(),
  do_lower_case: z.boolean().optional(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().optional(),
  add_prefix_space: z.boolean().optional(),
  added_tokens_decoder: z.unknown().optional(),
});
const config = z.object({ tokenizer_class: z.string().nullish(), model_type: z.string().nullish() });
const ids = z.record(z.string(), z.number());

type Settings = z.infer<typeof settings>;

const ROLES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
const PLAIN = { single_word: false, lstrip: false, rstrip: false };
const SPACED_MASK = { content: "<mask>", lstrip: true };
const LIKE_ROBERTA: Record<string, Token> = {
  ...{ bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>", sep_token: "</s>" },
  ...{ pad_token: "<pad>", cls_token: "<s>", mask_token: SPACED_MASK },
};
const LIKE_BERT: Record<string, Token> = {
  ...{ unk_token: "[UNK]", sep_token: "[SEP]", pad_token: "[PAD]", cls_token: "[CLS]", mask_token: "[MASK]" },
};
/** What CamemBERT's tokenizer puts before the pieces, and scores of its own. */
const CAMEMBERT: [string, number][] = [
  ...[["<s>NOTUSED", 0], ["<pad>", 0], ["</s>NOTUSED", 0], ["<unk>", 0]] as [string, number][],
  ["<unk>NOTUSED", -100],
];
const XLM_ROBERTA: [string, number][] = [["<s>", 0], ["<pad>", 0], ["</s>", 0], ["<unk>", 0]];
/** Row of `<unk>` in both lists. */
const UNKNOWN = 3;
/** Several times the largest file of a vocabulary that is known, in bytes. */
const LARGEST = 100_000_000;

const FORMS: readonly Form[] = [
  {
    files: ["vocab.txt"],
    kinds: ["bert", "distilbert", "electra", "mobilebert", "convbert", "layoutlm", "lxmert"],
    read: wordPiece,
  },
  { files: ["vocab.json", "merges.txt"], kinds: ["roberta", "longformer", "bart"], read: byteLevel },
  { files: ["sentencepiece.bpe.model"], kinds: ["xlmroberta", "camembert"], read: unigram },
];

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
  if (form.read === wordPiece && said.do_lower_case === undefined) {
    notes.push(`No file in ${folder} says do_lower_case: texts become lower case, as in transformers.`);
  }
  const paths = form.files.map((file) => join(folder, file));
  const vocabulary = await form.read(paths, said, kind || form.kinds[0]);
  const map = said.added_tokens_decoder ? {} : await small("special_tokens_map.json") as Json;
  const named = { ...vocabulary.special, ...rolesIn(said), ...rolesIn(map) };
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

const rolesIn = (json: Json): Record<string, Token> =>
  Object.fromEntries(
    ROLES.map((role) => [role, token.safeParse(json[role]).data]).filter(([, token]) => token),
  );

const textOf = (token: Token): string => typeof token === "string" ? token : token.content;

/** Returns the entries of `added_tokens` in order of their ids. */
function addedTokens(
  { ids, others }: Vocabulary,
  named: Record<string, Token>,
  added: Record<string, number>,
) {
  const tokens = new Map<string, Json>();
  const add = (token: Token, id: number | undefined, special: boolean, normalized: boolean) => {
    const flags = typeof token === "string" ? {} : token, content = textOf(token);
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

async function wordPiece([path]: string[], said: Settings): Promise<Vocabulary> {
  const lines = (await textIn(path)).split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  const ids = new Map(lines.map((line, id) => [line, id]));
  return {
    ids,
    special: LIKE_BERT,
    others: [],
    parts: {
      normalizer: {
        type: "BertNormalizer",
        clean_text: true,
        handle_chinese_chars: said.tokenize_chinese_chars ?? true,
        strip_accents: said.strip_accents ?? null,
        lowercase: said.do_lower_case ?? true,
      },
      pre_tokenizer: { type: "BertPreTokenizer" },
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        type: "WordPiece",
        unk_token: textOf(rolesIn(said).unk_token ?? LIKE_BERT.unk_token),
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(ids),
      },
    },
  };
}

async function byteLevel([path, mergesPath]: string[], said: Settings): Promise<Vocabulary> {
  const vocab = parseFacts(ids, await readJson(path), path);
  const merges = (await textIn(mergesPath)).split(/\r\n|\r|\n/).slice(1).filter((line) => line !== "");
  const spaced = { add_prefix_space: said.add_prefix_space ?? false, trim_offsets: true };
  return {
    ids: new Map(Object.entries(vocab)),
    special: LIKE_ROBERTA,
    others: [],
    parts: {
      normalizer: null,
      pre_tokenizer: { type: "ByteLevel", ...spaced, use_regex: true },
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: "",
        end_of_word_suffix: "",
        fuse_unk: false,
        vocab,
        merges,
      },
    },
  };
}

async function unigram([path]: string[], _: Settings, kind: string): Promise<Vocabulary> {
  const { pieces, charsmap } = readSentencePiece(await bytesIn(path), path);
  const own = kind === "camembert" ? CAMEMBERT : XLM_ROBERTA, skipped = kind === "camembert" ? 1 : 3;
  const scored = pieces.slice(skipped).map(({ piece, score }): [string, number] => [piece, score]);
  const vocab: [string, number][] = [...own, ...scored, ["<mask>", 0]];
  const others = pieces.filter(({ type }) => type === CONTROL || type === USER_DEFINED)
    .map(({ piece, type }): [string, boolean] => [piece, type === CONTROL]);
  const unused = kind === "camembert"
    ? own.map(([piece]) => piece).filter((piece) => piece.endsWith("NOTUSED"))
    : [];
  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
  return {
    ids: new Map(vocab.map(([piece], id) => [piece, id])),
    special: LIKE_ROBERTA,
    others: [...others, ...unused.map((piece): [string, boolean] => [piece, true])],
    parts: {
      normalizer: {
        type: "Sequence",
        normalizers: [
          ...charsmap ? [{ type: "Precompiled", precompiled_charsmap: charsmap }] : [],
          { type: "Strip", strip_left: false, strip_right: true },
          { type: "Replace", pattern: { Regex: " {2,}" }, content: "▁" },
        ],
      },
      pre_tokenizer: metaspace,
      decoder: metaspace,
      model: { type: "Unigram", unk_id: UNKNOWN, vocab, byte_fallback: false },
    },
  };
}

async function bytesIn(path: string): Promise<Uint8Array> {
  const { size } = await Deno.stat(path);
  if (size > LARGEST) throw unreadable(`${size} bytes`, path);
  const bytes = await Deno.readFile(path);
  requireNoPointer(bytes, path);
  return bytes;
}

async function textIn(path: string): Promise<string> {
  const bytes = await bytesIn(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unreadable("text that is not UTF-8", path, cause);
  }
}

const unreadable = (found: string, at: string, cause?: unknown) =>
  badInput({ expected: "a tokenizer's vocabulary", found, at, todo: "Fetch the file again." }, cause);

const unknownKind = (kind: string, { files, kinds }: Form, at: string) =>
  badInput({
    expected: `tokenizer.json, or ${files.join(" and ")} of a tokenizer like ${kinds.join(", ")}`,
    found: `those of '${kind.slice(0, 60)}'`,
    at,
    todo: "Save tokenizer.json beside them in Python: " +
      "AutoTokenizer.from_pretrained(folder).save_pretrained(folder).",
  });
