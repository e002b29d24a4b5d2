import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { fileURLToPath } from "node:url";
import type { AudioClip } from "../data/audio/mod.ts";
import type { Dataset, Utterance } from "../data/utterance.ts";
import { badInput } from "../errors.ts";
import type { FrozenEncoder, Modality, SpeechEncoder, TextEncoder } from "./encoder.ts";
import { encodeDataset, type EncodeProgress } from "./features.ts";
import { StatesOnDisk } from "./states_on_disk.ts";

/** An encoder that keeps a log of its inputs; its states are the input's length and its first entry. */
function stub<In extends { length: number }>(modality: Modality, first: (value: In) => number) {
  const seen: In[] = [];
  const encoder: FrozenEncoder<In> = {
    id: `stub-${modality}`,
    modality,
    fingerprint: "0",
    width: 2,
    encode(batch) {
      seen.push(...batch);
      return Promise.resolve(
        batch.map((value) => ({ data: new Float32Array([value.length, first(value)]), length: 1, width: 2 })),
      );
    },
  };
  return { encoder, seen };
}
const textStub = () => stub<string>("text", (text) => text.length > 0 ? text.charCodeAt(0) : 0);
const audioStub = () => stub<Float32Array>("audio", (samples) => samples[0]);

/** Clips are text files with numbers, so that only this test decides which can be decoded. */
async function readClip(path: string): Promise<AudioClip> {
  const numbers = (await Deno.readTextFile(path)).split(" ").map(Number);
  if (numbers.some(Number.isNaN)) {
    throw badInput({ expected: "numbers", found: "words", at: path, todo: "Count." });
  }
  const warnings = numbers.length < 3 ? [{ code: "too-short" as const, detail: "two" }] : [];
  return { samples: new Float32Array(numbers), warnings };
}

function dataset(root: string, clips: Record<string, string>, rows: Omit<Utterance, "split">[]): Dataset {
  for (const [name, content] of Object.entries(clips)) Deno.writeTextFileSync(`${root}/${name}`, content);
  const utterances = rows.map((row): Utterance => ({ split: "train", ...row }));
  return {
    target: "class",
    name: "test",
    labels: ["a"],
    rows: utterances,
    source: root,
    root,
    rejected: [],
    notes: [],
  } as Dataset;
}

const example = (root: string) =>
  dataset(root, { "one.clip": "1 2 3", "two.clip": "4 5", "bad.clip": "hum" }, [
    { id: "r0", text: "hello", audio: "one.clip" },
    { id: "r1", text: "hello", audio: "one.clip" },
    { id: "r2", text: "bye" },
    { id: "r3", audio: "two.clip" },
    { id: "r4", text: "lost", audio: "bad.clip" },
    { id: "r5", text: "gone", audio: "none.clip" },
  ]);

Deno.test("every distinct input is encoded once, a clip that can't be decoded rejects its row", async () => {
  const [text, audio] = [textStub(), audioStub()];
  const root = await Deno.makeTempDir();
  const features = await encodeDataset(
    example(root),
    { text: text.encoder, audio: audio.encoder },
    { readClip },
  );
  deepEqual(text.seen, ["hello", "bye"]);
  deepEqual(audio.seen.map((samples) => [...samples]), [[1, 2, 3], [4, 5]]);
  deepEqual([...features.text!.keys()], ["r0", "r1", "r2"]);
  deepEqual([...features.audio!.keys()], ["r0", "r1", "r3"]);
  ok(features.text!.get("r0") === features.text!.get("r1"));
  deepEqual([...features.audio!.get("r3")!.data], [2, 4]);
  deepEqual(features.rejected.map(({ id, at }) => [id, at]), [["r4", `${root}/bad.clip`], [
    "r5",
    `${root}/none.clip`,
  ]]);
  deepEqual(features.clipWarnings, [{ at: `${root}/two.clip`, code: "too-short", detail: "two" }]);
  match(features.rejected[0].reason, /^Expected numbers but found words at .*bad.clip. Count.$/);
  match(features.rejected[1].reason, /No such file/);
});

