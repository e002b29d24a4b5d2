/** Fetches one file into a `.part` file, and renames it once it is whole and its checksum is right. */
import { dirname } from "node:path";
import { z } from "zod";
import { UndertoneError } from "../errors.ts";
import { readJson, unwritable, writeJsonAtomic } from "../files/mod.ts";
import { checksumOf } from "./checksum.ts";
import { type Http, Passing, RemoteFault, retrying } from "./http.ts";

/** Path of the unfinished file. */
export const partOf = (path: string): string => `${path}.part`;

/** Path of the record that says which version of which URL a part is of. */
const originOf = (path: string): string => `${partOf(path)}.json`;

/** A file of the internet. */
export interface RemoteFile {
  url: string;
  /** Bytes, if known. */
  size?: number;
  /** `sha256:…`, `md5:…` or `git:…`, if known. */
  checksum?: string;
}

/** Who asks for a file, and how. */
export interface Asker {
  http: Http;
  /** Sends a GET request, once. */
  request(
    url: string,
    read: (response: Response, alive: () => void) => Promise<void>,
    options: { headers: Record<string, string>; signal?: AbortSignal },
  ): Promise<void>;
  /** Throws RemoteFault if a response can't be the file. Its bytes are then not read, and the part stays. */
  inspect?(response: Response): void;
  /** What the user can do if bytes arrive with a wrong checksum. */
  todo: string;
}

export interface FetchOptions {
  signal?: AbortSignal;
  /** Called with the bytes of the file that are on disk, and its size if known. */
  onBytes?(have: number, size?: number): void;
  /** Called with the reason why bytes that were fetched before are fetched again. */
  onRestart?(why: string): void;
}

/**
 * Fetches a file to `path`. An interruption leaves either a part, from which the next call resumes, or the
 * whole file. Without a checksum, it resumes only where the server says that its file is still the same.
 * Throws RemoteFault if the server refuses or sends something else, and UndertoneError if the disk can't be
 * written.
 */
export async function fetchFile(
  asker: Asker,
  file: RemoteFile,
  path: string,
  options: FetchOptions = {},
): Promise<void> {
  const part = partOf(path), { checksum } = file;
  await onDisk(dirname(path), Deno.mkdir(dirname(path), { recursive: true }));
  for (;;) {
    const resumed = (await sizeOf(part) ?? 0) > 0;
    await fill(asker, file, path, options);
    const found = checksum && await checksumOf(part, checksum, options);
    if (found === checksum) {
      await onDisk(path, Deno.rename(part, path));
      return await removed(originOf(path));
    }
    await onDisk(part, Deno.remove(part));
    if (resumed) { // the resumed bytes may have been corrupt: start over once
      options.onRestart?.("the resumed file has a wrong checksum");
      continue;
    }
    throw new RemoteFault({
      expected: `the checksum ${checksum}`,
      found: found!,
      at: file.url,
      todo: asker.todo,
    });
  }
}

/** Fetches the missing bytes of a part, over as many connections as it takes. */
async function fill(
  { http, request, inspect }: Asker,
  { url, size: known, checksum }: RemoteFile,
  path: string,
  { signal, onBytes, onRestart }: FetchOptions,
): Promise<void> {
  const part = partOf(path);
  using target = await onDisk(part, Deno.open(part, { write: true, create: true }));
  let have = (await target.stat()).size, size = known, isWhole = false;
  let version = checksum === undefined ? await versionOf(path, url) : undefined;
  const startAt = async (byte: number, why = "") => {
    if (byte < have) onRestart?.(why);
    await target.truncate(byte);
    await target.seek(byte, Deno.SeekMode.Start);
    have = byte;
  };

  /** Reads one connection. If it breaks after some bytes came, keeps them and does not throw. */
  const receive = async (response: Response, alive: () => void) => {
    const { status, headers } = response, range = /^bytes (\d+|\*)/.exec(headers.get("content-range") ?? "");
    const total = totalOf(response);
    if (status === 416) {
      await response.body?.cancel();
      if (have > 0 && total === have) isWhole = true; // the last stop was just before the renaming
      else await startAt(0, "the server's file is shorter");
      return;
    }
    inspect?.(response);
    const isSame = checksum !== undefined || (version !== undefined && validatorOf(headers) === version);
    const goesOn = range?.[1] === `${have}` && isSame;
    if (status === 206 && have > 0 && !goesOn) { // its bytes are of a middle that does not fit
      await response.body?.cancel();
      return await startAt(0, "the server's file has changed");
    }
    await startAt(goesOn ? have : 0, version ? "the server's file has changed" : "the server sends no parts");
    if (checksum === undefined && !goesOn) {
      version = validatorOf(headers);
      await writeJsonAtomic(originOf(path), { url, version });
    }
    size = known ?? total;
    const before = have;
    try {
      for await (const chunk of response.body ?? []) {
        alive();
        for (let written = 0; written < chunk.length;) {
          written += await onDisk(part, target.write(chunk.subarray(written)));
        }
        have += chunk.length;
        onBytes?.(have, size);
        if (size !== undefined && have > size) break; // the checksum will be wrong and say so
      }
      isWhole = size === undefined || have >= size;
    } catch (error) {
      signal?.throwIfAborted();
      if (have === before || error instanceof UndertoneError) throw error;
    }
    if (have === before) throw new Passing(empty(response.url));
  };

  if (known !== undefined && have > known) await startAt(0, "more bytes than the file has");
  if (checksum === undefined && have > 0 && version === undefined) {
    await startAt(0, "nothing tells whether the server's file is still the same");
  }
  isWhole = known !== undefined && have === known;
  while (!isWhole) {
    const headers: Record<string, string> = have === 0 ? {} : {
      range: `bytes=${have}-`,
      ...version === undefined ? {} : { "if-range": version },
    };
    await retrying(http, () => request(url, receive, { headers, signal }), signal);
    if (!isWhole) await http.pause(1000, signal);
  }
  await onDisk(part, target.sync());
}

/** Returns the bytes of the whole file that a response is of, if it tells. */
export function totalOf({ status, headers }: Response): number | undefined {
  const told = status === 200
    ? headers.get("content-length")
    : /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return told ? Number(told) : undefined;
}

/** Returns what names a version of the server's file exactly: a strong ETag, or else its date. */
function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get("etag");
  return (tag?.startsWith('"') ? tag : headers.get("last-modified")) ?? undefined;
}

const origin = z.object({ url: z.string(), version: z.string().optional() });

/** Returns the version of the server's file that a part is of, if it is of this URL. */
async function versionOf(path: string, url: string): Promise<string | undefined> {
  if (await sizeOf(originOf(path)) === undefined) return undefined;
  const told = origin.safeParse(await readJson(originOf(path)).catch(() => undefined));
  return told.data?.url === url ? told.data.version : undefined;
}

/** Returns the size of a file in bytes, or undefined if it does not exist. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function removed(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {}); // it need not be there
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
