/**
 * SentencePiece's rules of normalisation (`precompiled_charsmap`): a trie of replaced characters, and their
 * replacements. The tokenizers library for Rust reads them like this; that for JavaScript only approximates
 * the usual rules.
 */

/** Longest grapheme, in UTF-8 bytes, that is looked up whole. */
const WHOLE = 5;
const PRINTABLE_ASCII = /^[ -~]*$/;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const [encoder, decoder] = [new TextEncoder(), new TextDecoder("utf-8", { ignoreBOM: true })];

/**
 * Returns the function that applies the rules in `base64` to a text. Throws RangeError if they are damaged.
 */
export function charsmap(base64: string): (text: string) => string {
  const bytes = Uint8Array.fromBase64(base64), view = new DataView(bytes.buffer);
  const size = bytes.length < 4 ? Infinity : view.getUint32(0, true);
  if (size % 4 || 4 + size > bytes.length) throw new RangeError("damaged rules of normalisation");
  const trie = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const texts = bytes.subarray(4 + size);

  /** Returns the replacement of the shortest start of `key` that has one. */
  const replaced = (key: string): string | undefined => {
    let at = offsetOf(trie[0]);
    for (const byte of encoder.encode(key)) {
      const unit = trie[at ^= byte];
      if (byte === 0 || unit === undefined || labelOf(unit) !== byte) return;
      at ^= offsetOf(unit);
      if (!hasLeaf(unit)) continue;
      const start = (trie[at] ?? 0) & 0x7fffffff, end = texts.indexOf(0, start);
      return decoder.decode(texts.subarray(start, end < 0 ? texts.length : end));
    }
  };
  const known = new Map<string, string>();
  const once = (part: string): string => {
    let found = known.get(part);
    if (found !== undefined) return found;
    const whole = encoder.encode(part).length <= WHOLE ? replaced(part) : undefined;
    found = whole ?? Array.from(part, (char) => replaced(char) ?? char).join("");
    if (known.size < 10_000) known.set(part, found);
    return found;
  };
  return (text) =>
    PRINTABLE_ASCII.test(text)
      ? Array.from(text, once).join("")
      : Array.from(graphemes.segment(text), ({ segment }) => once(segment)).join("");
}

// A unit of the trie, a double array (Aoe 1989): its label, whether it ends a key, and where its children
// are.
const labelOf = (unit: number): number => (unit & 0x800000ff) >>> 0;
const hasLeaf = (unit: number): boolean => (unit & 0x100) !== 0;
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
