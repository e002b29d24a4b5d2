/**
 * Times the embedded speech encoder beside openSMILE's eGeMAPS: the same clips in the same run, in
 * alternating rounds, both warm.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { useEngine } from "../../lib/compute/mod.ts";
import { clipPath, loadDataset, readClip, resample, SAMPLE_RATE } from "../../lib/data/mod.ts";
import { speechEncoder } from "../../lib/encoders/mod.ts";
import { UndertoneError } from "../../lib/errors.ts";
import { type Table, tableText } from "../../lib/plot/mod.ts";
import { GOALS } from "./goals.ts";
import { quartiles } from "./measure.ts";
import { linesOf } from "./peer.ts";

/** Clips per second of one way to compute features, and openSMILE's time over ours. */
export interface FeaturesRow {
  what: string;
  ours: number;
  opensmile?: number;
  ratio?: number;
  ratio_quartiles?: [number, number];
}

export interface FeaturesMeasured {
  clips: number;
  seconds: number;
  rows: FeaturesRow[];
  /** openSMILE's version, or why it was not measured. */
  opensmile: { version: string } | { missing: string };
}

interface Options {
  data?: string;
  python?: string;
  /** Processes of ours, and workers of openSMILE, that read files. */
  workers: number;
  rounds: number;
  signal: AbortSignal;
}

const MOST_CLIPS = 40;
const PROGRAM = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const HOW = "pip install opensmile, and name that Python with --python";

/** Measures samples in memory on one thread, and files of 16 and 48 kHz. */
export async function measureFeatures(
  { data = "sample", python, workers, rounds, signal }: Options,
): Promise<FeaturesMeasured> {
  await Deno.mkdir("outputs", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "outputs", prefix: "features-" });
  const started: Lines[] = [];
  const start = (...command: [string, ...string[]]) => {
    started.push(lines(command, signal));
    return started[started.length - 1];
  };
  try {
    const clips = await clipsOf(data), files = await writeClips(clips, folder);
    const opensmile = python ? start(python, "-B", PROGRAM("./features.py")) : undefined;
    const { version, error } = opensmile ? JSON.parse(await opensmile.next()) : {};
    const theirs = async (files: readonly string[], workers: number): Promise<number> =>
      JSON.parse(await opensmile!.ask({ files, workers })).seconds;

    await useEngine({ threads: 1 });
    const encoder = await speechEncoder("acoustic");
    const inMemory = async () => {
      for (const samples of clips) await encoder.encode([samples]);
    };
    const readers = Array.from(
      { length: workers },
      () => start(Deno.execPath(), "run", "--quiet", "-P=compute", PROGRAM("./features_alone.ts")),
    );
    await Promise.all(readers.map((reader) => reader.next()));
    const fromFiles = (paths: readonly string[]) => async () =>
      void await Promise.all(
        readers.map((reader, i) => reader.ask(paths.filter((_, k) => k % workers === i))),
      );

    const whats = [16, 48].map((kHz) => `files, ${kHz} kHz, ${workers} processes of one thread`);
    const ways = [
      { what: "samples in memory, 16 kHz, one thread", ours: inMemory, paths: files[0], workers: 0 },
      ...files.map((paths, i) => ({ what: whats[i], ours: fromFiles(paths), paths, workers })),
    ];
    const rows: FeaturesRow[] = [];
    for (const { what, ours, paths, workers } of ways) {
      const own: number[] = [], other: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        signal.throwIfAborted();
        const began = performance.now();
        await ours();
        own.push((performance.now() - began) / 1000);
        if (version) other.push(await theirs(paths, workers));
      }
      rows.push({ what, ...rates(clips.length, own.slice(1), other.slice(1)) }); // the first warms up
    }
    const seconds = clips.reduce((sum, { length }) => sum + length, 0) / SAMPLE_RATE / clips.length;
    return {
      clips: clips.length,
      seconds,
      rows,
      opensmile: version ? { version } : { missing: error ? `${error} (${HOW})` : HOW },
    };
  } finally {
    await Promise.all(started.map((each) => each.end()));
    await Deno.remove(folder, { recursive: true });
  }
}

