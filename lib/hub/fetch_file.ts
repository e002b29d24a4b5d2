/** One file from the hub: it grows in a part beside its place, and gets there only when it is whole and verified. */
import { dirname } from "node:path";
import { badInput, UndertoneError } from "../errors.ts";
import { unwritable } from "../files/mod.ts";
import { addressOf, type HubFile } from "./api.ts";
import { checksumOf } from "./checksum.ts";
import { type Hub, Passing, request, retrying, type Subject } from "./hub.ts";
import { sizeOf } from "./manifest.ts";

/** Where a file grows. */
export const partOf = (path: string): string => `${path}.part`;

export interface FetchOptions {
  signal?: AbortSignal;
  /** Hears how many bytes of the file are there. */
  onBytes?(have: number): void;
}

/**
 * Brings a file of a commit to `path`. A kill at any instant leaves a part that the next call goes on with, or the whole
 * file. Throws UndertoneError where the hub or the disk won't have it, or where what came is something else.
 */
export async function fetchFile(
  hub: Hub,
  subject: Subject,
  file: HubFile,
  path: string,
  options: FetchOptions = {},
): Promise<void> {
  const part = partOf(path);
  await onDisk(dirname(path), Deno.mkdir(dirname(path), { recursive: true }));
  for (;;) {
    const resumed = (await sizeOf(part) ?? 0) > 0;
    await fill(hub, subject, file, part, options);
    const found = await checksumOf(part, file.checksum, options);
    if (found === file.checksum) return await onDisk(path, Deno.rename(part, path));
    await onDisk(part, Deno.remove(part));
    if (resumed) continue; // its first bytes may have been spoilt before
    throw badInput({
      expected: `the checksum ${file.checksum}`,
      found,
      at: addressOf(hub, subject, file.path),
      todo: "Something changes the file on its way: try again, or go another one (HTTPS_PROXY, HF_ENDPOINT).",
    });
  }
}

/** Fetches what a part lacks, over as many connections as it takes. */
async function fill(
  hub: Hub,
  subject: Subject,
  { path, size }: HubFile,
  part: string,
  { signal, onBytes }: FetchOptions,
): Promise<void> {
  using target = await onDisk(part, Deno.open(part, { write: true, create: true }));
  let have = (await target.stat()).size;
  const startAt = async (byte: number) => {
    await target.truncate(byte);
    await target.seek(byte, Deno.SeekMode.Start);
    have = byte;
  };

  /** One connection; where it breaks, what came is kept, and nothing is thrown if something came. */
  const receive = async (response: Response, alive: () => void) => {
    const goesOn = response.headers.get("content-range")?.startsWith(`bytes ${have}-`) ?? false;
    await startAt(goesOn ? have : 0);
    const before = have;
    try {
      for await (const chunk of response.body ?? []) {
        alive();
        for (let written = 0; written < chunk.length;) {
          written += await onDisk(part, target.write(chunk.subarray(written)));
        }
        have += chunk.length;
        onBytes?.(have);
        if (have > size) return; // the checksum will tell
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (have === before || error instanceof UndertoneError) throw error;
    }
    if (have === before) throw new Passing(empty(response.url));
  };

  if (have > size) await startAt(0);
  while (have < size) {
    const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
    const url = addressOf(hub, subject, path);
    await retrying(hub, () => request(hub, url, subject, receive, { headers, signal }), signal);
    if (have < size) await hub.pause(1000, signal);
  }
  await onDisk(part, target.sync());
}

/** What the disk does, with its refusals in our words. */
const onDisk = <T>(path: string, work: Promise<T>): Promise<T> =>
  work.catch((cause) => {
    throw unwritable("a file", path, cause);
  });

const empty = (url: string) => ({
  expected: "the bytes of a file",
  found: "an empty answer",
  at: url,
  todo: "Try again later: what was fetched is kept.",
});
