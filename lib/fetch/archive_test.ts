import { deepEqual, rejects } from "../testing/assert.ts";
import { zipOf } from "../testing/zip_writer.ts";
import { archivedFiles, type ArchiveOptions } from "./archive.ts";
import { RemoteFault } from "./http.ts";
import { gzip, tarGz, text } from "./testing.ts";

/** Returns the files of an archive with their content as text. */
async function contents(bytes: Uint8Array, options: Partial<ArchiveOptions> = {}) {
  const path = await Deno.makeTempFile(), found: Record<string, string> = {};
  try {
    await Deno.writeFile(path, bytes);
    for await (const file of archivedFiles(path, { most: 1e6, ...options })) {
      found[file.path] = new TextDecoder().decode(await file.bytes());
    }
  } catch (error) {
    throw error instanceof RemoteFault ? error.sentence : error;
  } finally {
    await Deno.remove(path);
  }
  return found;
}

const FILES: [string, Uint8Array<ArrayBuffer>][] = [["a/b.csv", text("x,y")], ["a/c.wav", text("RIFF")], [
  "a/__MACOSX/._c.wav",
  text("junk"),
], ["./d", text("")]];
const KEPT = { "a/b.csv": "x,y", "a/c.wav": "RIFF", d: "" };

Deno.test("zip and tar.gz give the same files, without what operating systems add", async () => {
  deepEqual(await contents(zipOf([...FILES, ["a/", text("")]])), KEPT);
  deepEqual(await contents(await tarGz(FILES)), KEPT);
});

Deno.test("a tar.gz in a tar.gz is unpacked in its place, and unwanted files are passed over", async () => {
  const outer = await tarGz([["M/train.tar.gz", await tarGz(FILES)], ["M/e.csv", text("z")]]);
  deepEqual(await contents(outer, { wanted: (path) => path.endsWith(".csv") }), {
    "M/a/b.csv": "x,y",
    "M/e.csv": "z",
  });
});

Deno.test("an archive that was packed in several parts is read to its end", async () => {
  const tar = await new Response(
    new Response(await tarGz(FILES)).body!.pipeThrough(new DecompressionStream("gzip")),
  ).bytes();
  const parts = [await gzip(tar.slice(0, 700)), await gzip(tar.slice(700))];
  deepEqual(await contents(await new Blob(parts).bytes()), KEPT);
});

Deno.test("names that lead out of the folder are refused", async () => {
  const names = ["../x", "a/../../x", "/etc/x", "C:/x", "a\\..\\x", "a/x\n", "a/" + "x".repeat(256)];
  for (const name of names) {
    const told = /^UndertoneError: Expected an archive whose files stay in its folder but found the entry "/;
    await rejects(contents(zipOf([[name, text("x")]])), told, name);
    if (name.length < 100) await rejects(contents(await tarGz([[name, text("x")]])), told, name);
  }
});

Deno.test("links are passed over", async () => {
  const zip = zipOf([["link", text("/etc/passwd")], ["file", text("x")]]).slice(),
    view = new DataView(zip.buffer);
  for (let at = 0; at < zip.length - 4; at++) {
    if (view.getUint32(at, true) === 0x02014b50) {
      view.setUint32(at + 38, 0o120777 * 65536, true);
      break;
    }
  }
  deepEqual(await contents(zip), { file: "x" });
  const tar = await tarGz([["file", text("x")]], [["link", "symlink"], ["hard", "link"], ["pipe", "fifo"]]);
  deepEqual(await contents(tar), { file: "x" });
});

Deno.test("what an archive unpacks to is bounded", async () => {
  const zeros = new Uint8Array(2e6);
  await rejects(contents(zipOf([["a", zeros]])), /one that unpacks to more than 1000000 bytes/);
  await rejects(contents(await tarGz([["a", zeros]])), /one that unpacks to more than 1000000 bytes/);
});

Deno.test("damaged archives are refused", async () => {
  const tar = await tarGz(FILES), zip = zipOf(FILES);
  const bad = zip.slice();
  bad[35] ^= 1; // the content of the first entry starts at 30 + 7
  bad[38] ^= 1;
  await rejects(contents(tar.slice(0, -20)), /found a damaged one \(.*remove it and fetch it again\.$/);
  await rejects(contents(await gzip(text("no tar at all".repeat(100)))), /found a damaged one/);
  await rejects(contents(zip.slice(0, -5)), /found a zip archive without its end/);
  await rejects(contents(bad), /another checksum than its directory's/);
  await rejects(
    contents(text("<html>")),
    /Expected a zip or tar\.gz archive but found a file that is neither/,
  );
});

Deno.test("reading ends when it is stopped", async () => {
  const stop = AbortSignal.abort(new Error("stopped"));
  await rejects(contents(zipOf(FILES), { signal: stop }), (error) => error === stop.reason);
  await rejects(contents(await tarGz(FILES), { signal: stop }), (error) => error === stop.reason);
});