Deno.test("only the given splits are read, with only the given encoders", async () => {
  const text = textStub();
  const data = dataset(await Deno.makeTempDir(), {}, [{ id: "a", text: "x" }, { id: "b", text: "y" }]);
  data.rows[1].split = "test";
  const features = await encodeDataset(data, { text: text.encoder }, { splits: ["test"], readClip });
  deepEqual([[...features.text!.keys()], features.audio, text.seen], [["b"], undefined, ["y"]]);
});

Deno.test("a second call encodes only clips that changed, not renamed ones", async () => {
  const root = await Deno.makeTempDir();
  const options = { cacheDir: `${root}/cache`, readClip };
  const encode = async (data: Dataset) => {
    const [text, audio] = [textStub(), audioStub()];
    const progress: EncodeProgress[] = [];
    const features = await encodeDataset(data, { text: text.encoder, audio: audio.encoder }, {
      ...options,
      onProgress: (p) => progress.push(p),
    });
    return { features, texts: text.seen, clips: audio.seen.map((clip) => [...clip]), progress };
  };
  const first = await encode(example(root));
  const rows = { ...example(root) };
  const second = await encode(rows);
  deepEqual([second.texts, second.clips], [[], []]);
  deepEqual(second.features, { ...first.features, clipWarnings: [] });
  deepEqual(second.progress.at(-1), { modality: "text", done: 2, total: 2, cached: 2, perSecond: 0 });
  equal(second.progress[0].total, 4); // clips; two of them fail

  Deno.writeTextFileSync(`${root}/one.clip`, "7 8 9");
  Deno.utimeSync(`${root}/one.clip`, 1, 1);
  Deno.renameSync(`${root}/two.clip`, `${root}/moved.clip`);
  const data = {
    ...rows,
    rows: rows.rows.map((row) => row.id === "r3" ? { ...row, audio: "moved.clip" } : row),
  };
  const third = await encode(data);
  deepEqual(third.clips, [[7, 8, 9]]);
  deepEqual([...third.features.audio!.get("r3")!.data], [2, 4]);
});

Deno.test("a clip replaced by one of equal size and time is encoded again", async () => {
  const root = await Deno.makeTempDir();
  const data = dataset(root, { "one.clip": "1 2 3" }, [{ id: "r", audio: "one.clip" }]);
  const { mtime } = Deno.statSync(`${root}/one.clip`);
  const run = (audio: SpeechEncoder) =>
    encodeDataset(data, { audio }, { cacheDir: `${root}/cache`, readClip });
  await run(audioStub().encoder);
  Deno.writeTextFileSync(`${root}/one.clip`, "9 9 9");
  Deno.utimeSync(`${root}/one.clip`, mtime!, mtime!);
  const { encoder, seen } = audioStub();
  const features = await run(encoder);
  deepEqual([seen.length, [...features.audio!.get("r")!.data]], [1, [3, 9]]);
});

Deno.test("an abort takes effect between batches and keeps the states encoded so far in the cache", async () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({ id: `${i}`, text: `text ${i}` }));
  const root = await Deno.makeTempDir();
  const data = dataset(root, {}, rows);
  const stop = new AbortController();
  const options = { cacheDir: `${root}/cache`, readClip };
  const onProgress = ({ done }: EncodeProgress) => {
    if (done > 0) stop.abort(new Error("enough"));
  };
  const first = textStub();
  await rejects(
    encodeDataset(data, { text: first.encoder }, { ...options, signal: stop.signal, onProgress }),
    /enough/,
  );
  const second = textStub();
  equal((await encodeDataset(data, { text: second.encoder }, options)).text!.size, 300);
  equal(first.seen.length + second.seen.length, 300);
  ok(first.seen.length > 0);
});

