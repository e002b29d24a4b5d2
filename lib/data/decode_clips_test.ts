import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { fixture } from "../testing/shared.ts";
import { decodeClips } from "./decode_clips.ts";
import type { Dataset } from "./utterance.ts";

const dataset = (root: string, clips: readonly (string | undefined)[]): Dataset => ({
  target: "class",
  name: "x",
  labels: [],
  source: root,
  root,
  rejected: [],
  notes: [],
  rows: clips.map((audio, i) => ({ id: `r${i}`, split: "train", text: "Hi", audio })),
});

Deno.test("every clip is decoded once, and broken ones are named with their rows", async () => {
  const clips = [
    "pcm16_16k_mono.wav",
    "dirty_text_renamed.wav",
    undefined,
    "dirty_silent.wav",
    "dirty_text_renamed.wav",
  ];
  const seen: number[][] = [];
  const { clips: count, seconds, rejected, clipWarnings } = await decodeClips(
    dataset(fixture("audio"), clips),
    { workers: 2, onProgress: (...progress) => void seen.push(progress) },
  );
  equal(count, 3);
  deepEqual(rejected.map(({ id }) => id), ["r1", "r4"]);
  match(
    rejected[0].reason,
    /^Expected a recording .* but found another kind of file at .*dirty_text_renamed\.wav/,
  );
  deepEqual(clipWarnings.map(({ code }) => code), ["silent"]);
  ok(Math.abs(seconds - 1.5) < 0.1, `${seconds}`); // 1.2 s and 0.3 s
  deepEqual(seen.at(-1), [3, 3, 1]);
  deepEqual(await decodeClips(dataset(".", [undefined])), {
    clips: 0,
    seconds: 0,
    rejected: [],
    clipWarnings: [],
  });
});

testWith("Linux", "a clip that takes too long is given up, and the others are decoded", async () => {
  const root = await Deno.makeTempDir();
  await Deno.copyFile(fixture("audio/pcm16_16k_mono.wav"), `${root}/good.wav`);
  await Deno.writeFile(`${root}/big.mp3`, new Uint8Array(2 ** 20)); // starting the worker alone takes longer than 1 ms
  const { rejected } = await decodeClips(dataset(root, ["big.mp3"]), { workers: 1, patience: 1 });
  equal(rejected[0].reason, "decoding took longer than 0.001 s");
  equal((await decodeClips(dataset(root, ["good.wav"]), { workers: 1 })).rejected.length, 0);
});

Deno.test("an abort ends it", async () => {
  const signal = AbortSignal.abort(new Error("stop"));
  const reason = await decodeClips(dataset(fixture("audio"), ["pcm16_16k_mono.wav"]), { signal }).catch((e) =>
    e
  );
  equal(reason.message, "stop");
});
