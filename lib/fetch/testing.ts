/** A local server with files, and the faults of real ones, for tests only. */
import { createHash } from "node:crypto";
import { packTar, type TarEntry } from "modern-tar";
import type { Http } from "./http.ts";

/** A request that the server received. */
export interface Asked {
  path: string;
  range: string | null;
}

export interface FakeServer extends AsyncDisposable {
  origin: string;
  /** Files by path: `/a.zip`. */
  files: Record<string, Uint8Array<ArrayBuffer>>;
  asked: Asked[];
  /** Lengths of the pauses before retries, in ms; no pause takes real time. */
  pauses: number[];
  http: Http;
  /**
   * Sees each request first; a response that it returns is sent as the answer. `nth` counts from 1 by path.
   */
  intercept?(path: string, nth: number, request: Request): Response | undefined;
}

/** Starts a server that answers ranges, and names versions by ETag. */
export function fakeServer(files: FakeServer["files"] = {}): FakeServer {
  const counts = new Map<string, number>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname), range = request.headers.get("range");
    counts.set(path, (counts.get(path) ?? 0) + 1);
    fake.asked.push({ path, range });
    const own = fake.intercept?.(path, counts.get(path)!, request);
    if (own) return own;
    return path in fake.files ? ranged(fake.files[path], request) : new Response("none", { status: 404 });
  });
  const pauses: number[] = [];
  const fake: FakeServer = {
    origin: `http://127.0.0.1:${server.addr.port}`,
    files,
    asked: [],
    pauses,
    http: { silence: 10_000, pause: (time) => Promise.resolve(void pauses.push(time)) },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return fake;
}

/** The ETag of bytes. */
export const tagOf = (bytes: Uint8Array) => `"${createHash("sha1").update(bytes).digest("hex")}"`;

/** Answers with all bytes, or with those of the range if the client's version is the same. */
export function ranged(bytes: Uint8Array<ArrayBuffer>, { headers }: Request): Response {
  const etag = tagOf(bytes), from = Number(/^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1]);
  const isSame = (headers.get("if-range") ?? etag) === etag;
  if (!Number.isFinite(from) || !isSame) return new Response(bytes.slice(), { headers: { etag } });
  const range = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`, etag };
  if (from < bytes.length) return new Response(bytes.slice(from), { status: 206, headers: range });
  return new Response(null, { status: 416, headers: { "content-range": `bytes */${bytes.length}` } });
}

/**
 * Announces all bytes of an answer and sends the first `count`; then the connection breaks, or stays silent.
 */
export function cut(
  bytes: Uint8Array<ArrayBuffer>,
  count: number,
  then: "breaks" | "is silent" = "breaks",
): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, count));
      if (then === "breaks") controller.close();
    },
  });
  return new Response(body, { headers: { "content-length": `${bytes.length}`, etag: tagOf(bytes) } });
}

/** Bytes that differ from place to place, so that a misplaced range is noticed. */
export const noise = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed * 13) & 255);

/** Returns the checksum of bytes as `md5:…` or `sha256:…`. */
export const sumOf = (kind: "md5" | "sha256", bytes: Uint8Array): string =>
  `${kind}:${createHash(kind).update(bytes).digest("hex")}`;

export const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

export const gzip = (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  new Response(new Response(bytes).body!.pipeThrough(new CompressionStream("gzip"))).bytes();

/** Returns a tar.gz of files, and of entries that are no files. */
export async function tarGz(
  files: readonly (readonly [name: string, content: Uint8Array<ArrayBuffer>])[],
  others: readonly [name: string, type: "symlink" | "link" | "fifo"][] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const entries: TarEntry[] = files.map(([name, body]) => ({ header: { name, size: body.length }, body }));
  for (const [name, type] of others) {
    entries.push({ header: { name, type, size: 0, linkname: "/etc/passwd" } });
  }
  return await gzip(await packTar(entries));
}
