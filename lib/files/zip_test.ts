import { crc32, deflateRawSync } from "node:zlib";
import { deepEqual, equal, rejects } from "../testing/assert.ts";
import { joined, zipOf } from "../testing/zip_writer.ts";
import { rangesOf } from "./ranges.ts";
import { readEntry, startOfEntry, zipEntries, ZipFault } from "./zip.ts";

const text = (value: string) => new TextEncoder().encode(value);
const content: [string, Uint8Array][] = [["a/b", text("hello")], ["empty", text("")], [
  "ü",
  text("x".repeat(999)),
]];

for (const large of [false, true]) {
  Deno.test(`entries are read as written${large ? ", with the fields of archives over 4 GB" : ""}`, async () => {
    const file = rangesOf(zipOf(content, { large })), entries = await zipEntries(file);
    deepEqual([...entries.keys()], content.map(([name]) => name));
    for (const [name, bytes] of content) deepEqual(await readEntry(file, entries.get(name)!), bytes);
  });

  Deno.test(`every single damaged byte is noticed or changes nothing${large ? ", over 4 GB" : ""}`, async () => {
    const good = zipOf([content[0]], { large });
    for (let at = 0; at < good.length; at++) {
      const file = rangesOf(good.map((byte, i) => i === at ? byte ^ 0xff : byte));
      try {
        const entry = (await zipEntries(file)).get("a/b");
        if (entry) deepEqual(await readEntry(file, entry), content[0][1]);
      } catch (error) {
        if (!(error instanceof ZipFault)) throw error;
      }
    }
  });
}

Deno.test("a comment at the end is skipped, and entries that overlap are refused", async () => {
  const plain = zipOf([content[0]]), commented = joined([plain, text("note")]);
  commented[plain.length - 2] = 4;
  equal((await zipEntries(rangesOf(commented))).size, 1);
  const twice = zipOf([["a", new Uint8Array(300)], ["b", new Uint8Array(300)]]),
    view = new DataView(twice.buffer);
  const second = twice.length - 22 - 47; // the last record of the directory
  equal(view.getUint32(second, true), 0x02014b50);
  view.setUint32(second + 42, 0, true);
  equal((await zipEntries(rangesOf(twice))).get("b")!.start, 0);
  for (const record of [second - 47, second]) {
    view.setUint32(record + 20, 500, true);
    view.setUint32(record + 24, 500, true);
    view.setUint32(record + 42, 0, true);
  }
  await rejects(zipEntries(rangesOf(twice)), /entries that overlap/);
});

Deno.test("deflated entries are read if they are allowed, and never inflate beyond their size", async () => {
  const whole = text("abc".repeat(5000)), packed = new Uint8Array(deflateRawSync(whole));
  const claiming = (size: number) => {
    const bytes = zipOf([["a", packed]], { method: 8 }), view = new DataView(bytes.buffer);
    const record = bytes.length - 22 - 47;
    equal(view.getUint32(record, true), 0x02014b50);
    view.setUint32(record + 16, crc32(whole), true);
    view.setUint32(record + 24, size, true);
    return rangesOf(bytes);
  };
  const good = claiming(whole.length), entry = (await zipEntries(good, { deflated: true })).get("a")!;
  deepEqual(await readEntry(good, entry), whole);
  const start = await startOfEntry(good, entry, 20);
  deepEqual(start, whole.subarray(0, start.length));
  await rejects(zipEntries(good), /compressed/);
  for (const size of [whole.length - 1, whole.length + 1, 0]) {
    const file = claiming(size), entry = (await zipEntries(file, { deflated: true })).get("a")!;
    await rejects(readEntry(file, entry), ZipFault);
  }
  await rejects(zipEntries(claiming(packed.length * 1032 + 1), { deflated: true }), /cut entry/);
});
