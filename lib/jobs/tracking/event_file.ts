/**
 * TensorBoard's event files: each event is a protocol buffer (tensorflow/core/util/event.proto) in a record
 * with checksums (TFRecord).
 */
import { closeSync, openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs/minimal.js";
import { unwritable } from "../../files/mod.ts";

/** What an event shows. */
export type Shown =
  | { kind: "scalars"; values: Readonly<Record<string, number>> }
  | { kind: "image"; tag: string; png: Uint8Array }
  /** What earlier files hold of this step and later ones is repeated, and no longer counts. */
  | { kind: "start" }
  /** The version of the format, which comes first in a file. */
  | { kind: "version" };

const NAME = /^events\.out\.tfevents\.(\d{10})\.undertone$/;

/**
 * A new event file in a folder. Its name comes after those before, because TensorBoard reads them in order.
 */
export class EventFile implements Disposable {
  readonly path: string;
  readonly #file: number;

  /** Creates the file in an existing folder. Throws UndertoneError if it can't be written. */
  constructor(folder: string) {
    const before = readdirSync(folder).map((name) => Number(NAME.exec(name)?.[1] ?? 0));
    const time = Math.max(Math.floor(Date.now() / 1000), ...before.map((each) => each + 1));
    this.path = join(folder, `events.out.tfevents.${String(time).padStart(10, "0")}.undertone`);
    try {
      this.#file = openSync(this.path, "ax");
    } catch (cause) {
      throw unwritable("a file", this.path, cause);
    }
    this.add({ kind: "version" });
  }

  /** Adds an event. `step` is the number of updates so far. Throws UndertoneError if the disk is full. */
  add(shown: Shown, step = 0): void {
    const bytes = record(encode(shown, step, Date.now() / 1000));
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#file, bytes, written);
    } catch (cause) {
      throw unwritable("a file", this.path, cause);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/** Wire types of protocol buffers: a varint, 8 bytes, bytes with their length, 4 bytes. */
const [VARINT, DOUBLE, BYTES, FLOAT] = [0, 1, 2, 5];
const field = (number: number, wire: number): number => number << 3 | wire;

/** Values of the format: a session's status START, and an image of red, green, blue and opacity. */
const [START, RGBA] = [1, 4];

/** Encodes an `Event`. `seconds` is the time since 1970. */
export function encode(shown: Shown, step: number, seconds: number): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(field(1, DOUBLE)).double(seconds);
  if (step !== 0) writer.uint32(field(2, VARINT)).int64(step);
  if (shown.kind === "version") writer.uint32(field(3, BYTES)).string("brain.Event:2");
  if (shown.kind === "start") {
    writer.uint32(field(7, BYTES)).fork().uint32(field(1, VARINT)).int32(START).ldelim();
  }
  if (shown.kind === "scalars") {
    writer.uint32(field(5, BYTES)).fork();
    for (const [tag, value] of Object.entries(shown.values)) {
      writer.uint32(field(1, BYTES)).fork().uint32(field(1, BYTES)).string(tag)
        .uint32(field(2, FLOAT)).float(value).ldelim();
    }
    writer.ldelim();
  }
  if (shown.kind === "image") {
    const { tag, png } = shown, header = new DataView(png.buffer, png.byteOffset);
    writer.uint32(field(5, BYTES)).fork().uint32(field(1, BYTES)).fork()
      .uint32(field(1, BYTES)).string(tag).uint32(field(4, BYTES)).fork()
      .uint32(field(1, VARINT)).int32(header.getUint32(20)) // height, then width, of the PNG's header
      .uint32(field(2, VARINT)).int32(header.getUint32(16))
      .uint32(field(3, VARINT)).int32(RGBA)
      .uint32(field(4, BYTES)).bytes(png).ldelim().ldelim().ldelim();
  }
  return writer.finish();
}

/** Returns a record: the length (8 bytes) and its checksum, the data and theirs. */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16), view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return bytes;
}

/** TensorFlow rotates a checksum and adds a constant, since data may hold checksums themselves. */
const masked = (crc: number): number => ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;

/** Remainders of each byte by the Castagnoli polynomial, bits reversed. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});

/** Returns the checksum CRC-32C (RFC 3720), from 0 to 2^32 - 1. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ crc >>> 8;
  return (crc ^ 0xffffffff) >>> 0;
}
