import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { fileURLToPath } from "node:url";
import { listen, listenToAll } from "./listen.ts";
import { DISPLAY } from "./show.ts";

const clip = fileURLToPath(new URL("../testing/fixtures/audio/mp3_44k1_mono.mp3", import.meta.url));

Deno.test("a player holds the recording's own bytes and a caption as text", async () => {
  const bundle = await (await listen(clip, "<joy>"))[DISPLAY]() as Record<string, string>;
  const [, type, base64] = bundle["text/html"].match(/src="data:([\w/]+);base64,([^"]*)"/)!;
  deepEqual([type, bundle["text/plain"]], ["audio/mpeg", "<joy>"]);
  deepEqual(Uint8Array.fromBase64(base64), await Deno.readFile(clip));
  ok(bundle["text/html"].includes("&lt;joy&gt;"));
});

Deno.test("a missing file and one that browsers can't play are refused", async () => {
  await rejects(listen("nowhere.wav"), /Expected a recording but found none/);
  await rejects(listen(import.meta.filename!), /found another kind of file/);
});

Deno.test("a recording that is too large for a page is refused before it is read", async () => {
  const path = await Deno.makeTempFile({ suffix: ".wav" });
  await Deno.truncate(path, 2 ** 40); // takes no room on the disk
  await rejects(listen(path), /at most 32 MB but found one of 1048576 MB/);
  await Deno.remove(path);
});

Deno.test("several recordings have a player each, with their captions in order", async () => {
  const shown = await listenToAll([{ path: clip, caption: "one" }, { path: clip, caption: "two" }]);
  const bundle = await shown[DISPLAY]() as Record<string, string>;
  equal(bundle["text/html"].match(/<audio controls/g)!.length, 2);
  equal(bundle["text/plain"], "one\ntwo");
  await rejects(listenToAll([{ path: "nowhere.wav" }]), /Expected a recording but found none/);
});
