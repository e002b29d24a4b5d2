/** A local server that answers like Hugging Face's hub, for tests only. */
import { createHash } from "node:crypto";
import type { Hub } from "./hub.ts";

/** A request that the hub received. */
export interface Asked {
  /** The server asked: `hub`, or `store`, another origin to which the hub redirects for large files. */
  of: "hub" | "store";
  path: string;
  token: string | null;
  range: string | null;
}

export interface FakeHub extends AsyncDisposable {
  hub: Hub;
  asked: Asked[];
  /** Lengths of the pauses before retries, in ms; no pause takes real time. */
  pauses: number[];
  /** Commits by branch name; `main` is 40 times "a" at first. */
  branches: Record<string, string>;
  /** Files by path, the same for every commit. */
  files: Record<string, Uint8Array>;
  /** Address of the store. */
  store: string;
  /** Sees each request first; a response that it returns is sent as the answer. */
  intercept?(asked: Asked, request: Request): Response | Promise<Response> | undefined;
}

const LARGE = 1000;
const MODEL = "some/model";

/** Files of a model: those that `choose` takes, large weights among them, and others that it leaves out. */
export const modelFiles = (): Record<string, Uint8Array> => ({
  "README.md": text("# A model"),
  "config.json": text('{"model_type": "bert"}'),
  "tokenizer.json": text('{"model": {}}'),
  "model.safetensors": noise(300_000, 1),
  "pytorch_model.bin": noise(2000, 2),
  "onnx/model.onnx": noise(5000, 3),
  "onnx/model_quantized.onnx": noise(3000, 4),
});

export const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Bytes that differ from place to place, so that a misplaced range is noticed. */
export const noise = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed * 13) & 255);

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const gitSha1 = (bytes: Uint8Array) =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

/** A hub with the model `some/model`. */
export function fakeHub(files = modelFiles()): FakeHub {
  const fake = { files, asked: [], pauses: [], branches: { main: "a".repeat(40) } } as unknown as FakeHub;

  const serve = (of: Asked["of"], answer: (url: URL, request: Request) => Response) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      const url = new URL(request.url), { headers } = request;
      const path = decodeURIComponent(url.pathname + url.search);
      const asked = { of, path, token: headers.get("authorization"), range: headers.get("range") };
      fake.asked.push(asked);
      return fake.intercept?.(asked, request) ?? answer(url, request);
    });
  const originOf = ({ addr }: Deno.HttpServer<Deno.NetAddr>) => `http://127.0.0.1:${addr.port}`;

  const store = serve("store", (url, request) => {
    const bytes = Object.values(fake.files).find((bytes) => url.pathname === `/${sha256(bytes)}`)!;
    return partial(bytes, request);
  });
  const hub = serve("hub", (url, request) => {
    const { pathname, search } = url, api = `/api/models/${MODEL}`;
    if (pathname.startsWith(`${api}/revision/`)) {
      const revision = decodeURIComponent(pathname.slice(`${api}/revision/`.length));
      const sha = fake.branches[revision];
      return sha ? Response.json({ id: MODEL, sha }) : refused(404, "RevisionNotFound");
    }
    if (pathname.startsWith(`${api}/tree/`)) {
      const entries = Object.entries(fake.files).map(([path, bytes]) =>
        bytes.length < LARGE ? { type: "file", oid: gitSha1(bytes), size: bytes.length, path } : {
          type: "file",
          oid: gitSha1(text("a pointer")),
          size: bytes.length,
          path,
          lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 },
        }
      );
      // Two pages, as for long listings.
      if (search.includes("cursor")) return Response.json(entries.slice(3));
      const next = `<${url.origin}${pathname}?recursive=true&cursor=x>; rel="next"`;
      const folder = { type: "directory", oid: gitSha1(text("onnx")), size: 0, path: "onnx" };
      return Response.json([folder, ...entries.slice(0, 3)], { headers: { link: next } });
    }
    const [, path] = pathname.match(`^/${MODEL}/resolve/[0-9a-f]{40}/(.*)$`) ?? [];
    const bytes = fake.files[path];
    if (!bytes) return refused(404, path ? "EntryNotFound" : "RepoNotFound");
    if (bytes.length < LARGE) return partial(bytes, request);
    return new Response(null, { status: 302, headers: { location: `${originOf(store)}/${sha256(bytes)}` } });
  });

  fake.store = originOf(store);
  fake.hub = {
    endpoint: originOf(hub),
    silence: 10_000,
    pause: (time) => Promise.resolve(void fake.pauses.push(time)),
  };
  fake[Symbol.asyncDispose] = async () => {
    await Promise.all([hub.shutdown(), store.shutdown()]);
  };
  return fake;
}

/** A refusal in the hub's format. */
export const refused = (status: number, code: string, message = code): Response =>
  new Response(message, { status, headers: { "x-error-code": code, "x-error-message": message } });

/** Answers with all bytes, or with those from the start of the requested range on. */
function partial(bytes: Uint8Array, request: Request): Response {
  const from = request.headers.get("range")?.match(/^bytes=(\d+)-$/)?.[1];
  if (from === undefined) return new Response(bytes.slice());
  const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  return new Response(bytes.slice(Number(from)), { status: 206, headers: { "content-range": range } });
}

/** An answer that announces `length` bytes and sends `bytes`; then the connection breaks or stays silent. */
export function broken(bytes: Uint8Array, length: number, then: "breaks" | "is silent"): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      if (then === "breaks") controller.close();
    },
  });
  return new Response(body, { headers: { "content-length": `${length}` } });
}
