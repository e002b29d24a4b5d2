/** Synthesises the embedded sample. The same versions of espeak-ng and ffmpeg give the same bytes. */
import { stringify } from "csv-stringify/sync";
import { dirname } from "node:path";
import { z } from "zod";
import {
  decodeAudio,
  type Planned,
  planSample,
  resample,
  SAMPLE_MANIFEST,
  SAMPLE_RATE,
  shape,
} from "../lib/data/mod.ts";
import { badInput } from "../lib/errors.ts";
import { writeFileAtomic } from "../lib/files/mod.ts";
import { random, seedOf } from "../lib/random.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";

const COLUMNS = ["id", "split", "text", "audio", "label", "speaker"];

const flags = z.strictObject({
  out: z.string().default(dirname(SAMPLE_MANIFEST)).describe("Folder to write manifest.csv and clips to."),
  seed: z.int().default(11).describe("Seed of all random choices."),
});

export const task: Task = {
  name: "make_sample",
  summary: "Synthesises the embedded sample again with espeak-ng and ffmpeg.",
  flags,
  examples: [[
    "deno run --allow-read --allow-write --allow-run=espeak-ng,ffmpeg tasks/make_sample.ts --out=/tmp/sample",
    "writes a copy to compare with lib/data/sample",
  ]],

  async run(args, signal) {
    const { out, seed } = parseFlags(flags, args);
    const planned = planSample(seed);
    for (const row of planned) {
      signal.throwIfAborted();
      await writeFileAtomic(`${out}/${row.audio}`, await encode(await speak(row, seed)));
    }
    await writeFileAtomic(`${out}/manifest.csv`, stringify(planned, { header: true, columns: COLUMNS }));
    console.log(`${planned.length} clips in ${out}`);
  },
};

/** Returns the utterance as samples at 16 kHz. */
async function speak(row: Planned, seed: number): Promise<Float32Array<ArrayBuffer>> {
  const input = new TextEncoder().encode(ssml(row));
  const wav = await pipe("espeak-ng", ["-m", "-v", row.voice, "--stdin", "--stdout"], input);
  const { channels, rate } = await decodeAudio(wav, row.id);
  return shape(resample(channels[0], rate), row.prosody, random(seedOf(seed, row.id)));
}

/** Returns the line as SSML. Rate and pitch are in % of espeak-ng's defaults, 175 words a minute and 50. */
function ssml({ text, prosody: { rate, pitch, range, pause, contour } }: Planned): string {
  const rest = `<break time="${Math.round(pause)}ms"/>`;
  const line = text.replace(/[.?!]$/, contour).replace(/([,.?!]) /g, `$1${rest} `);
  const voice = Object.entries({ rate: rate / 1.75, pitch: 2 * pitch, range })
    .map(([name, percent]) => `${name}="${Math.round(percent)}%"`);
  return `<speak><prosody ${voice.join(" ")}>${line}</prosody></speak>`;
}

/** Encodes samples as mp3. */
function encode(samples: Float32Array<ArrayBuffer>): Promise<Uint8Array> {
  const raw = ["-f", "f32le", "-ar", `${SAMPLE_RATE}`, "-ac", "1", "-i", "pipe:0"];
  const mp3 = [
    "-c:a",
    "libmp3lame",
    "-b:a",
    "24k",
    "-bitexact",
    "-id3v2_version",
    "0",
    "-f",
    "mp3",
    "pipe:1",
  ];
  return pipe("ffmpeg", ["-v", "error", ...raw, ...mp3], new Uint8Array(samples.buffer));
}

/** Returns a program's output for `input`. */
async function pipe(program: string, args: string[], input: Uint8Array): Promise<Uint8Array> {
  const fail = (found: unknown) =>
    badInput({
      expected: `${program} to run`,
      found: `${found}`,
      at: "this machine",
      todo: "Install espeak-ng and ffmpeg.",
    });
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  } catch (cause) {
    throw fail(cause);
  }
  const writer = child.stdin.getWriter();
  const written = writer.write(input).then(() => writer.close());
  const [{ success, stdout, stderr }] = await Promise.all([
    child.output(),
    written.catch(() => {}), // a program that failed has closed its end
  ]);
  if (!success) throw fail(new TextDecoder().decode(stderr).trim());
  return stdout;
}

if (import.meta.main) await main(task);