Deno.test("a damaged shard is named and its inputs are encoded again", async () => {
  const root = await Deno.makeTempDir();
  const data = dataset(root, {}, [{ id: "a", text: "x" }]);
  const run = (text: TextEncoder) => encodeDataset(data, { text }, { cacheDir: root, readClip });
  const first = await run(textStub().encoder);
  const [shard] = [...Deno.readDirSync(`${root}/stub-text-0`)].map(({ name }) =>
    `${root}/stub-text-0/${name}`
  );
  Deno.truncateSync(shard, 100);
  const { encoder, seen } = textStub();
  const second = await run(encoder);
  deepEqual([seen, second.damaged, second.text], [["x"], [shard], first.text]);
  deepEqual((await run(encoder)).damaged, []);
});

/** Encodes 4000 texts, slowly, in a process of its own; prints how many it had to encode. */
const script = (cacheDir: string) => `
  import { encodeDataset } from ${JSON.stringify(import.meta.resolve("./features.ts"))};
  let encoded = 0;
  const text = { id: "slow", modality: "text", fingerprint: "0", width: 4096, async encode(batch) {
    await new Promise((done) => setTimeout(done, 20));
    encoded += batch.length;
    return batch.map((text) => ({ data: new Float32Array(4096).fill(text.length), length: 1, width: 4096 }));
  } };
  const rows = Array.from({ length: 4000 }, (_, i) => ({ id: String(i), split: "train", text: "x".repeat(i + 1) }));
  const dataset = { name: "", labels: [], rows, source: "", root: ".", rejected: [], notes: [] };
  const { text: states, damaged } = await encodeDataset(dataset, { text }, { cacheDir: ${
  JSON.stringify(cacheDir)
} });
  const right = rows.every(({ id, text }) => states.get(id).data[9] === text.length);
  console.log(JSON.stringify({ encoded, right, damaged }));`;

const start = (cacheDir: string) =>
  new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=js", script(cacheDir)],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
const result = async (process: Deno.ChildProcess) =>
  JSON.parse(new TextDecoder().decode((await process.output()).stdout));

const holdsShard = (folder: string) =>
  Array.fromAsync(Deno.readDir(folder)).then(
    (files) => files.some(({ name }) => name.endsWith(".safetensors")),
    () => false,
  );

Deno.test("concurrent processes, one of them interrupted, leave a whole cache", async () => {
  const cacheDir = await Deno.makeTempDir();
  const killed = start(cacheDir);
  while (!(await holdsShard(`${cacheDir}/slow-0`))) await new Promise((done) => setTimeout(done, 10));
  killed.kill("SIGKILL");
  await killed.output();
  const [one, other] = await Promise.all([start(cacheDir), start(cacheDir)].map(result));
  deepEqual([one.right, one.damaged, other.right, other.damaged], [true, [], true, []]);
  ok(one.encoded < 4000, "the killed process left its work");
  deepEqual(await result(start(cacheDir)), { encoded: 0, right: true, damaged: [] });
});

Deno.test("an encoder named by a path has one cache folder, named after the path's end", async () => {
  const root = await Deno.makeTempDir(), cacheDir = `${root}/cache`;
  const { encoder, seen } = textStub();
  const named: TextEncoder = { ...encoder, id: "hf:../models/mini lm#4", fingerprint: "abc" };
  for (let run = 0; run < 2; run++) await encodeDataset(example(root), { text: named }, { cacheDir });
  deepEqual([...Deno.readDirSync(cacheDir)].map(({ name }) => name), ["mini-lm-4-abc"]);
  equal(seen.length, new Set(seen).size);
});

