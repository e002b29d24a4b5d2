/** Fetches one file from the hub into a `.part` file, and renames it once its checksum is right. */
import { dirname } from "node:path";
import { badInput, UndertoneError } from "../errors.ts";
import { unwritable } from "../files/mod.ts";
import { addressOf, type HubFile } from "./api.ts";
import { checksumOf } from "./checksum.ts";
import { type Hub, Passing, request, retrying, type Subject } from "./hub.ts";
import { sizeOf } from "./manifest.ts";

/** Path of the unfinished file. */
export const partOf = (path: string): string => `${path}.part`;

export interface FetchOptions {
  signal?: AbortSignal;
  /** Called with the bytes of the file that are on disk. */
  onBytes?(have: number): void;
}

/**
 * Fetches a file of a commit to `path`. An interruption leaves either a part, from which the next call
 * resumes, or the whole file. Throws UndertoneError if the hub refuses, the disk can't be written, or the
 * checksum is wrong.
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
    if (resumed) continue; // the resumed bytes may have been corrupt: start over once
    throw badInput({
      expected: `the checksum ${file.checksum}`,
      found,
      at: addressOf(hub, subject, file.path),
      todo: "Something on the network changes the file: try again, or use another proxy or mirror " +
        "(HTTPS_PROXY, HF_ENDPOINT).",
    });
  }
}

/** Fetches the missing bytes of a part, over as many connections as it takes. */
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

  /** Reads one connection. If it breaks after some bytes came, keeps them and does not throw. */
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
        if (have > size) return; // the checksum will be wrong and say so
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

/** Awaits a disk operation and rewords its errors. */
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
