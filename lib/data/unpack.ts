/** Unpacks the clips of a parquet file into the cache folder, because encoders and decoders read files. */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type ParquetFile, pathBeside, readJson, unwritable, writeJsonAtomic } from "../files/mod.ts";

/** Where the clips of a column are to lie. */
export interface PackedClips {
  /** The file that holds them. */
  file: ParquetFile;
  /** The column, of structures with `bytes` and `path` or of bytes alone. */
  column: string;
  /** The folder that is made, below the cache folder. */
  folder: string;
  /** Name of each row's clip in that folder. Undefined if the row has none. */
  names: readonly (string | undefined)[];
}

/**
 * The list in a folder that all clips are there: size of each row's clip, or null if the row has no bytes.
 */
const LIST = "clips.json";

/**
 * Returns the name of the folder for a file's clips: a fingerprint of its footer, size, time and column, so
 * that a changed file is unpacked again.
 */
export async function folderOf({ path, footer }: ParquetFile, column: string): Promise<string> {
  const { size, mtime } = await Deno.stat(path);
  const hash = createHash("sha256").update(footer).update(JSON.stringify([size, mtime?.getTime(), column]));
  return hash.digest("hex").slice(0, 16);
}

/**
 * Makes sure that the clips are in the folder, and returns which rows have bytes. Reads one row group at a
 * time. What an interrupted process has left is written again. Throws UndertoneError.
 */
export async function unpackClips(packed: PackedClips): Promise<boolean[]> {
  const known = await readJson(join(packed.folder, LIST)).catch(() => undefined);
  const sizes = isWhole(packed, known) ? known : await unpack(packed);
  return sizes.map((size) => size !== null);
}

/** Returns whether a list names clips that are all there. */
function isWhole({ folder, names }: PackedClips, sizes: unknown): sizes is (number | null)[] {
  const isThere = (size: unknown, i: number) =>
    size === null ||
    (names[i] !== undefined && statSync(join(folder, names[i]), { throwIfNoEntry: false })?.size === size);
  return Array.isArray(sizes) && sizes.length === names.length && sizes.every(isThere);
}

async function unpack({ file, column, folder, names }: PackedClips): Promise<(number | null)[]> {
  const sizes: (number | null)[] = [];
  for await (const rows of file.groups([column])) {
    for (const row of rows) {
      const bytes = bytesOf(row[column]), name = names[sizes.length];
      if (bytes && name !== undefined) await writeClip(join(folder, name), bytes);
      sizes.push(bytes && name !== undefined ? bytes.length : null);
    }
  }
  await writeJsonAtomic(join(folder, LIST), sizes);
  return sizes;
}

/** Returns the bytes of a cell, if it has some. */
function bytesOf(cell: unknown): Uint8Array | undefined {
  const bytes = cell instanceof Uint8Array ? cell : (cell as { bytes?: unknown } | null)?.bytes;
  return bytes instanceof Uint8Array ? bytes : undefined;
}

/** Writes a clip under another name first. Its size, not a sync of the disk, shows later that it is whole. */
async function writeClip(path: string, bytes: Uint8Array): Promise<void> {
  const beside = pathBeside(path);
  try {
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeFile(beside, bytes);
    await Deno.rename(beside, path);
  } catch (cause) {
    await Deno.remove(beside).catch(() => {});
    throw unwritable("a clip of the data set", path, cause);
  }
}

/**
 * Returns a name for the clip of each row that has one: that of its path, or `row-12` if it has none. A name
 * that another row has, also in other case, gets the row's number before it.
 */
export function clipNames(paths: readonly (string | null | undefined)[]): (string | undefined)[] {
  const wanted = paths.map((path, i) =>
    path === undefined ? undefined : safeName(path ?? "") || `row-${i + 1}`
  );
  const counts = new Map<string, number>();
  for (const name of wanted) {
    if (name !== undefined) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  }
  return wanted.map((name, i) =>
    name !== undefined && counts.get(name.toLowerCase())! > 1 ? `row-${i + 1}-${name}` : name
  );
}

/** Returns the file name in a path, without what no file system takes; empty if nothing is left. */
function safeName(path: string): string {
  const name = path.replace(/^.*[/\\]/s, "").replaceAll(/[\p{Cc}<>:"|?*]/gu, "_").trim();
  return name.replace(/^\.+/, "").slice(-120);
}
