/** Unpacks the archive of a release: files as they are, videos as FLAC, git-lfs pointers as a list. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { soundWriter } from "../data/mod.ts";
import { type ArchivedFile, archivedFiles, sizeOf } from "../fetch/mod.ts";
import { type LfsPointer, lfsPointer, unwritable, writeFileAtomic } from "../files/mod.ts";
import type { Release } from "./release.ts";

export interface UnpackOptions {
  signal?: AbortSignal;
  /** Videos that are read at the same time. Default: one for each core. */
  workers?: number;
  /** Called with the bytes of the archive that were read, and the path that was unpacked last. */
  onBytes?(read: number, size: number, path: string): void;
}

export interface Unpacked {
  /** Files that the archive holds as pointers, by path. */
  pointers: Map<string, LfsPointer>;
  /** Videos without usable sound, by path, with the reason. They are unpacked as they are. */
  faults: Record<string, string>;
}

/** Folder for videos until their sound is read. */
const WORK = ".unpacking";

/** How many times larger than expected a release may be. */
const MARGIN = 20;

/** Returns the path of an entry below the folder of the release, or undefined if it is not wanted. */
export function placeOf({ top, wanted }: Release, entry: string): string | undefined {
  const path = top ? entry.replace(top, "") : entry;
  return wanted === undefined || wanted.test(path) ? path : undefined;
}

/** Returns the most bytes that the archives of a release may unpack to. */
export const boundOf = (release: Release): number =>
  MARGIN * (release.unpacked + release.archives.reduce((sum, { about }) => sum + about, 0));

/**
 * Unpacks an archive into a folder. Files that are there already are left alone. Throws RemoteFault if the
 * archive is damaged, and UndertoneError if the disk can't be written.
 */
export async function unpack(
  release: Release,
  archive: string,
  folder: string,
  { signal, workers, onBytes }: UnpackOptions = {},
): Promise<Unpacked> {
  const unpacked: Unpacked = { pointers: new Map(), faults: {} };
  const place = (entry: string) => placeOf(release, entry);
  using sound = soundWriter({ workers });
  const busy = new Set<Promise<void>>(), work = join(folder, WORK);
  let last = "";
  const files = archivedFiles(archive, {
    most: boundOf(release),
    signal,
    wanted: (entry) => place(entry) !== undefined,
    onBytes: (read, size) => onBytes?.(read, size, last),
  });
  try {
    for await (const file of files) {
      const path = last = place(file.path)!;
      if (!release.videos?.test(path)) {
        await unpackFile(file, path, join(folder, path), release.lfs ? unpacked.pointers : undefined);
        continue;
      }
      const video = join(folder, path), flac = join(folder, flacOf(path));
      if (existsSync(flac) || await sizeOf(video) === file.size) continue;
      const aside = join(work, path.replaceAll("/", "_"));
      await written(aside, file);
      await Deno.mkdir(dirname(flac), { recursive: true });
      const job = sound.write(aside, flac).then(async ({ fault }) => {
        if (fault === undefined) return await Deno.remove(aside);
        unpacked.faults[path] = fault.replaceAll(aside, path);
        await Deno.rename(aside, video);
      });
      const done = job.finally(() => busy.delete(done));
      busy.add(done);
      if (busy.size >= 2 * (workers ?? navigator.hardwareConcurrency)) await Promise.race(busy);
    }
    await Promise.all(busy);
  } finally {
    await Promise.allSettled(busy);
    await Deno.remove(work, { recursive: true }).catch(() => {}); // there may be none
  }
  return unpacked;
}

/** Returns the path of the sound of a video: `a/dia0_utt0.flac`. */
const flacOf = (path: string): string => path.replace(/\.[^./]+$/, ".flac");

async function unpackFile(file: ArchivedFile, path: string, to: string, pointers?: Map<string, LfsPointer>) {
  if (pointers === undefined && await isThere(file, to)) return;
  const bytes = await file.bytes(), pointer = pointers && lfsPointer(bytes);
  if (pointer) pointers.set(path, pointer);
  else if (pointers === undefined || !await isThere(file, to)) await writeFileAtomic(to, bytes);
}

/** Returns whether a file is there with the archive's size and, if it tells one, its CRC-32. */
async function isThere({ size, crc }: ArchivedFile, path: string): Promise<boolean> {
  if (crc === undefined || await sizeOf(path) !== size) return false;
  return crc32(await Deno.readFile(path)) === crc;
}

/** Writes a file of the archive as its bytes come. */
async function written(path: string, file: ArchivedFile): Promise<void> {
  const onDisk = <T>(job: Promise<T>): Promise<T> =>
    job.catch((cause) => {
      throw unwritable("a file", path, cause);
    });
  await onDisk(Deno.mkdir(dirname(path), { recursive: true }));
  using target = await onDisk(Deno.open(path, { write: true, create: true, truncate: true }));
  for await (const chunk of file.stream()) {
    for (let at = 0; at < chunk.length;) at += await onDisk(target.write(chunk.subarray(at)));
  }
}
