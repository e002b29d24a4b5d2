/** Cells of parquet files equal those that pyarrow reads; damaged files are refused in a sentence. */
import { random, seedOf } from "../random.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { byteMutant } from "../testing/byte_mutants.ts";
import { fixture, jsonFixture } from "../testing/shared.ts";
import { tryMutants } from "../testing/trial.ts";
import { isParquet, openParquet, type ParquetFile, parquetIn, type ParquetRow } from "./parquet.ts";
import { rangesOf } from "./ranges.ts";

const { hub, codecs } = await jsonFixture("parquet/expected.json");
const path = (name: string) => fixture(`parquet/${name}`);
const train = await Deno.readFile(path("hub/data/train-00000-of-00001.parquet"));
const plain = await Deno.readFile(path("codecs/none.parquet"));

const hex = (bytes: Uint8Array) => bytes.toHex();
/** A cell as the JSON of Python has it. */
const shown = (cell: unknown): unknown =>
  cell instanceof Uint8Array
    ? hex(cell)
    : typeof cell === "bigint"
    ? Number(cell)
    : cell && typeof cell === "object"
    ? Object.fromEntries(Object.entries(cell).map(([key, value]) => [key, shown(value)]))
    : cell ?? null;

async function rowsOf(
  file: ParquetFile,
  columns = file.columns,
  pathOnly: string[] = [],
): Promise<ParquetRow[]> {
  const names = columns.filter(({ kind }) => kind !== "other").map(({ name }) => name),
    rows: ParquetRow[] = [];
  for await (const group of file.groups(names, pathOnly)) rows.push(...group);
  return rows.map((row) => shown(row) as ParquetRow);
}
const readBytes = async (bytes: Uint8Array) => await rowsOf(await parquetIn(rangesOf(bytes), "x.parquet"));

for (const name of ["none", "snappy", "gzip", "zstd", "brotli", "pages_v2", "lengths", "differences"]) {
  Deno.test(`${name}.parquet: every cell of both row groups equals pyarrow's`, async () => {
    using file = await openParquet(path(`codecs/${name}.parquet`));
    deepEqual(file.columns.map(({ kind }) => kind), [
      ...["text", "number", "number", "number", "number", "boolean", "bytes"],
    ]);
    deepEqual(await rowsOf(file), [...codecs, ...codecs]);
  });
}

Deno.test("a data set of the hub: structures of clips, with and without their bytes", async () => {
  using file = await openParquet(path("hub/data/train-00000-of-00001.parquet"));
  deepEqual([file.rows, file.columns[0]], [5, { name: "audio", kind: "file" }]);
  const expected = hub.train.map(({ tags: _, ...row }: ParquetRow) => row);
  deepEqual(await rowsOf(file), expected);
  const paths = expected.map(({ audio }: { audio?: { path: string } }) =>
    audio ? { path: audio.path } : null
  );
  deepEqual((await rowsOf(file, file.columns, ["audio"])).map(({ audio }) => audio), paths);
});

Deno.test("a file cut off anywhere, or with a false footer, is refused", async () => {
  for (let length = 0; length < train.length; length += 97) {
    await rejects(readBytes(train.slice(0, length)), /^UndertoneError: Expected a parquet file but found /);
  }
  const footer = (length: number, end = "PAR1") => {
    const bytes = train.slice();
    new DataView(bytes.buffer).setUint32(bytes.length - 8, length, true);
    return readBytes(Uint8Array.of(...bytes.subarray(0, -4), ...new TextEncoder().encode(end)));
  };
  await rejects(footer(4_000_000_000), /found a footer that claims 4000000000 bytes of 6686/);
  await rejects(footer(50), /found a damaged footer/);
  await rejects(footer(1000, "PARE"), /found an encrypted one .* Decrypt it/);
  await rejects(footer(1000, "XXXX"), /found one that is cut off/);
  await rejects(readBytes(new TextEncoder().encode("id,text\n")), /found a file of another kind/);
  const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
  await rejects(
    readBytes(new TextEncoder().encode(pointer)),
    /found a git-lfs pointer to it at .* Run .git lfs install/,
  );
  equal(await isParquet(path("expected.json")), false);
  equal(await isParquet(path("nothing")), false);
});

Deno.test("a compression or an encoding that is not read says what to do", async () => {
  using file = await openParquet(path("codecs/lz4.parquet"));
  await rejects(rowsOf(file), /compression by LZ4_RAW .* Write it with another compression, such as snappy/);
  using other = await openParquet(path("codecs/prefixes.parquet"));
  await rejects(rowsOf(other), /values in the encoding 7 in column 'text' .* plain or dictionary encoding/);
});

Deno.test("a page that claims gigabytes, or more values than rows, takes no memory", async () => {
  // A page of a dictionary begins with: kind 2, size 31, compressed 31, then a structure that begins with 4
  // values.
  deepEqual([...plain.subarray(4, 13)], [0x15, 4, 0x15, 62, 0x15, 62, 0x4c, 0x15, 8]);
  const huge = [0xfe, 0xff, 0xff, 0xff, 0x0f]; // 2^31 - 1
  const claiming = (at: number) =>
    readBytes(Uint8Array.of(...plain.subarray(0, at), ...huge, ...plain.subarray(at + 1)));
  const before = Deno.memoryUsage().rss;
  await rejects(claiming(7), /found a page of 31 bytes that claims 2147483647 in column 'text'/);
  await rejects(claiming(9), /found a page that is cut off in column 'text'/);
  await rejects(claiming(12), /found a page that claims 2147483647 values for 8 rows in column 'text'/);
  ok(Deno.memoryUsage().rss - before < 200 * 2 ** 20);
});

Deno.test("a value that repeats more often than there are rows takes no memory", async () => {
  // The levels of the first page of text: 2 bytes of length, then one run of packed bits.
  const at = plain.findIndex((_, i) =>
    i > 40 && plain[i] === 2 && !plain[i + 1] && !plain[i + 2] && !plain[i + 3]
  );
  deepEqual([...plain.subarray(at, at + 6)], [2, 0, 0, 0, 3, 0b11111011], "8 levels, the third of them 0");
  const file = plain.slice();
  file.set([0xfe, 0x7f], at + 4); // 8191 times
  await rejects(readBytes(file), /found runs of other values than the 8 of their page in column 'text'/);
});

Deno.test("mutants of parquet files are read or refused, quickly", async () => {
  const files = await Promise.all(
    ["none", "snappy", "zstd", "pages_v2", "differences"].map((name) =>
      Deno.readFile(path(`codecs/${name}.parquet`))
    ),
  );
  const { read, refused } = await tryMutants({
    of: "parquet",
    quick: 400,
    full: 30_000,
    make: (index) => {
      const file = [train, ...files][index % 6];
      if (index % 2) return byteMutant(file, 5, index);
      // One byte anywhere, the footer included.
      const { integer } = random(seedOf(6, index)), bytes = file.slice();
      bytes[integer(bytes.length)] = integer(256);
      return bytes;
    },
    read: readBytes,
  });
  ok(read > 0 && refused > 0);
});
