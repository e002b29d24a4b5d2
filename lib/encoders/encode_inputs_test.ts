import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { type Dataset, readClip } from "../data/mod.ts";
import { fixture } from "../testing/shared.ts";
import type { SpeechEncoder } from "./encoder.ts";
import { encodeDataset, type EncodeOptions, type EncodeProgress } from "./features.ts";

const folder = await Deno.makeTempDir({ prefix: "undertone-inputs" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** A data set of clips alone. */
const clipsIn = (root: string, names: readonly string[]): Dataset => ({
  ...{ name: "clips", target: "class", labels: [], source: root, root, rejected: [], notes: [] },
  rows: names.map((audio) => ({ id: audio, split: "train", audio })),
} as Dataset);

Deno.test("clips that another thread reads have the same states, warnings and faults", async () => {
  const kinds = ["pcm24_48k_stereo.wav", "float32_44k1_mono.wav", "dirty_truncated.wav", "u8_8k_mono.wav"];
  const names = Array.from(
    { length: 20 },
    (_, i) => `${i}-${i === 11 ? "dirty_nan_float.wav" : kinds[i % 4]}`,
  );
  for (const name of names) {
    await Deno.copyFile(fixture(`audio/${name.replace(/^\d+-/, "")}`), `${folder}/${name}`);
  }
  const audio: SpeechEncoder = {
    ...{ id: "samples", modality: "audio", fingerprint: "0", width: 1 },
    encode: (batch) =>
      Promise.resolve(batch.map((data) => ({ data: data.slice(0, 500), length: 500, width: 1 }))),
  };
  const encode = async (options: EncodeOptions) => {
    const done: number[] = [], onProgress = (progress: EncodeProgress) => void done.push(progress.done);
    const { clipWarnings, ...features } = await encodeDataset(clipsIn(folder, names), { audio }, {
      ...options,
      onProgress,
    });
    return { ...features, clipWarnings: clipWarnings.sort((a, b) => a.at < b.at ? -1 : 1), done };
  };
  const here = await encode({ readClip }), apart = await encode({}), cacheDir = `${folder}/cache`;
  deepEqual(apart, here);
  deepEqual(apart.done, [0, 8, 16, 20]);
  deepEqual(apart.rejected.map(({ id }) => id), ["11-dirty_nan_float.wav"]);
  equal(apart.clipWarnings.length, 5);
  for (let run = 0; run < 2; run++) deepEqual((await encode({ cacheDir })).audio, here.audio);
});

/** An encoder that tells how many clips were asked for when it encodes. */
function watched() {
  const asked: string[] = [], atPass: number[] = [];
  const audio: SpeechEncoder = {
    ...{ id: "watched", modality: "audio", fingerprint: "0", width: 1 },
    encode: (batch) => {
      atPass.push(asked.length);
      return Promise.resolve(batch.map((data) => ({ data: data.slice(0, 1), length: 1, width: 1 })));
    },
  };
  return { audio, asked, atPass };
}
const names = Array.from({ length: 300 }, (_, i) => `${i}`);
const numbered = clipsIn(folder, names);
for (const name of names) await Deno.writeTextFile(`${folder}/${name}`, `clip ${name}`);

Deno.test("the progress ends with all inputs, also with those that others encoded meanwhile", async () => {
  const { audio } = watched(), cacheDir = `${folder}/shared`, done: number[] = [];
  const readClip = () => Promise.resolve({ samples: new Float32Array(100), warnings: [] });
  let others: Promise<unknown> | undefined; // encodes all but the first block of 128 clips
  const slow: SpeechEncoder = {
    ...audio,
    encode: async (batch) => {
      await (others ??= encodeDataset(clipsIn(folder, names.slice(128)), { audio }, { cacheDir, readClip }));
      return await audio.encode(batch);
    },
  };
  const onProgress = (progress: EncodeProgress) => void done.push(progress.done);
  await encodeDataset(numbered, { audio: slow }, { cacheDir, readClip, onProgress });
  deepEqual(done.filter((n) => n > 120), [128, 300]);
});

Deno.test("while clips are encoded, the next ones are read, also of the next block", async () => {
  for (const cacheDir of [undefined, `${folder}/next`]) {
    const { audio, asked, atPass } = watched();
    await encodeDataset(numbered, { audio }, {
      cacheDir,
      readClip: (path) => {
        asked.push(path);
        return Promise.resolve({ samples: new Float32Array(100), warnings: [] });
      },
    });
    equal(atPass[0], 16);
    // A block has 128 clips, and its claim takes a moment.
    deepEqual(
      atPass.filter((_, i) => i % 16 !== 15),
      names.flatMap((_, i) => i % 8 || i / 8 % 16 === 15 ? [] : [Math.min(300, i + 16)]),
    );
    equal(asked.length, 300);
  }
});

Deno.test("long recordings are read when those before them are encoded", async () => {
  const { audio, asked, atPass } = watched(), samples = new Float32Array(2_000_000); // 2 minutes
  await encodeDataset(clipsIn(folder, names.slice(0, 24)), { audio }, {
    readClip: (path) => {
      asked.push(path);
      return Promise.resolve({ samples, warnings: [] });
    },
  });
  deepEqual(atPass, [8, 16, 24]);
});

Deno.test("a stop while the next clips are read keeps what was encoded", async () => {
  const { audio, asked } = watched(), { encode } = audio, cacheDir = `${folder}/fails`;
  const stop = new AbortController();
  audio.encode = (batch) => {
    if (asked.length > 200) stop.abort(new Error("stopped"));
    return encode(batch);
  };
  const read = (path: string) => {
    asked.push(path);
    return Promise.resolve({ samples: Float32Array.of(1), warnings: [] });
  };
  await rejects(
    encodeDataset(numbered, { audio }, { cacheDir, signal: stop.signal, readClip: read }),
    /stopped/,
  );
  const claims = [...Deno.readDirSync(`${cacheDir}/watched-0`)].filter(({ name }) => name.endsWith(".claim"));
  deepEqual(claims, []);
  const again = watched();
  const { audio: states } = await encodeDataset(numbered, again, {
    cacheDir,
    readClip: (path) => {
      again.asked.push(path);
      return Promise.resolve({ samples: Float32Array.of(1), warnings: [] });
    },
  });
  equal(states!.size, 300);
  ok(again.asked.length < 120, `${again.asked.length}`);
});

Deno.test("an encoder that fails ends the call with its own error, whatever the next clips do", async () => {
  const { audio } = watched();
  audio.encode = () => Promise.reject(new Error("no engine"));
  const readClip = (path: string) =>
    path.endsWith("/9")
      ? Promise.reject(new Error("no clip"))
      : Promise.resolve({ samples: Float32Array.of(1), warnings: [] });
  await rejects(encodeDataset(numbered, { audio }, { readClip, cacheDir: `${folder}/broken` }), /no engine/);
});
