/** Reads the pieces of a SentencePiece model (Kudo and Richardson 2018), a protobuf file. */
import protobuf from "protobufjs/minimal.js";
import { badInput } from "../../errors.ts";

export interface Piece {
  piece: string;
  /** Log probability. */
  score: number;
  type: number;
}

export interface SentencePiece {
  pieces: Piece[];
  /** Rules of normalisation, in base64; absent if there are none. */
  charsmap?: string;
}

/** Types of pieces that a text is split at before the model reads it. */
export const [CONTROL, USER_DEFINED] = [3, 4] as const;
/** The trainer's number of the Unigram model. */
const UNIGRAM = 1;
const KINDS = ["another model", "Unigram", "BPE", "words", "characters"];

/** Reads the model in `bytes`; `at` names the file. Throws UndertoneError unless it is a Unigram model. */
export function readSentencePiece(bytes: Uint8Array, at: string): SentencePiece {
  const pieces: Piece[] = [];
  let kind = UNIGRAM, rules: Uint8Array = new Uint8Array();
  try {
    fields(protobuf.Reader.create(bytes), {
      1: (reader) => pieces.push(pieceOf(reader)),
      2: (reader) => inner(reader, { 3: (trainer) => kind = trainer.int32() }),
      3: (reader) => inner(reader, { 2: (normalizer) => rules = normalizer.bytes() }),
    });
  } catch (cause) {
    throw fault("a file that can't be read", at, cause);
  }
  if (kind !== UNIGRAM) {
    throw fault(KINDS[kind] ?? KINDS[0], at);
  }
  if (pieces.length < 3) throw fault(`${pieces.length} pieces`, at);
  return { pieces, charsmap: rules.length ? rules.toBase64() : undefined };
}

type Fields = Record<number, (reader: protobuf.Reader) => unknown>;

/** Reads a message's known fields and skips the others. */
function fields(reader: protobuf.Reader, known: Fields, end = reader.len): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const read = Object.hasOwn(known, tag >>> 3) ? known[tag >>> 3] : undefined;
    if (read) read(reader);
    else reader.skipType(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError(`a message that ends at ${reader.pos}, not ${end}`);
}

/** Reads a message within a message. */
function inner(reader: protobuf.Reader, known: Fields): void {
  const length = reader.uint32();
  if (reader.pos + length > reader.len) throw new RangeError("a message that is cut");
  fields(reader, known, reader.pos + length);
}

function pieceOf(reader: protobuf.Reader): Piece {
  const read: Piece = { piece: "", score: 0, type: 1 };
  inner(reader, {
    1: (part) => read.piece = part.string(),
    2: (part) => read.score = part.float(),
    3: (part) => read.type = part.int32(),
  });
  if (!Number.isFinite(read.score)) throw new RangeError(`a piece with the score ${read.score}`);
  return read;
}

const fault = (found: string, at: string, cause?: unknown) =>
  badInput({
    expected: "a SentencePiece model of the kind Unigram",
    found,
    at,
    todo: "Fetch the file again, or save tokenizer.json beside it in Python: " +
      "AutoTokenizer.from_pretrained(folder).save_pretrained(folder).",
  }, cause);
