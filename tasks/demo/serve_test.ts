/** The server gives the files of one folder, to this machine alone. */
import { equal, match, ok, rejects } from "../../lib/testing/assert.ts";
import { respond, serve } from "./serve.ts";

const folder = await Deno.makeTempDir({ prefix: "undertone" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
for (const name of ["index.html", "page.js", "a.mjs", "a.wasm", "model.onnx", "style.css"]) {
  await Deno.writeTextFile(`${folder}/${name}`, name);
}

Deno.test("files have the types that browsers ask for; the folder itself is index.html", async () => {
  const stop = new AbortController(), { promise: url, resolve } = Promise.withResolvers<string>();
  const ended = serve(folder, { port: 0, signal: stop.signal, onListen: resolve });
  match(await url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const types = {
    "": "text/html; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "a.mjs": "text/javascript; charset=utf-8",
    "a.wasm": "application/wasm",
    "model.onnx": "application/octet-stream",
    "style.css": "text/css; charset=utf-8",
  };
  for (const [name, type] of Object.entries(types)) {
    const response = await fetch(await url + name);
    equal(response.headers.get("content-type"), type);
    equal(response.headers.get("content-length"), `${(name || "index.html").length}`);
    equal(await response.text(), name || "index.html");
  }
  const port = Number(new URL(await url).port);
  await rejects(serve(folder, { port, signal: stop.signal, onListen() {} }), /a free port .* at --port \d+/);
  stop.abort();
  await ended;
});

Deno.test("nothing else is served", async () => {
  const names = new Set(["index.html"]);
  const status = async (path: string, method = "GET") => {
    const response = await respond(new Request(`http://127.0.0.1${path}`, { method }), folder, names);
    await response.body?.cancel();
    return response.status;
  };
  equal(await status("/"), 200);
  equal(await status("/", "HEAD"), 200);
  equal(await status("/", "POST"), 405);
  for (
    const path of ["/page.js", "/../serve.ts", "/%2e%2e/serve.ts", "/..%2fserve.ts", "//etc/passwd", "/etc/"]
  ) {
    equal(await status(path), 404, path);
  }
  names.add("gone.js"); // a file that was there when the server began
  equal(await status("/gone.js"), 404);
  const { headers } = await respond(new Request("http://127.0.0.1/", { method: "HEAD" }), folder, names);
  ok(headers.get("content-security-policy")!.startsWith("default-src 'self'"));
});