Deno.test("states that are not finite reject their rows, and are not kept", async () => {
  const root = await Deno.makeTempDir(), cacheDir = `${root}/cache`;
  const data = dataset(root, { "good.clip": "1 2 3", "bad.clip": "9 2 3" }, [
    { id: "r0", text: "hello", audio: "good.clip" },
    { id: "r1", text: "hello", audio: "bad.clip" },
    { id: "r2", text: "odd", audio: "good.clip" },
    { id: "r3", text: "odd" },
  ]);
  const text = stub<string>("text", (text) => text === "odd" ? NaN : 0);
  const audio = stub<Float32Array>("audio", ([first]) => first === 9 ? Infinity : first);
  for (const again of [false, true]) {
    const encoders = { text: text.encoder, audio: audio.encoder };
    const features = await encodeDataset(data, encoders, { cacheDir, readClip });
    deepEqual([...features.text!.keys()], ["r0"]);
    deepEqual([...features.audio!.keys()], ["r0"]);
    deepEqual(features.rejected.map(({ id, reason }) => [id, reason]), [
      ["r1", "hidden states not finite: Infinity in state 0 by stub-audio"],
      ["r2", "hidden states not finite: NaN in state 0 by stub-text"],
      ["r3", "hidden states not finite: NaN in state 0 by stub-text"],
    ]);
    deepEqual(text.seen.splice(0), again ? ["odd"] : ["hello", "odd"]);
    equal(audio.seen.splice(0).length, again ? 1 : 2);
  }
});

Deno.test("the uncut length of a text is known for cached states, too; a text that is read differently now has a new key", async () => {
  const root = await Deno.makeTempDir(),
    rows = dataset(root, {}, [{ id: "a", text: "five" }, { id: "b", text: "x" }]);
  const encode = async (revised: (text: string) => boolean) => {
    const { encoder, seen } = textStub();
    const text = { ...encoder, lengthOf: (text: string) => text.length, revised };
    const features = await encodeDataset(rows, { text }, { cacheDir: `${root}/cache` });
    return { seen, wholes: ["a", "b"].map((id) => features.text!.get(id)!.whole) };
  };
  deepEqual(await encode(() => false), { seen: ["five", "x"], wholes: [4, undefined] });
  deepEqual(await encode(() => false), { seen: [], wholes: [4, undefined] });
  deepEqual(await encode((text) => text === "five"), { seen: ["five"], wholes: [4, undefined] });
});

Deno.test("an input that can't be encoded rejects its rows; if none can, the error is thrown", async () => {
  const root = await Deno.makeTempDir();
  const data = dataset(root, { "a.clip": "1 2 3", "b.clip": "9 2 3", "c.clip": "4 5 6" }, [
    { id: "r0", text: "hello", audio: "a.clip" },
    { id: "r1", text: "hello", audio: "b.clip" },
    { id: "r2", audio: "c.clip" },
  ]);
  const failing = (bad: (samples: Float32Array) => boolean): SpeechEncoder => {
    const { encoder } = audioStub();
    return {
      ...encoder,
      encode: (batch) =>
        batch.some(bad) ? Promise.reject(new Error("std::bad_alloc")) : encoder.encode(batch),
    };
  };
  const features = await encodeDataset(data, {
    text: textStub().encoder,
    audio: failing(([first]) => first === 9),
  }, { readClip });
  deepEqual([...features.audio!.keys()], ["r0", "r2"]);
  deepEqual([...features.text!.keys()], ["r0"]);
  deepEqual(features.rejected, [{
    id: "r1",
    at: `${root}/b.clip`,
    reason: "stub-audio can't encode it: out of memory (std::bad_alloc)",
  }]);
  await rejects(encodeDataset(data, { audio: failing(() => true) }, { readClip }), /bad_alloc/);
});

