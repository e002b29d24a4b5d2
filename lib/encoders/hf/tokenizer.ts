/** Turns texts into token ids as Hugging Face's tokenizers do, with their own library for JavaScript. */
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { badInput } from "../../errors.ts";
import type { EncoderFiles, TextTokens } from "../encoder.ts";
import type { FileNames } from "./files.ts";
import { requireTokenIds } from "./token_ids.ts";
import { cutShort, KEPT, type Side, tokenizerFiles } from "./tokenizer_files.ts";
import { readAsRust } from "./tokenizer_quirks.ts";
import { hasVocabulary, tokenizerOfVocabulary } from "./vocabulary.ts";

export interface TextTokenizer {
  /**
   * Returns token ids with the special tokens. A text that is longer than the model takes is cut at `side`;
   * then its end is cut to `limit`. Special tokens are never cut.
   */
  encode(text: string, limit?: number): number[];
  /** Returns the ids of a whole text without special tokens. */
  plain(text: string): number[];
  /** The special tokens around and between texts; absent if the tokenizer puts none between two texts. */
  frame?: Frame;
  /** Returns the tokens behind what `encode` returns. */
  tokensOf(text: string, limit?: number): TextTokens;
  /** Number of special tokens before and behind a text. */
  around: { before: number; after: number };
  /** The mask token: its id, and how it is written in a text. Absent if there is none. */
  mask?: { id: number; text: string };
  /** Number of tokens of the uncut text. */
  lengthOf(text: string): number;
  /** Whether earlier versions read the characters of this text differently. */
  revised(text: string): boolean;
  /** Longest text in tokens, special tokens included: the lower limit of the folder's files and the model. */
  limit: number;
  side: Side;
  /** One more than the largest id. */
  size: number;
  notes: readonly string[];
  /** Files that define exactly this tokenizer, to be kept with a model that was trained with it. */
  files: EncoderFiles;
  /** The files it was made from, as text, for the fingerprint. */
  content: string;
  /** Content and limit in earlier versions, if those read the files differently, and what they did. */
  formerly?: { content: string; limit: number; changes: readonly string[] };
  /**
   * Returns a `tokenizer.json` for other programs that cuts texts to `most` tokens. Throws UndertoneError if
   * one file can't cut as this tokenizer does.
   */
  file(most: number): Record<string, unknown>;
}

/** Ids of the special tokens before a text, between two texts, and behind the last one. */
export interface Frame {
  first: readonly number[];
  divider: readonly number[];
  last: readonly number[];
}

export const TOKENIZER_FILES: FileNames = {
  required: ["tokenizer.json"],
  optional: ["tokenizer_config.json"],
  made: { "tokenizer.json": { isPossible: hasVocabulary, make: tokenizerOfVocabulary } },
};

/**
 * Builds the tokenizer of `tokenizer.json` with, if present, `tokenizer_config.json` and `config.json`. `at`
 * is their folder, and `positions` the most tokens that the model takes. Throws UndertoneError.
 */
