/** Decodes text files: UTF-8, UTF-16 if the bytes show it, or the encoding that the user names. */
import { badInput, type UndertoneError } from "../errors.ts";
import { type Guess, guessEncodings } from "./guess_encoding.ts";
import { requireNoPointer } from "./lfs.ts";

export interface DecodedText {
  text: string;
  /** Invalid lines in a file that is otherwise valid. U+FFFD replaces their bad bytes. */
  broken: readonly BrokenLine[];
  /** The encoding used, by its `TextDecoder` name. */
  encoding: string;
  notes: readonly string[];
}

export interface BrokenLine {
  /** Counted from 1. */
  line: number;
  /** The first invalid byte. */
  byte: number;
}

const SAMPLE = 8192;

/** Returns whether `TextDecoder` knows an encoding by this name. */
export function isEncoding(name: string): boolean {
  try {
    return Boolean(new TextDecoder(name));
  } catch {
    return false;
  }
}

/**
 * Decodes a file as UTF-8, or as `encoding` if given. Detects UTF-16 by its byte order mark, or by the zero
 * bytes of its first two characters. Lists single invalid lines. Throws UndertoneError if the file is in
 * another encoding, since no file is read by a guess, or if it is a git-lfs pointer. `path` names the file in
 * errors.
 */
export function decodeText(bytes: Uint8Array, path: string, encoding?: string): DecodedText {
  requireNoPointer(bytes, path);
  const marked = byteOrderMark(bytes), named = encoding && new TextDecoder(encoding).encoding;
  if (named && marked && marked !== named && encoding.toLowerCase() !== "utf-16") {
    throw refusal(named, `the byte order mark of ${marked}`, path, "Omit --encoding.");
  }
  const unmarked = marked || named ? undefined : unmarkedUtf16(bytes);
  const used = marked ?? named ?? unmarked ?? "utf-8";
  if (used.startsWith("utf-16")) {
    const notes = unmarked ? [`${path} has no byte order mark; its zero bytes show that it is ${used}.`] : [];
    return { text: decodeUtf16(bytes, path, used), broken: [], encoding: used, notes };
  }
  if (bytes.includes(0)) {
    throw refusal(used, "NUL bytes", path, "It is not text, or it is UTF-16: save it as UTF-8.");
  }
  if (used === "utf-8" && hasEscapes(bytes)) {
    throw refusal(
      used,
      "escape sequences",
      path,
      suggestion(guessEncodings(bytes, (name) => name.startsWith("iso-2022"))),
    );
  }
  const text = strictly(bytes, used);
  if (text !== undefined) {
    const doubtful = used !== "utf-8" && bytes.some((byte) => byte >= 0x80) && strictly(bytes, "utf-8");
    const notes = doubtful ? [`${path} was read as ${used}, as requested; it is valid UTF-8, too.`] : [];
    return { text, broken: [], encoding: used, notes };
  }
  const { broken, lines, sound, sample } = survey(bytes, used);
  // Two bytes of another encoding can look like UTF-8. Three such pairs per invalid line are very unlikely.
  const damaged = marked ||
    (sound > 0 ? 3 * broken.length <= sound : broken.length <= Math.max(1, lines / 100));
  if (broken.length === 0) throw refusal(used, "escapes that do not end", path, "Save it as UTF-8.");
  const [{ line, byte }] = broken;
  const todo = suggestion(guessEncodings(sample, (name) => strictly(bytes, name) !== undefined));
  if (damaged) {
    // If all other lines are ASCII, nothing shows that the file is UTF-8.
    const notes = marked || sound > 0
      ? []
      : [`${path} has no character beyond ASCII that is valid ${used}. ${todo}`];
    return { text: new TextDecoder(used).decode(bytes), broken, encoding: used, notes };
  }
  const more = broken.length > 1 ? ` (${broken.length} such lines)` : "";
  throw refusal(used, `the byte ${hex(byte)}${more}`, `${path}, line ${line}`, todo);
}

/**
 * Returns the text of a file that must be entirely valid UTF-8 or UTF-16. Throws UndertoneError otherwise.
 */
export function wholeText(bytes: Uint8Array, path: string): string {
  if (unmarkedUtf16(bytes) || byteOrderMark(bytes)?.startsWith("utf-16")) return decodeText(bytes, path).text;
  const text = strictly(bytes, "utf-8");
  if (text !== undefined) return text;
  const [{ line, byte }] = survey(bytes, "utf-8").broken;
  throw refusal("utf-8", `the byte ${hex(byte)}`, `${path}, line ${line}`, "Save it as UTF-8.");
}