/** Clips per second, and the ratio of times round by round. */
export function rates(
  clips: number,
  ours: readonly number[],
  theirs: readonly number[],
): Omit<FeaturesRow, "what"> {
  const rate = (seconds: readonly number[]) => clips / quartiles(seconds)[1];
  if (theirs.length === 0) return { ours: rate(ours) };
  const [low, ratio, high] = quartiles(theirs.map((seconds, i) => seconds / ours[i]));
  return { ours: rate(ours), opensmile: rate(theirs), ratio, ratio_quartiles: [low, high] };
}

/** Formats what was measured, and says which rows miss the goal. */
export function featuresText({ clips, seconds, rows, opensmile }: FeaturesMeasured): string {
  const right = (name: string) => ({ name, align: "right" as const }), beside = "version" in opensmile;
  const table: Table = {
    title: `acoustic on ${clips} clips of ${seconds.toFixed(1)} s: clips per second` +
      (beside ? ` beside eGeMAPS of openSMILE ${opensmile.version}; ratios are its time over ours` : ""),
    columns: ["what", ...["ours", ...(beside ? ["openSMILE", "ratio", "quartiles"] : [])].map(right)],
    rows: rows.map(({ what, ours, opensmile, ratio, ratio_quartiles: quartiles }) => [
      what,
      ours.toFixed(1),
      ...(ratio === undefined ? [] : [
        opensmile!.toFixed(1),
        ratio.toFixed(2),
        quartiles!.map((x) => x.toFixed(2)).join(" to "),
      ]),
    ]),
  };
  const slow = rows.filter(({ ratio = Infinity }) => ratio < GOALS.features);
  const goal = `openSMILE's time at least ${GOALS.features} times ours: ` +
    (slow.length === 0 ? "reached by all." : `not by ${slow.map(({ what }) => what).join("; ")}.`);
  return tableText(table) + (beside ? `${goal}\n` : `openSMILE was not measured: ${opensmile.missing}.\n`) +
    "The files of 48 kHz are the clips of 16 kHz, resampled.\n";
}

/** Reads up to MOST_CLIPS clips of a data set, evenly spaced. */
async function clipsOf(data: string): Promise<Float32Array[]> {
  const { rows, root } = await loadDataset(data);
  const paths = [...new Set(rows.flatMap(({ audio }) => audio === undefined ? [] : [clipPath(root, audio)]))];
  const step = Math.max(1, paths.length / MOST_CLIPS), count = Math.min(paths.length, MOST_CLIPS);
  const chosen = Array.from({ length: count }, (_, i) => paths[Math.floor(i * step)]);
  return await Promise.all(chosen.map(async (path) => (await readClip(path)).samples));
}

/** Writes clips as WAVE files at 16 and at 48 kHz. Returns both lists of paths. */
async function writeClips(clips: readonly Float32Array[], folder: string): Promise<string[][]> {
  return await Promise.all([16_000, 48_000].map((rate) =>
    Promise.all(clips.map(async (samples, i) => {
      const path = join(folder, `${i}-${rate}.wav`);
      await Deno.writeFile(path, wav(resample(samples, SAMPLE_RATE, rate), rate));
      return path;
    }))
  ));
}

/** A WAVE file of 16 bits and one channel. */
function wav(samples: Float32Array, rate: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + 2 * samples.length), view = new DataView(bytes.buffer);
  const text = new TextEncoder();
  ["RIFF", "WAVEfmt ", "data"].forEach((tag, i) => bytes.set(text.encode(tag), [0, 8, 36][i]));
  [[4, 36 + 2 * samples.length], [16, 16], [24, rate], [28, 2 * rate], [40, 2 * samples.length]]
    .forEach(([at, value]) => view.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
  samples.forEach((x, i) =>
    view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(x * 32768))), true)
  );
  return bytes;
}

/** A process that answers lines with lines. */
interface Lines {
  next(): Promise<string>;
  ask(request: unknown): Promise<string>;
  end(): Promise<void>;
}

function lines([program, ...args]: readonly [string, ...string[]], signal: AbortSignal): Lines {
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    signal,
  })
    .spawn();
  const input = child.stdin.getWriter(), output = linesOf(child.stdout);
  const next = async () => {
    const { value, done } = await output.next();
    if (done) throw new UndertoneError(`${program} ${args.join(" ")} ended`, "internal");
    return value;
  };
  return {
    next,
    async ask(request) {
      await input.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
      return await next();
    },
    async end() {
      await input.close().catch(() => {}); // it may have ended by itself
      await output.return(undefined);
      await child.status;
    },
  };
}
