import { deepEqual, equal } from "../../testing/assert.ts";
import { crc32c, encode, EventFile, record } from "./event_file.ts";

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(" ", ""));

Deno.test("CRC-32C gives the values of RFC 3720, B.4", () => {
  equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

// Written by TensorBoard 2.21: RecordWriter, and Event with the same fields.
const VERSION = "09000000000000f83f1a0d627261696e2e4576656e743a32";
const RECORD = `1800000000000000a37f4b22${VERSION}2a28646c`;
const SCALAR = "09000000000000004010ac022a130a110a0a747261696e2f6c6f7373150000003f";
const START = "09000000000000004010073a020801";
const IMAGE = "09000000000000004010072a2c0a2a0a0161222508021003180422" +
  "1d89504e470d0a1a0a0000000d4948445200000003000000020806000000";

Deno.test("records and events have the bytes of TensorBoard's own writer", () => {
  const version = encode({ kind: "version" }, 0, 1.5);
  deepEqual(version.toHex(), VERSION);
  deepEqual(record(version).toHex(), RECORD);
  deepEqual(encode({ kind: "scalars", values: { "train/loss": 0.5 } }, 300, 2).toHex(), SCALAR);
  deepEqual(encode({ kind: "start" }, 7, 2).toHex(), START);
  const png = hex("89504e470d0a1a0a 0000000d 49484452 00000003 00000002 0806000000");
  deepEqual(encode({ kind: "image", tag: "a", png }, 7, 2).toHex(), IMAGE);
});

Deno.test("files of a folder are named in the order in which they begin", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" }), paths: string[] = [];
  for (let i = 0; i < 3; i++) {
    using file = new EventFile(folder);
    paths.push(file.path);
  }
  deepEqual(paths.toSorted(), paths);
  equal(new Set(paths).size, 3);
});
