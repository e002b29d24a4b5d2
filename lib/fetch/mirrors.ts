/** Fetches a file from the first of several mirrors that has it. */
import { badInput } from "../errors.ts";
import { type Asker, fetchFile, type FetchOptions, type RemoteFile, totalOf } from "./file.ts";
import { HTTP, type Http, Passing, RemoteFault, request, retryAfter, statusOf } from "./http.ts";

export interface MirrorOptions extends FetchOptions {
  /** Default: patience for servers of the internet. */
  http?: Http;
  /** Called when a mirror fails and there is another one. */
  onFault?(url: string, why: string, next: string): void;
  /** Throws RemoteFault if a whole file without a checksum can't be right. It is then removed. */
  verify?(path: string): Promise<void>;
}

const LATER = "Try again later: what was fetched is kept.";

/**
 * Fetches a file to `path` from one of its mirrors, the preferred one first, and returns that mirror. Answers
 * that are web pages, or have another size than the file, are refused before a byte is read. Throws
 * UndertoneError if every mirror fails.
 */
export async function fetchMirrored(
  mirrors: readonly RemoteFile[],
  path: string,
  { http = HTTP, onFault, verify, ...options }: MirrorOptions = {},
): Promise<RemoteFile> {
  const faults: string[] = [];
  for (const [i, mirror] of mirrors.entries()) {
    try {
      await fetchFile(askerOf(http, mirror), mirror, path, options);
      if (verify && mirror.checksum === undefined) await verified(path, verify);
      return mirror;
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      if (mirrors.length === 1) throw error.sentence;
      faults.push(`${new URL(mirror.url).host}: ${error.message}`);
      if (i + 1 < mirrors.length) onFault?.(mirror.url, error.message, mirrors[i + 1].url);
    }
  }
  throw badInput({
    expected: `one of ${mirrors.length} mirrors to have the file`,
    found: faults.join("; "),
    at: mirrors[0].url,
    todo: "Check the network, or name a proxy with HTTPS_PROXY. Then try again: what was fetched is kept.",
  });
}

async function verified(path: string, verify: (path: string) => Promise<void>): Promise<void> {
  try {
    await verify(path);
  } catch (error) {
    if (error instanceof RemoteFault) await Deno.remove(path);
    throw error;
  }
}

/** Returns how a mirror is asked for its file. */
const askerOf = (http: Http, { url, size }: RemoteFile): Asker => ({
  http,
  request: (url, read, options) =>
    request(http, url, read, {
      ...options,
      refusal,
      todo: "Check the network, or name a proxy with HTTPS_PROXY. Then try again: what was fetched is kept.",
    }).catch((error) => {
      throw error instanceof Deno.errors.NotCapable ? forbidden(error, url) : error;
    }),
  inspect(response) {
    const expected = size === undefined ? "an archive" : `a file of ${size} bytes`;
    const wrong = (found: string) => new RemoteFault({ expected, found, at: url, todo: LATER });
    if (/^text\/html/i.test(response.headers.get("content-type") ?? "")) throw wrong("a web page");
    const total = totalOf(response);
    if (size !== undefined && total !== undefined && total !== size) throw wrong(`one of ${total} bytes`);
  },
  todo: "Something on the network changes the file: try again, or use another proxy (HTTPS_PROXY).",
});

function refusal(response: Response): RemoteFault {
  const why = { expected: "the file", found: statusOf(response), at: response.url, todo: LATER };
  const { status } = response;
  return status === 429 || status >= 500 ? new Passing(why, retryAfter(response)) : new RemoteFault(why);
}

/** Returns the error for a mirror that leads to a host which the process may not reach. */
function forbidden(error: Error, at: string): RemoteFault {
  const host = /net access to "([^"]+)"/.exec(error.message)?.[1] ?? "another host";
  return new RemoteFault({
    expected: "a host that this task may reach",
    found: `a way to ${host}, which it may not`,
    at,
    todo: "Add the host to the task's permissions in deno.json if you trust it.",
  }, error.message);
}
