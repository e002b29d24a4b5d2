/** Free disk space, asked for before it is needed. */
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { badInput } from "../errors.ts";

/**
 * Returns the bytes that this user may still write to the disk of `path`, which need not exist yet. Returns
 * undefined if the system does not tell. Needs --allow-sys=statfs.
 */
export async function freeSpace(path: string): Promise<number | undefined> {
  for (let place = resolve(path);; place = dirname(place)) {
    try {
      const { bavail, bsize, blocks } = await statfs(place);
      return blocks === 0 ? undefined : bavail * bsize; // some network file systems tell zeros
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isMissing || place === dirname(place)) return undefined;
    }
  }
}

/**
 * Returns the free bytes of the disk of `path`, or undefined if the system does not tell. Throws
 * UndertoneError if they are fewer than `bytes`.
 */
export async function requireSpace(
  path: string,
  bytes: number,
  { free = freeSpace }: { free?: typeof freeSpace } = {},
): Promise<number | undefined> {
  const have = await free(path);
  if (have === undefined || have >= bytes) return have;
  throw badInput({
    expected: `${gigabytes(bytes)} of free disk space`,
    found: gigabytes(have),
    at: path,
    todo: "Free disk space, or name a folder on another disk.",
  });
}

/** Formats bytes: 12.3 GB, 0.4 GB, 35 MB. */
export const gigabytes = (bytes: number): string =>
  bytes < 1e8 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
