/** Where the tokenizers library for JavaScript reads characters otherwise than the one in Rust, that of transformers. */
import type { Tokenizer } from "@huggingface/tokenizers";

/** Chinese characters beyond U+FFFF, words of their own to BERT, as Rust's ranges have them; JavaScript's sees halves. */
const ASTRAL_CHINESE = /[\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;
/** JavaScript makes a sigma at a word's end a final one, Rust none. */
const SIGMA = /Σ/g;
/** White space to one of the two only. */
const ODD_SPACE = /[\u0085\uFEFF]/;
/** The split of byte-level tokenizers (Radford et al. 2019), with Unicode's white space. */
const BYTE_LEVEL =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

type Part = { type?: string; lowercase?: boolean; handle_chinese_chars?: boolean };

/**
 * Makes `tokenizer`, of this `tokenizer.json`, read texts as Rust's does, given that they are `written` first. A text is
 * `revised` if it is read otherwise than without this. Characters newer than Unicode 8 may still differ.
 */
export function readAsRust(tokenizer: Tokenizer, json: Record<string, unknown>): {
  written(text: string): string;
  revised(text: string): boolean;
} {
  const normalizers = partsOf(json.normalizer, "normalizers");
  const bert = normalizers.filter(({ type }) => type === "BertNormalizer");
  const chinese = bert.some(({ handle_chinese_chars }) => handle_chinese_chars);
  const lower = bert.some(({ lowercase }) => lowercase) ||
    normalizers.some(({ type }) => type === "Lowercase");
  const byteLevel = partsOf(json.pre_tokenizer, "pretokenizers").some(({ type }) => type === "ByteLevel");
  // The pattern is an own property of the library's object, whose type does not tell of it.
  for (const part of splittersOf(tokenizer.pre_tokenizer)) {
    if (part.byte_encoder && part.pattern) part.pattern = BYTE_LEVEL;
  }
  const written = (text: string): string => {
    const spaced = chinese ? text.replace(ASTRAL_CHINESE, " $& ") : text;
    return lower ? spaced.replace(SIGMA, "σ") : spaced;
  };
  return { written, revised: (text) => written(text) !== text || byteLevel && ODD_SPACE.test(text) };
}

/** A part of tokenizer.json, or those of a sequence. */
function partsOf(part: unknown, sequence: string): Part[] {
  if (!(part instanceof Object)) return [];
  const several = (part as Record<string, unknown>)[sequence];
  return Array.isArray(several) ? several.flatMap((one) => partsOf(one, sequence)) : [part as Part];
}

type Splitter = { tokenizers?: unknown[]; byte_encoder?: unknown; pattern?: RegExp };

function splittersOf(part: unknown): Splitter[] {
  if (!(part instanceof Object)) return [];
  return [part as Splitter, ...((part as Splitter).tokenizers ?? []).flatMap(splittersOf)];
}
