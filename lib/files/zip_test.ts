import { deepEqual, equal, rejects } from "../testing/assert.ts";
import { joined, zipOf } from "../testing/zip_writer.ts";
import { rangesOf } from "./ranges.ts";
import { readEntry, zipEntries, ZipFault } from "./zip.ts";

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
