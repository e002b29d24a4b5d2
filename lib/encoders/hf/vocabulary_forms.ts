/** The older forms of tokenizers: what each of their files says, as parts of `tokenizer.json`. */
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { readJson, requireNoPointer } from "../../files/mod.ts";
import { parseFacts } from "../../schema.ts";
import { CONTROL, readSentencePiece, USER_DEFINED } from "./sentencepiece.ts";

export type Json = Record<string, unknown>;

/** A vocabulary with the parts of tokenizer.json that depend on it. */
export interface Vocabulary {
  /** Ids by token. */
  ids: Map<string, number>;
  /** `normalizer`, `pre_tokenizer`, `decoder` and `model`. */
  parts: Json;
  /** Special tokens by their role, unless a file says otherwise. */
  special: Record<string, Token>;
  /** Special tokens without a role, and whether they are special. */
  others: [token: Token, isSpecial: boolean][];
}

export type Token = string | { content: string; [flag: string]: unknown };

/** A form of older files. */
export interface Form {
  files: readonly string[];
  /** The tokenizers, as `kindOf` writes their names, that have these files; the first if none is named. */
  kinds: readonly string[];
  read(paths: string[], settings: Settings, kind: string): Promise<Vocabulary>;
}

const token = z.union([z.string(), z.looseObject({ content: z.string() })]);
export const settings = z.looseObject({
  tokenizer_class: z.string().nullish(),
  do_lower_case: z.boolean().optional(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().optional(),
  add_prefix_space: z.boolean().optional(),
  added_tokens_decoder: z.record(z.string(), token).optional(),
});
export const ids = z.record(z.string(), z.number());

export type Settings = z.infer<typeof settings>;

const ROLES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
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

export const FORMS: readonly Form[] = [
  {
    files: ["vocab.txt"],
    kinds: ["bert", "distilbert", "electra", "mobilebert", "convbert", "layoutlm", "lxmert"],
    read: wordPiece,
  },
  { files: ["vocab.json", "merges.txt"], kinds: ["roberta", "longformer", "bart"], read: byteLevel },
  { files: ["sentencepiece.bpe.model"], kinds: ["xlmroberta", "camembert"], read: unigram },
];

export const rolesIn = (json: Json): Record<string, Token> =>
  Object.fromEntries(
    ROLES.map((role) => [role, token.safeParse(json[role]).data]).filter(([, token]) => token),
  );

export const textOf = (token: Token): string => typeof token === "string" ? token : token.content;

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
