/** Gets a release: checks the disk, fetches its archives, unpacks them, and keeps a record. */
import { join } from "node:path";
import { count } from "../errors.ts";
import { listFiles, requireFlacEncoder } from "../data/mod.ts";
import {
  archivedFiles,
  fetchMirrored,
  type freeSpace,
  type Http,
  partOf,
  RemoteFault,
  requireSpace,
  sizeOf,
} from "../fetch/mod.ts";
import { requireWritable } from "../files/mod.ts";
import { fetchPointers } from "./lfs.ts";
import { isComplete, readRecord, type ReleaseRecord, requireFolderFor, writeRecord } from "./record.ts";
import type { Archive, Release } from "./release.ts";
import { boundOf, placeOf, unpack, type Unpacked } from "./unpack.ts";

/** What getting a release takes. */
export interface GetPlan {
  folder: string;
  /** Whether everything is there already. */
  isComplete: boolean;
  /** Bytes to fetch, and free bytes that the disk needs; both about. */
  fetch: number;
  space: number;
}

export interface GetOptions {
  signal?: AbortSignal;
  http?: Http;
  /** Videos that are read at the same time. Default: one for each core. */
  workers?: number;
  /** Keeps the archives, which are removed otherwise once everything is unpacked. */
  keep?: boolean;
  /** Asks for free disk space. Default: the system's. */
  free?: typeof freeSpace;
  onProgress?(
    step: "fetch" | "unpack" | "fetch clips",
    done: number,
    total: number,
    what: string,
  ): void;
  onNote?(note: string): void;
}

/** A release in a folder. */
export interface GotRelease {
  folder: string;
  /** Number of clips. */
  clips: number;
  record: ReleaseRecord;
  notes: string[];
}

/** Returns what getting a release takes. Throws UndertoneError if the folder holds something else. */
export async function planRelease(release: Release, folder: string): Promise<GetPlan> {
  const before = await readRecord(folder);
  await requireFolderFor(release.id, folder, before);
  if (before && await isComplete(folder, before)) return { folder, isComplete: true, fetch: 0, space: 0 };
  let lacking = 0;
  for (const archive of release.archives) lacking += await lackingOf(archive, folder);
  const clips = release.lfs ? await clipsIn(release, folder) : [];
  let there = 0;
  for (const path of clips) there += await sizeOf(join(folder, path)) ?? 0;
  const fetch = lacking + Math.max(0, (release.lfsBytes ?? 0) - there);
  return { folder, isComplete: false, fetch, space: lacking + Math.max(0, release.unpacked - there) };
}

/** Returns the bytes of an archive that are not on the disk. */
async function lackingOf({ name, mirrors, about }: Archive, folder: string): Promise<number> {
  const path = join(folder, name);
  if (await sizeOf(path) !== undefined) return 0;
  return Math.max(0, (mirrors[0].size ?? about) - (await sizeOf(partOf(path)) ?? 0));
}

/**
 * Gets a release into a folder. What is there is not fetched again; an interrupted call is continued. Throws
 * UndertoneError if no mirror has an archive, the disk is too small, or ffmpeg lacks for videos.
 */
export async function getRelease(
  release: Release,
  folder: string,
  options: GetOptions = {},
): Promise<GotRelease> {
  const { signal, free, keep, onNote } = options, plan = await planRelease(release, folder);
  const before = await readRecord(folder);
  if (before && plan.isComplete) return await gotten(release, folder, before);
  if (release.videos) await requireFlacEncoder();
  if (await requireSpace(folder, plan.space, { free }) === undefined) {
    onNote?.("the system does not tell the free disk space");
  }
  await requireWritable(folder);
  if (before?.files) await removeChanged(folder, before.files, onNote);

  const record: ReleaseRecord = { release: release.id, archives: [], faults: {} };
  await writeRecord(folder, { ...record, archives: before?.archives ?? [] });
  for (const archive of release.archives) {
    const origin = before?.archives.find(({ name }) => name === archive.name);
    record.archives.push(await fetchArchive(release, archive, folder, options, origin));
    await writeRecord(folder, record);
    const { pointers, faults } = await unpackArchive(release, join(folder, archive.name), options, folder);
    Object.assign(record.faults, before?.faults, faults);
    if (pointers.size > 0) {
      await fetchPointers(pointers, release.lfs!, folder, {
        ...options,
        onFault: (url, why, next) => onNote?.(faultNote(url, why, next)),
        onBytes: (have, total, path) => options.onProgress?.("fetch clips", have, total, path),
      });
    }
  }
  signal?.throwIfAborted();
  if (!keep) {
    for (const { name } of release.archives) await Deno.remove(join(folder, name));
  }
  record.files = {};
  for (const path of await listFiles(folder, 10)) {
    const archived = release.archives.some(({ name }) => name === path);
    if (!archived && path !== "undertone-data.json") record.files[path] = (await sizeOf(join(folder, path)))!;
  }
  await writeRecord(folder, record);
  return await gotten(release, folder, record);
}