Deno.test("clips of like length follow each other if they share passes; rows keep their own states", async () => {
  const root = await Deno.makeTempDir(), lengths = [9, 4, 7, 30, 5, 12, 6, 3, 20, 8, 11, 10];
  const clips = Object.fromEntries(
    lengths.map((length, i) => [`${i}.clip`, `${i}${" 1".repeat(length - 1)}`]),
  );
  const rows = lengths.map((_, i) => ({ id: `r${i}`, audio: `${i}.clip` }));
  const data = dataset(root, { ...clips, "bad.clip": "hum" }, [{ id: "bad", audio: "bad.clip" }, ...rows]);
  const { encoder, seen } = audioStub(), progress: number[] = [];
  const passOf = () => ({ key: 0, rows: 4, whole: true });
  const sharing = { ...encoder, network: { preprocess: { passOf } } } as unknown as SpeechEncoder;
  const { audio, rejected } = await encodeDataset(data, { audio: sharing }, {
    readClip,
    onProgress: ({ done }) => progress.push(done),
  });
  deepEqual(seen.map(({ length }) => length), lengths.toSorted((a, b) => a - b));
  deepEqual(rows.map(({ id }) => [...audio!.get(id)!.data]), lengths.map((length, i) => [length, i]));
  deepEqual(rejected.map(({ id }) => id), ["bad"]);
  deepEqual(progress, [0, 9, 13]); // the bad clip counts as finished
});

Deno.test("a claim is renewed while clips are decoded ahead of the encoder", async () => {
  const root = await Deno.makeTempDir(), cache = `${root}/cache/stub-audio-0`, ages: number[] = [];
  const names = Array.from({ length: 9 }, (_, i) => `${i}.clip`); // a batch of 8, and one more
  const clips = Object.fromEntries(names.map((name, i) => [name, `${i} 1 1`]));
  const data = dataset(root, clips, names.map((audio) => ({ id: audio, audio })));
  const passOf = () => ({ key: 0, rows: 4, whole: true });
  const sharing = { ...audioStub().encoder, network: { preprocess: { passOf } } } as unknown as SpeechEncoder;
  await encodeDataset(data, { audio: sharing }, {
    cacheDir: `${root}/cache`,
    async readClip(path) {
      const claim = [...Deno.readDirSync(cache)].find(({ name }) => name.endsWith(".claim"))!;
      ages.push(Date.now() - Number(Deno.statSync(`${cache}/${claim.name}`).mtime));
      const long = new Date(Date.now() - 100_000); // as if decoding took so long
      await Deno.utime(`${cache}/${claim.name}`, long, long);
      return await readClip(path);
    },
  });
  ok(ages[8] < 50_000, `${ages[8]} ms old`);
});

Deno.test("states that an earlier version computed of a long clip in another way are computed anew", async () => {
  const root = await Deno.makeTempDir(), options = { cacheDir: `${root}/cache`, readClip };
  const data = dataset(root, { "long.clip": "1 2 3 4", "short.clip": "5 6 7" }, [
    { id: "r0", audio: "long.clip" },
    { id: "r1", audio: "short.clip" },
  ]);
  const encoder = (piece?: number) => {
    const { encoder, seen } = audioStub();
    const encode = async (batch: readonly Float32Array[]) => {
      await encoder.encode(batch);
      return batch.map(({ length }) => ({ data: new Float32Array(2 * length), length, width: 2 }));
    };
    return { audio: { ...encoder, encode, piece }, seen };
  };
  const before = encoder(), now = encoder(3), again = encoder(3);
  for (const { audio } of [before, now, again]) await encodeDataset(data, { audio }, options);
  deepEqual([before, now, again].map(({ seen }) => seen.map(([first]) => first)), [[1, 5], [1], []]);
});

