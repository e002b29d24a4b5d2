/** USE-Lite's tokenizer as a `tokenizer.json`, for the `tokenizers` library of any language. */
import { RESERVED, UNKNOWN, type Vocabulary, WORD_START } from "./tokenizer.ts";

/** White space as JavaScript's `\s` has it; other languages differ in a few characters. */
const SPACE = "[\\t\\n\\u000b\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]";

/**
 * Returns the content of a tokenizer.json that gives the ids of `tokenizer`, cut at `limit`, without padding.
 * The library's unigram model finds the same path: it too takes an unknown character only where no piece
 * begins, because every character of a piece is a piece itself.
 */
export function tokenizerFile(vocabulary: Vocabulary, limit: number): Record<string, unknown> {
  const replace = (pattern: string, content: string) => ({
    type: "Replace",
    pattern: { Regex: pattern },
    content,
  });
  let score = 0;
  const vocab = vocabulary.map(([piece, logProbability], id) => {
    // A reserved piece must not occur in a text: after normalisation, no text has a space.
    if (id < RESERVED) return [`reserved ${id}`, 0];
    score = logProbability ?? score; // as in tokenizer.ts
    return [piece, score];
  });
  return {
    version: "1.0",
    truncation: { direction: "Right", max_length: limit, strategy: "LongestFirst", stride: 0 },
    padding: null,
    added_tokens: [],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFKC" },
        replace(`${SPACE}+`, " "),
        replace("(?<![\\s\\S]) | (?![\\s\\S])", ""), // at the start and the end
        replace(" ", WORD_START),
        { type: "Prepend", prepend: WORD_START },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Metaspace", replacement: WORD_START, prepend_scheme: "always", split: false },
    model: { type: "Unigram", unk_id: UNKNOWN, vocab, byte_fallback: false },
  };
}