/** Removes files whose size has changed, so that they are unpacked again. */
async function removeChanged(folder: string, files: Record<string, number>, onNote: GetOptions["onNote"]) {
  for (const [path, size] of Object.entries(files)) {
    const found = await sizeOf(join(folder, path));
    if (found === undefined || found === size) continue;
    onNote?.(`${path} has changed since it was unpacked, and is replaced`);
    await Deno.remove(join(folder, path));
  }
}

const faultNote = (url: string, why: string, next: string) =>
  `${new URL(url).host}: found ${why}; trying ${new URL(next).host}`;

/** Fetches an archive unless it is there, and returns its record. */
async function fetchArchive(
  release: Release,
  { name, mirrors, about }: Archive,
  folder: string,
  { http, signal, onProgress, onNote }: GetOptions,
  before?: ReleaseRecord["archives"][number],
): Promise<ReleaseRecord["archives"][number]> {
  const path = join(folder, name);
  if (before && await sizeOf(path) !== undefined) return before;
  const { url, checksum } = await fetchMirrored(mirrors, path, {
    http,
    signal,
    onBytes: (have, size) => onProgress?.("fetch", have, size ?? Math.max(about, have), name),
    onRestart: (why) => onNote?.(`starting over: ${why}`),
    onFault: (url, why, next) => onNote?.(faultNote(url, why, next)),
    verify: (path) => requireClips(release, path),
  });
  return { name, url, checksum: checksum ?? null };
}

/**
 * Throws RemoteFault if an archive is damaged, or lacks clips of its release. Reads a zip's directory alone.
 */
async function requireClips(release: Release, archive: string): Promise<void> {
  let clips = 0;
  const wanted = (entry: string) => {
    const path = placeOf(release, entry);
    return path !== undefined && release.clips.test(path);
  };
  for await (const _ of archivedFiles(archive, { most: boundOf(release), wanted })) clips++;
  const { clipCount = 1 } = release;
  if (clips >= clipCount) return;
  throw new RemoteFault({
    expected: `an archive with ${clipCount} clips`,
    found: `one with ${clips}`,
    at: archive,
    todo: "Fetch it again later.",
  });
}

/** Unpacks an archive. One that is damaged is removed, so that the next call fetches it again. */
async function unpackArchive(
  release: Release,
  archive: string,
  { signal, workers, onProgress }: GetOptions,
  folder: string,
): Promise<Unpacked> {
  const onBytes = (read: number, size: number, path: string) => onProgress?.("unpack", read, size, path);
  try {
    return await unpack(release, archive, folder, { signal, workers, onBytes });
  } catch (error) {
    if (!(error instanceof RemoteFault)) throw error;
    await Deno.remove(archive);
    throw error.sentence;
  }
}

const clipsIn = async ({ clips }: Release, folder: string): Promise<string[]> =>
  (await listFiles(folder, 10).catch(() => [])).filter((path) => clips.test(path));

/** Returns a release that is there, with what a user should know of it. */
async function gotten(release: Release, folder: string, record: ReleaseRecord): Promise<GotRelease> {
  const { length } = await clipsIn(release, folder), { clipCount, name } = release, notes: string[] = [];
  if (clipCount !== undefined && length !== clipCount) {
    notes.push(`${name} has ${clipCount} clips as published; ${length} are here.`);
  }
  const silent = Object.entries(record.faults);
  if (silent.length > 0) {
    const [path, why] = silent[0];
    const videos = count(silent.length, "video");
    notes.push(`No usable sound in ${videos}, which stays as it is, e.g. ${path}: ${why}`);
  }
  for (const { checksum, url } of record.archives) {
    if (checksum === null) notes.push(`${new URL(url).host} publishes no checksum of its archive.`);
  }
  return { folder, clips: length, record, notes };
}
