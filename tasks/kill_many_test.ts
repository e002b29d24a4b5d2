/**
 * Tasks are killed at random moments, again and again. What was complete stays complete, and the end is that
 * of a task that was never killed, to the byte.
 */
import { existsSync } from "node:fs";
import { openFeatureCache } from "../lib/encoders/cache.ts";
import { type Asked, fakeHub, modelFiles, noise } from "../lib/hub/testing.ts";
import { smallData } from "../lib/jobs/testing.ts";
import { random, seedOf } from "../lib/random.ts";
import { amount, isLong } from "../lib/testing/amount.ts";
import { deepEqual, equal, ok } from "../lib/testing/assert.ts";
import { testWith } from "../lib/testing/needs.ts";
import { loadCheckpoint } from "../lib/train/checkpoint.ts";
import { ended, killAfter, start } from "./killing.ts";

const SEED = 1;
/** Kills of each task. */
const KILLS = amount(0, 40);
const TASKS = { train: 1, encode: 2, ablate: 3, export: 4, models: 5 };

/** Something that a task makes, and how it goes on after it was killed. */
interface Work {
  task: keyof typeof TASKS;
  /** Prepares the first start of a round. */
  prepare(): Promise<void>;
  /** Arguments of a start. `before` is what the start before it ended in, in this round. */
  args(before?: { code: number; err: string }): string[];
  /** Throws if something that was complete is not so any more. */
  requireIntact(): Promise<void>;
  /** Returns all bytes that the task makes. */
  made(): Promise<Uint8Array[]>;
}

/** Kills a task at random moments until it was killed `KILLS` times, and compares what it made each time. */
async function killMany({ task, prepare, args, requireIntact, made }: Work): Promise<void> {
  const began = performance.now();
  await prepare();
  const unbroken = await ended(start(task, ...args()));
  equal(unbroken.code, 0, unbroken.err);
  let duration = performance.now() - began;
  const expected = await made();
  const { uniform } = random(seedOf(SEED, TASKS[task]));
  let kills = 0, rounds = 0;
  while (kills < KILLS) {
    await prepare();
    for (let last: { code: number; err: string } | undefined; last?.code !== 0;) {
      const moment = kills < KILLS ? uniform() * duration : Infinity;
      const isFirst = last === undefined, began = performance.now(), child = start(task, ...args(last));
      last = await (moment === Infinity ? ended(child) : killAfter(child, moment));
      if (isFirst && last.code === 0) duration = performance.now() - began; // a busy machine's speed drifts
      if (last.code === 137) kills++;
      else if (last.code !== 0) last = { ...last, code: againAfter(last) };
      await requireIntact();
    }
    deepEqual(await made(), expected);
    rounds++;
  }
  if (isLong) console.log(`${task}: ${kills} kills, 0 lost, ${rounds} times complete with equal bytes`);
}

/** Says how to go on after a refused `--resume`: 0 if the run is complete, 1 if it must begin again. */
function againAfter({ err }: { err: string }): number {
  if (/found one that finished \d+ of its/.test(err)) return 0;
  if (/found (a run that ended before its first|one whose run ended before it began|nothing at)/.test(err)) {
    return 1;
  }
  throw new Error(err);
}

const folder = await smallData(), cache = `${folder}/cache`, run = `${folder}/outputs/run`;
const data = ["--data", `${folder}/manifest.csv`, "--audio=log-mel"];
const model = ["--options.width=8", "--options.heads=2"];
const out = [`--cache=${cache}`, `--out=${folder}/outputs`];

addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const epochOf = async (run: string) =>
  (await loadCheckpoint(`${run}/checkpoints/last.safetensors`)).state!.epoch;
const checkpoints = (run: string) =>
  ["best", "last"].map((name) => Deno.readFile(`${run}/checkpoints/${name}.safetensors`));

const EPOCHS = 40;

/** Each round replaces the run of the round before. */
const train = (): Work => {
  const whole = [...data, ...model, ...out, "--method=memocmt", "--batch-size=8", `--epochs=${EPOCHS}`];
  let reached = 0;
  return {
    task: "train",
    prepare: () => Promise.resolve(void (reached = 0)),
    args: (before) =>
      before?.code === 137
        ? ["--resume", run, "--no-controls"]
        : [...whole, "--no-controls", "--name=run", "--overwrite"],
    async requireIntact() {
      const aside = `${folder}/outputs/.run.replaced`,
        isNew = existsSync(`${run}/checkpoints/last.safetensors`);
      const epoch = isNew ? await epochOf(run) : existsSync(aside) ? await epochOf(aside) : reached;
      if (!isNew && epoch > 0) return equal(epoch, EPOCHS); // the replaced run is complete
      ok(epoch === EPOCHS || epoch >= reached, `epoch ${epoch} after ${reached}`);
      reached = epoch === EPOCHS ? reached : epoch;
    },
    made: () => Promise.all(checkpoints(run)),
  };
};