Deno.test("four shards together encode what one call does, each input once", async () => {
  const root = await Deno.makeTempDir(), { encoder, seen } = textStub(), audio = audioStub();
  const clips = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.clip`, `${i} 2 3`]));
  const rows = Array.from({ length: 24 }, (_, i) => ({
    id: `r${i}`,
    text: "word ".repeat(i % 9 + 1),
    audio: `${i % 12}.clip`,
  }));
  const data = dataset(root, clips, rows), encoders = { text: encoder as TextEncoder, audio: audio.encoder };
  const whole = await encodeDataset(data, encoders, { readClip });
  equal(seen.length + audio.seen.length, 9 + 12);
  seen.length = audio.seen.length = 0;
  const shards = await Promise.all(
    [1, 2, 3, 4].map((number) =>
      encodeDataset(data, encoders, { readClip, cacheDir: `${root}/cache`, shard: { number, of: 4 } })
    ),
  );
  equal(seen.length + audio.seen.length, 9 + 12);
  for (const modality of ["text", "audio"] as const) {
    const together = new Map(shards.flatMap((shard) => [...shard[modality]!]));
    deepEqual(new Map([...together].sort()), new Map([...whole[modality]!].sort()));
    const sizes = shards.map((shard) => shard[modality]!.size);
    equal(sizes.reduce((sum, size) => sum + size), 24);
    ok(sizes.filter((size) => size > 0).length > 1, `${sizes}`);
  }
  seen.length = audio.seen.length = 0;
  const after = await encodeDataset(data, encoders, { readClip, cacheDir: `${root}/cache` });
  deepEqual([seen, audio.seen], [[], []]);
  deepEqual(after.text, whole.text);
});

Deno.test("a bound of memory counts what other processes encode meanwhile", async () => {
  const root = await Deno.makeTempDir(), options = { cacheDir: `${root}/cache`, memory: 0 };
  const long = Array.from({ length: 2048 }, (_, i) => `long text ${i}`), short = ["a", "b"];
  const rowsOf = (texts: string[]) => dataset(root, {}, texts.map((text) => ({ id: text, text })));
  const { encoder } = textStub(), { encode } = encoder;
  let isFirst = true;
  encoder.encode = async (batch) => {
    if (isFirst) {
      isFirst = false;
      await encodeDataset(rowsOf(short), { text: textStub().encoder }, options);
    }
    return await encode(batch);
  };
  const { text } = await encodeDataset(rowsOf([...long, ...short]), { text: encoder }, options);
  deepEqual([...text!.get("b")!.data], [1, 98]);
  ok([...text!.values()].every((states) => states instanceof StatesOnDisk));
});

Deno.test("a batch that can't be encoded rejects its rows, also if the others' states are on disk", async () => {
  const root = await Deno.makeTempDir(), { encoder } = audioStub(), { encode } = encoder;
  encoder.encode = (batch) =>
    batch.some(([first]) => first === 99) ? Promise.reject(new Error("no")) : encode(batch);
  const clips = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 99].map((n) => [`${n}.clip`, `${n} 1 1`]));
  const rows = Object.keys(clips).map((audio) => ({ id: audio, audio }));
  const options = { cacheDir: `${root}/cache`, memory: 0, readClip };
  const { audio, rejected } = await encodeDataset(dataset(root, clips, rows), { audio: encoder }, options);
  deepEqual([audio!.size, rejected.map(({ id }) => id)], [8, ["99.clip"]]);
});

Deno.test("states beyond the bound stay in the cache, and are the same at each use", async () => {
  const root = await Deno.makeTempDir();
  const read = async (memory?: number) => {
    const text = textStub(), audio = audioStub();
    const features = await encodeDataset(example(root), { text: text.encoder, audio: audio.encoder }, {
      cacheDir: `${root}/cache`,
      memory,
      readClip,
    });
    const states = [features.text!, features.audio!].map((map) =>
      [...map].map(([id, sequence]) => [id, [...sequence.data], sequence.length, sequence.width])
    );
    const onDisk = [...features.text!.values(), ...features.audio!.values()].filter((sequence) =>
      sequence instanceof StatesOnDisk
    );
    return { states, onDisk: onDisk.length, seen: text.seen.length + audio.seen.length };
  };
  const fresh = await read(0), again = await read(0), inMemory = await read();
  deepEqual([fresh.seen, again.seen, inMemory.seen], [4, 0, 0]);
  deepEqual([fresh.onDisk, again.onDisk, inMemory.onDisk], [6, 6, 0]);
  deepEqual([fresh.states, again.states], [inMemory.states, inMemory.states]);
  equal((await read(8)).onDisk, 6); // a shard is kept whole or not at all
});