export function textTokenizer(files: EncoderFiles, at: string, positions = Infinity): TextTokenizer {
  const { json, limit, side, notes, changes, formerLimit } = tokenizerFiles(files, at, positions);
  const { remove_space: _, do_lowercase_and_remove_accent: __, ...settings } =
    (files["tokenizer_config.json"] ?? {}) as Record<string, unknown>;
  const kept = JSON.stringify([files["tokenizer.json"], files["tokenizer_config.json"] ?? {}]);
  requireTokenIds(files["tokenizer.json"], join(at, "tokenizer.json"));
  let tokenizer: Tokenizer, size: number, before: number, after: number, frame: Frame | undefined;
  let written: (text: string) => string, revised: (text: string) => boolean;
  try {
    tokenizer = new Tokenizer(json, settings);
    size = [...tokenizer.get_vocab(true).values()].reduce((most, id) => Math.max(most, id), 0) + 1;
    ({ before, after } = specialTokens(tokenizer));
    frame = frameOf(tokenizer);
    ({ written, revised } = readAsRust(tokenizer, json));
  } catch (cause) {
    throw badInput({
      expected: "a tokenizer file as Hugging Face writes it",
      found: `one that can't be read (${(cause as Error).message})`,
      at: join(at, "tokenizer.json"),
      todo: "Fetch the file again.",
    }, cause);
  }
  const whole = (text: string) => {
    const { ids, tokens } = tokenizer.encode(written(text)), odd = ids.findIndex((id) => !(id >= 0));
    if (odd >= 0) throw withoutId(tokens[odd], at);
    return ids;
  };
  const cut = (ids: number[], most: number, from: Side): number[] => {
    if (ids.length <= most) return ids;
    const own = ids.slice(before, ids.length - after), room = Math.max(0, most - before - after);
    const rest = from === "left" ? own.slice(own.length - room) : own.slice(0, room);
    return [...ids.slice(0, before), ...rest, ...ids.slice(ids.length - after)].slice(-most);
  };
  const differs = [
    ...(formerLimit < limit ? [cutShort(formerLimit)] : []),
    ...changes,
    ...(after === 1 ? [] : ["kept the last token of a text that was cut"]),
  ];
  return {
    encode: (text, most = Infinity) => cut(cut(whole(text), limit, side), most, "right"),
    plain(text) {
      const ids = whole(text);
      return ids.slice(before, ids.length - after);
    },
    tokensOf(text, most = Infinity) {
      const ids = whole(text), end = ids.length - after;
      const places = ids.map((_, i) => i >= before && i < end ? i - before : -1);
      return { own: ids.slice(before, end), places: cut(cut(places, limit, side), most, "right") };
    },
    frame,
    around: { before, after },
    mask: maskOf(tokenizer, settings),
    lengthOf: (text) => whole(text).length,
    revised,
    limit,
    side,
    size,
    notes,
    files: {
      "tokenizer.json": json,
      "tokenizer_config.json": { ...settings, truncation_side: side, ...KEPT },
    },
    content: differs.length ? `${kept} as transformers reads it` : kept,
    formerly: differs.length ? { content: kept, limit: formerLimit, changes: differs } : undefined,
    file(most) {
      const length = Math.min(limit, most);
      if (side === "left" && length < limit) throw twoEnds(at, limit, length);
      const direction = side === "left" ? "Left" : "Right";
      const truncation = { direction, max_length: length, strategy: "LongestFirst", stride: 0 };
      return { ...json, truncation: length < Infinity ? truncation : null, padding: null };
    },
  };
}

/** Names of mask tokens: BERT's and RoBERTa's. */
const MASKS = ["[MASK]", "<mask>"];

/** Returns the mask token that the settings name, or that has one of the usual names. */
function maskOf(tokenizer: Tokenizer, { mask_token }: Record<string, unknown>): TextTokenizer["mask"] {
  const named = typeof mask_token === "object" && mask_token !== null && "content" in mask_token
    ? mask_token.content
    : mask_token;
  for (const text of typeof named === "string" ? [named] : MASKS) {
    const id = tokenizer.token_to_id(text);
    if (id !== undefined) return { id, text };
  }
}

/** Counts the special tokens before and after a text. */
function specialTokens({ post_processor }: Tokenizer): { before: number; after: number } {
  const text = "\0", { tokens } = post_processor?.([text], null, true) ?? { tokens: [text] };
  const before = tokens.indexOf(text);
  if (before < 0) throw new Error("its post_processor leaves the text out");
  return { before, after: tokens.length - before - 1 };
}

/** Returns the special tokens around a pair of texts; undefined if those between them separate nothing. */
function frameOf(tokenizer: Tokenizer): Frame | undefined {
  const a = "\0", b = "\x01", { tokens } = tokenizer.post_processor?.([a], [b], true) ?? { tokens: [] };
  const [start, end] = [tokens.indexOf(a), tokens.indexOf(b)];
  const idsOf = (some: readonly string[]) => some.map((token) => tokenizer.token_to_id(token) ?? -1);
  const [first, divider, last] = [
    tokens.slice(0, Math.max(0, start)),
    tokens.slice(start + 1, end),
    tokens.slice(end + 1),
  ].map(idsOf);
  const isWhole = start >= 0 && end > start + 1 && ![...first, ...divider, ...last].includes(-1);
  return isWhole ? { first, divider, last } : undefined;
}

const withoutId = (token: string, at: string) =>
  badInput({
    expected: "an id for every token",
    found: `none for '${`${token}`.slice(0, 40)}', nor for an unknown token`,
    at: join(at, "tokenizer.json"),
    todo: "Its unk_token must be in its vocabulary: fetch the file again.",
  });

const twoEnds = (at: string, limit: number, most: number) =>
  badInput({
    expected: "a tokenizer that cuts a text at one end",
    found:
      `one that cuts its start to ${limit} tokens (truncation_side) and its end to ${most} (--max-text-length)`,
    at,
    todo: `Train with --max-text-length ${limit}.`,
  });
