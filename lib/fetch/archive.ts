/**
 * Reads the files of an archive, zip or tar.gz, one after the other. Nothing is written here, links and
 * devices are left out, and what an archive may hold is bounded.
 */
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { createTarDecoder } from "modern-tar";
import { openRanges, readEntry, zipEntries, ZipFault } from "../files/mod.ts";
import { entryPath } from "./entry_path.ts";
import { RemoteFault } from "./http.ts";

/** A file in an archive. Its bytes must be read, or left, before the next one is asked for. */
export interface ArchivedFile {
  /** Relative path with `/`, which does not lead out of a folder. */
  path: string;
  size: number;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Its bytes as they come. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** CRC-32 of its bytes, if the archive tells. */
  crc?: number;
}

export interface ArchiveOptions {
  /** Most bytes that all files may have together. */
  most: number;
  signal?: AbortSignal;
  /** Whether a file is wanted; others are passed over. Default: all. */
  wanted?(path: string): boolean;
  /** Called with the bytes of the archive that were read. */
  onBytes?(read: number, size: number): void;
}

/** Most files of an archive. */
const MOST_FILES = 200_000;

/** Bytes that a file may have to be read into memory. */
const MOST_IN_MEMORY = 2 ** 30;

/** Yields the files of an archive. Throws RemoteFault if it is damaged, too large, or names files outside. */
export async function* archivedFiles(path: string, options: ArchiveOptions): AsyncGenerator<ArchivedFile> {
  const magic = new Uint8Array(2);
  {
    using file = await Deno.open(path);
    await file.read(magic);
  }
  if (magic[0] === 0x50 && magic[1] === 0x4b) yield* zipFiles(path, options);
  else if (magic[0] === 0x1f && magic[1] === 0x8b) yield* tarFiles(path, options);
  else throw fault(path, "a file that is neither");
}

const fault = (at: string, found: string) =>
  new RemoteFault({
    expected: "a zip or tar.gz archive",
    found,
    at,
    todo: "It is not the published archive, or it is damaged: remove it and fetch it again.",
  });

/** Counts files and bytes. Throws RemoteFault above the bounds. */
function counter(at: string, most: number) {
  let files = 0, bytes = 0;
  return (size: number) => {
    if (++files > MOST_FILES) throw fault(at, `one of more than ${MOST_FILES} files`);
    if ((bytes += size) > most) throw fault(at, `one that unpacks to more than ${most} bytes`);
  };
}

async function* zipFiles(
  archive: string,
  { most, signal, wanted = () => true, onBytes }: ArchiveOptions,
): AsyncGenerator<ArchivedFile> {
  using file = await openRanges(archive);
  const entries = await asFault(archive, zipEntries(file, { deflated: true }));
  const count = counter(archive, most);
  let read = 0;
  for (const entry of entries.values()) {
    signal?.throwIfAborted();
    const path = entryPath(entry.name, archive);
    read += entry.packed;
    onBytes?.(read, file.size);
    if (path === undefined || entry.isLink || !wanted(path)) continue;
    count(entry.size);
    if (entry.size > MOST_IN_MEMORY) throw fault(archive, `the entry ${path} of ${entry.size} bytes`);
    const bytes = () => asFault(archive, readEntry(file, entry));
    const stream = () =>
      ReadableStream.from((async function* () {
        yield await bytes();
      })());
    yield { path, size: entry.size, crc: entry.crc, bytes, stream };
  }
}

async function asFault<T>(archive: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ZipFault ? fault(archive, error.message) : error;
  }
}

/** Yields the files of a tar.gz, and those of a tar.gz in it in its place. */
async function* tarFiles(archive: string, options: ArchiveOptions): AsyncGenerator<ArchivedFile> {
  const { most, signal, onBytes } = options, file = await Deno.open(archive);
  const { size } = await file.stat();
  let read = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      signal?.throwIfAborted();
      onBytes?.(read += chunk.length, size);
      controller.enqueue(chunk);
    },
  });
  const reading = { archive, signal, wanted: options.wanted ?? (() => true), count: counter(archive, most) };
  yield* unpacked(file.readable.pipeThrough(counted), "", reading);
}

/** Unlike `DecompressionStream`, this reads archives that were packed in several parts. */
async function* gunzipped(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const source = Readable.from(packed), gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

interface Reading {
  archive: string;
  signal?: AbortSignal;
  wanted(path: string): boolean;
  count(size: number): void;
}

async function* unpacked(
  packed: ReadableStream<Uint8Array<ArrayBuffer>>,
  folder: string,
  reading: Reading,
): AsyncGenerator<ArchivedFile> {
  const { archive, wanted, count } = reading;
  const entries = ReadableStream.from(gunzipped(packed))
    .pipeThrough(createTarDecoder({ strict: true }));
  for await (const { header: { name, type, size }, body } of told(entries, reading)) {
    const path = entryPath(folder + name, archive);
    const isFile = type === undefined || type === "file";
    if (path !== undefined && isFile && path.endsWith(".tar.gz")) {
      const outer = path.slice(0, path.lastIndexOf("/") + 1);
      yield* unpacked(body as ReadableStream<Uint8Array<ArrayBuffer>>, outer, reading);
    } else if (path !== undefined && isFile && wanted(path)) {
      count(size);
      const parts = told(body as ReadableStream<Uint8Array<ArrayBuffer>>, reading);
      yield {
        path,
        size,
        bytes: () => new Response(ReadableStream.from(parts)).bytes(),
        stream: () => ReadableStream.from(parts),
      };
      await parts.return(undefined); // the next entry follows once this one is read or left
      if (!body.locked) await body.cancel();
    } else await body.cancel();
  }
}

/** Yields what a stream brings. Throws RemoteFault where its bytes are damaged. */
async function* told<T>(stream: ReadableStream<T>, { archive, signal }: Reading): AsyncGenerator<T> {
  try {
    for await (const each of stream) yield each;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RemoteFault) throw error;
    throw fault(archive, `a damaged one (${error instanceof Error ? error.message : error})`);
  }
}
