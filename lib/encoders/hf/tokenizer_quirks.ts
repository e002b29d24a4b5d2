/**
 * Corrects differences between the tokenizers libraries for JavaScript and for Rust; transformers uses the
 * latter.
 */
import type { Tokenizer } from "@huggingface/tokenizers";
import { charsmap } from "./charsmap.ts";

/**
 * Chinese characters beyond U+FFFF, in Rust's ranges. BERT makes each a word; the JavaScript library sees
 * only halves.
 */
const ASTRAL_CHINESE = /[\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;
/**
 * Lower-casing in JavaScript turns a capital sigma at a word's end into a final sigma; in Rust it does not.
 */
const SIGMA = /Σ/g;
/** Characters that only one of the two libraries treats as white space. */
const ODD_SPACE = /[\u0085\uFEFF]/;
/** The split of byte-level tokenizers (Radford et al. 2019), with Unicode's definition of white space. */
const BYTE_LEVEL =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

type Part = { type?: string; lowercase?: boolean; handle_chinese_chars?: boolean };

/**
 * Changes `tokenizer`, built from this `tokenizer.json`, to read texts as Rust's does if they pass through
 * `written` first. `revised` tells whether a text is read differently because of that. Characters newer than
 * Unicode 8 may still differ.
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
  // The library's object has a `pattern` that its type does not declare.
  for (const part of splittersOf(tokenizer.pre_tokenizer)) {
    if (part.byte_encoder && part.pattern) part.pattern = BYTE_LEVEL;
  }
  const approximated = replaceRules(tokenizer);
  const written = (text: string): string => {
    const spaced = chinese ? text.replace(ASTRAL_CHINESE, " $& ") : text;
    return lower ? spaced.replace(SIGMA, "σ") : spaced;
  };
  const revised = (text: string): boolean =>
    written(text) !== text || byteLevel && ODD_SPACE.test(text) ||
    approximated.some(({ before, now }) => before(text) !== now(text));
  return { written, revised };
}

/** Replaces approximate normalizers by exact ones. Returns both, so that they can be compared. */
function replaceRules(tokenizer: Tokenizer) {
  const replaced: { before: Normalise; now: Normalise }[] = [];
  for (const part of normalizersOf(tokenizer.normalizer)) {
    const before = part.normalize.bind(part);
    if (part.charsmap) part.normalize = charsmap(part.charsmap);
    else if (part.config?.type === "Strip") part.normalize = stripped(part.config);
    else continue;
    replaced.push({ before, now: part.normalize });
  }
  return replaced;
}

/** Strips white space as Unicode has it. */
const stripped =
  ({ strip_left, strip_right }: { strip_left?: boolean; strip_right?: boolean }): Normalise => (text) =>
    text.replace(strip_left ? /^\p{White_Space}+/u : "", "").replace(
      strip_right ? /\p{White_Space}+$/u : "",
      "",
    );

type Normalise = (text: string) => string;
type NormalizerPart = {
  normalizers?: unknown[];
  normalize: Normalise;
  charsmap?: string | null;
  config?: { type?: string; strip_left?: boolean; strip_right?: boolean };
};

// The library's objects have keys that their types do not declare.
function normalizersOf(part: unknown): NormalizerPart[] {
  if (!(part instanceof Object)) return [];
  return [part as NormalizerPart, ...((part as NormalizerPart).normalizers ?? []).flatMap(normalizersOf)];
}

/** Returns a part of tokenizer.json, or the parts of a sequence. */
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