const encode = (): Work => ({
  task: "encode",
  prepare: () => Deno.remove(cache, { recursive: true }).catch(() => {}),
  args: () => [...data, `--cache=${cache}`, `--to=${folder}/states.safetensors`, "--overwrite"],
  async requireIntact() {
    for (const { name, isDirectory } of existsSync(cache) ? Deno.readDirSync(cache) : []) {
      if (isDirectory) deepEqual((await openFeatureCache(`${cache}/${name}`)).damaged, []);
    }
  },
  made: async () => [await Deno.readFile(`${folder}/states.safetensors`)],
});

const ablate = (): Work => {
  const name = `${folder}/outputs/ablation`;
  const cells = ["memocmt", "text_only", "audio_only"].map((method) => `${name}/${method}-s1`);
  return {
    task: "ablate",
    prepare: () => Deno.remove(name, { recursive: true }).catch(() => {}),
    args: () => [...data, ...out, "--methods=memocmt", "--seeds=1,", "--epochs=8", "--name=ablation"],
    async requireIntact() {
      for (const cell of cells.filter((cell) => existsSync(`${cell}/checkpoints/last.safetensors`))) {
        await epochOf(cell);
      }
    },
    made: () => Promise.all([...cells.flatMap(checkpoints), Deno.readFile(`${name}/results.csv`)]),
  };
};

const exporting = (): Work => {
  const to = `${folder}/exported/model.onnx`,
    files = [to, to.replace("onnx", "json"), to.replace("model.onnx", "tokenizer.json")];
  let whole: Uint8Array[] | undefined;
  return {
    task: "export",
    async prepare() {
      if (existsSync(run)) return;
      const small = [...data, ...model, ...out, "--method=memocmt", "--epochs=1", "--name=run"];
      equal((await ended(start("train", ...small, "--no-controls"))).code, 0);
    },
    args: () => ["--checkpoint", run, "--to", to, "--overwrite"],
    async requireIntact() {
      if (whole) deepEqual(await Promise.all(files.map((file) => Deno.readFile(file))), whole);
    },
    made: async () => whole = await Promise.all(files.map((file) => Deno.readFile(file))),
  };
};

/** Sends a file, or its end, in pieces with pauses, so that most kills are within it. */
function slowly(bytes: Uint8Array, { range }: Asked): Response {
  const from = Number(range?.match(/\d+/)?.[0] ?? 0), piece = Math.ceil(bytes.length / 60);
  let at = from;
  const body = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.enqueue(bytes.slice(at, at += piece));
      if (at >= bytes.length) controller.close();
    },
  });
  const headers: Record<string, string> = { "content-length": `${bytes.length - from}` };
  if (range) headers["content-range"] = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  return new Response(body, { headers, status: range ? 206 : 200 });
}

const files = { ...modelFiles(), "model.safetensors": noise(3_000_000, 1) };

const fetching = (): Work => {
  const place = `${folder}/model`, names = ["config.json", "tokenizer.json", "model.safetensors"];
  let part = 0;
  return {
    task: "models",
    prepare: async () => {
      part = 0;
      await Deno.remove(place, { recursive: true }).catch(() => {});
    },
    args: () => ["add", "some/model", `--folder=${place}`],
    async requireIntact() {
      for (const name of names.filter((name) => existsSync(`${place}/${name}`))) {
        deepEqual(await Deno.readFile(`${place}/${name}`), files[name as keyof typeof files]);
      }
      const size = await Deno.stat(`${place}/model.safetensors.part`).then(({ size }) => size, () => 0);
      ok(size >= part || existsSync(`${place}/model.safetensors`), `${size} bytes after ${part}`);
      part = size;
    },
    made: () => Promise.all(names.map((name) => Deno.readFile(`${place}/${name}`))),
  };
};

const title = (task: string) => `${task}, killed at random moments, loses nothing and ends in the same bytes`;

testWith("time", title("train"), () => killMany(train()));
testWith("time", title("encode"), () => killMany(encode()));
testWith("time", title("ablate"), () => killMany(ablate()));
testWith("time", title("export"), () => killMany(exporting()));
testWith("time", title("models add"), async () => {
  await using fake = fakeHub(files);
  fake.intercept = (asked) => asked.of === "store" ? slowly(files["model.safetensors"], asked) : undefined;
  Deno.env.set("HF_ENDPOINT", fake.hub.endpoint);
  try {
    await killMany(fetching());
  } finally {
    Deno.env.delete("HF_ENDPOINT");
  }
});
