/**
 * Encodes clips with `acoustic` on one thread. features.ts starts it, and sends the paths of the clips of a
 * round in one line of JSON.
 */
import { useEngine } from "../../lib/compute/mod.ts";
import { readClip } from "../../lib/data/mod.ts";
import { speechEncoder } from "../../lib/encoders/mod.ts";
import { linesOf } from "./peer.ts";

if (import.meta.main) {
  await useEngine({ threads: 1 });
  const encoder = await speechEncoder("acoustic");
  console.log("ready");
  for await (const line of linesOf(Deno.stdin.readable)) {
    for (const path of JSON.parse(line)) await encoder.encode([(await readClip(path)).samples]);
    console.log("done");
  }
}
