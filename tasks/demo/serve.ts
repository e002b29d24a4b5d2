/** Serves the files of one folder to this machine. */
import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { badInput } from "../../lib/errors.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".onnx": "application/octet-stream",
  ".md": "text/plain; charset=utf-8",
};

/** Sent with each file. A browser then lets no script of the page reach another host. */
const HEADERS = {
  "cache-control": "no-cache",
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; media-src blob:; img-src data:; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Returns the answer to a request for a file of `folder`, whose files are `names`. */
export async function respond(
  request: Request,
  folder: string,
  names: ReadonlySet<string>,
): Promise<Response> {
  const { pathname } = new URL(request.url), name = pathname.slice(1) || "index.html";
  if (!["GET", "HEAD"].includes(request.method)) return new Response("Only GET and HEAD.", { status: 405 });
  const found = names.has(name) && await Deno.stat(join(folder, name)).catch(() => undefined); // gone meanwhile
  if (!found) return new Response("No such file.", { status: 404 });
  const headers = {
    ...HEADERS,
    "content-type": TYPES[extname(name)] ?? "text/plain",
    "content-length": `${found.size}`,
  };
  if (request.method === "HEAD") return new Response(null, { headers });
  return new Response((await Deno.open(join(folder, name))).readable, { headers });
}

/**
 * Serves a folder on 127.0.0.1, which no other machine reaches, until the signal is aborted. Port 0 takes a
 * free one. Throws UndertoneError if the port is taken.
 */
export async function serve(
  folder: string,
  { port, signal, onListen }: { port: number; signal: AbortSignal; onListen(url: string): void },
): Promise<void> {
  const names = new Set(
    [...readdirSync(folder, { withFileTypes: true })].filter((each) => each.isFile()).map((each) =>
      each.name
    ),
  );
  try {
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port,
      signal,
      onListen: ({ port }) => onListen(`http://127.0.0.1:${port}/`),
    }, (request) => respond(request, folder, names));
    await server.finished;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw badInput({
      expected: "a free port",
      found: "one that another program uses",
      at: `--port ${port}`,
      todo: "Choose another one, or 0 for any.",
    });
  }
}