function byteOrderMark([a, b, c]: Uint8Array): string | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
}

/**
 * Detects UTF-16 without a mark: the first two characters (of a header or of JSON) are ASCII, each beside a
 * zero byte.
 */
function unmarkedUtf16([a, b, c, d]: Uint8Array): string | undefined {
  const ascii = (byte: number) => byte > 0 && byte < 0x80;
  if (ascii(a) && b === 0 && ascii(c) && d === 0) return "utf-16le";
  if (a === 0 && ascii(b) && c === 0 && ascii(d)) return "utf-16be";
}

/**
 * Decodes UTF-16. Throws UndertoneError for any damage, because one lost byte changes all later characters.
 */
function decodeUtf16(bytes: Uint8Array, path: string, encoding: string): string {
  const text = strictly(bytes, encoding);
  if (text !== undefined && !text.includes("\0")) return text;
  const found = text !== undefined ? "NUL characters" : "half a character";
  const [before] = (text ?? new TextDecoder(encoding).decode(bytes)).split(/[\0\ufffd]/, 1);
  const line = before.split(/\r\n?|\n/).length;
  throw refusal(encoding, found, `${path}, line ${line}`, "Save it again, preferably as UTF-8.");
}

/** Returns whether the bytes have escapes of ISO-2022, which other decoders read as ASCII. */
function hasEscapes(bytes: Uint8Array): boolean {
  for (let i = bytes.indexOf(0x1b); i >= 0; i = bytes.indexOf(0x1b, i + 1)) {
    if (bytes[i + 1] === 0x24 || bytes[i + 1] === 0x28) return true;
  }
  return false;
}

function strictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

interface Survey {
  broken: BrokenLine[];
  lines: number;
  /** Characters beyond ASCII in the valid lines. */
  sound: number;
  /** Bytes of invalid lines, a few thousand at most. */
  sample: Uint8Array;
}

function survey(bytes: Uint8Array, encoding: string): Survey {
  const broken: BrokenLine[] = [], sample: number[] = [];
  let lines = 0, sound = 0;
  for (const line of linesOf(bytes)) {
    lines++;
    const text = strictly(line, encoding);
    if (text !== undefined) sound += text.replaceAll(/[\0-\x7f]/g, "").length;
    else {
      broken.push({ line: lines, byte: firstBad(line, encoding) });
      if (sample.length < SAMPLE) sample.push(...line.subarray(0, SAMPLE), 0x0a);
    }
  }
  return { broken, lines, sound, sample: Uint8Array.from(sample) };
}

/** Yields the lines of a file in an encoding that contains ASCII, split at LF, CR or CR LF. */
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let i = 0; i <= bytes.length; i++) {
    if (i < bytes.length && bytes[i] !== 0x0a && bytes[i] !== 0x0d) continue;
    yield bytes.subarray(start, i);
    if (bytes[i] === 0x0d && bytes[i + 1] === 0x0a) i++;
    start = i + 1;
  }
}

/** Returns the first byte that belongs to no character: the longest valid prefix ends before it. */
function firstBad(line: Uint8Array, encoding: string): number {
  const begins = (length: number) => {
    try {
      new TextDecoder(encoding, { fatal: true }).decode(line.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let good = 0, bad = line.length + 1; // a line that ends within a character is bad at its end
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (begins(middle)) good = middle;
    else bad = middle;
  }
  while (good > 0 && strictly(line.subarray(0, good), encoding) === undefined) good--;
  return line[good];
}

function suggestion(guesses: readonly Guess[]): string {
  if (guesses.length === 0) return "Save it as UTF-8, or name its encoding with --encoding.";
  const each = guesses.map(({ encoding, reading }) => {
    const words = reading.split(/[\r\n]/).find((line) => /[^\0-\x7f]/.test(line));
    return `--encoding ${encoding}, which reads “${words?.slice(0, 60)}”`;
  });
  return `Save it as UTF-8, or name its encoding, perhaps (a guess) ${each.join(", or ")}.`;
}

const refusal = (encoding: string, found: string, at: string, todo: string): UndertoneError =>
  badInput({ expected: `text in ${encoding.replace("utf", "UTF")}`, found, at, todo });

export const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
