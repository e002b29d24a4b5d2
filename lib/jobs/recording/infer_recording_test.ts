import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { clipPath, loadDataset, readClip } from "../../data/mod.ts";
import { infer } from "../infer.ts";
import { wav16 } from "../testing.ts";
import { inferRecording, type Recording, type RecordingOptions, type Segment } from "./infer_recording.ts";

const model = fixture("runs/v0.1/frozen"), folder = await Deno.makeTempDir();

/** A recording of clips of the sample, with silences around them. */
const sound: Float32Array = await (async () => {
  const { rows, root } = await loadDataset("sample"), parts: number[] = [];
  const pause = () => parts.push(...new Array<number>(16000).fill(0));
  pause();
  for (const { audio } of rows.filter(({ audio }) => audio).slice(0, 3)) {
    parts.push(...(await readClip(clipPath(root, audio!))).samples);
    pause();
  }
  return Float32Array.from(parts);
})();
await Deno.writeFile(`${folder}/long.wav`, wav16(sound));

async function all(given: Parameters<typeof inferRecording>[1], options?: RecordingOptions) {
  const segments: Segment[] = [];
  let recording: Recording | undefined;
  for await (const event of inferRecording(model, given, options)) {
    if (event.type === "segment") segments.push(event.segment);
    else recording = event.recording;
  }
  return { segments, recording: recording! };
}

async function* pieces(bytes: Uint8Array) {
  for (let from = 0; from < bytes.length; from += 5000) yield bytes.subarray(from, from + 5000);
}

Deno.test("each prediction is that of the segment as a file of its own", async () => {
  const { segments, recording } = await all(`${folder}/long.wav`);
  ok(segments.length >= 3);
  deepEqual(recording.segments, segments);
  equal(recording.seconds, sound.length / 16000);
  deepEqual(recording.notes, []);
  ok(recording.secondsPerMinute > 0);
  const rows = await Promise.all(segments.map(async ({ id, start, end }) => {
    const part = sound.slice(Math.round(start * 16000), Math.round(end * 16000));
    await Deno.writeFile(`${folder}/${id}.wav`, wav16(part));
    return { id, split: "test" as const, audio: `${id}.wav` };
  }));
  for (const [i, row] of rows.entries()) {
    const { predictions: [alone] } = await infer(model, { rows: [row], root: folder });
    deepEqual(segments[i].probabilities, alone.probabilities);
    equal(segments[i].predicted, alone.predicted);
  }
});

Deno.test("a stream gives the same segments as they end", async () => {
  const file = await all(`${folder}/long.wav`), bytes = await Deno.readFile(`${folder}/long.wav`);
  const stream = await all({ bytes: pieces(bytes), name: "stdin" });
  equal(stream.recording.name, "stdin");
  deepEqual(stream.segments, file.segments);
  const raw = await all({ bytes: pieces(bytes.subarray(44)), name: "stdin", raw: true });
  deepEqual(raw.segments, stream.segments);
});

Deno.test("silence, short speech and clipped speech are told", async () => {
  const told = async (samples: Float32Array, options?: RecordingOptions) =>
    await all({ bytes: pieces(wav16(samples)), name: "x" }, options);
  const silent = await told(new Float32Array(40_000));
  deepEqual(silent.segments, []);
  deepEqual(silent.recording.notes, ["No speech was found in 2.50 s of sound."]);
  const windows = await told(new Float32Array(40_000), { window: 1 });
  deepEqual(windows.segments.map(({ reason }) => reason), ["no speech", "no speech", "no speech"]);
  deepEqual(windows.recording.notes, ["Windows without a prediction: 3 × no speech."]);
  const loud = await told(sound.map((x) => Math.max(-1, Math.min(32767 / 32768, 30 * x))));
  ok(loud.segments.some(({ warnings }) => warnings.some(({ code }) => code === "clipped")));
  const short = await told(sound, { shortest: 30 });
  ok(
    short.segments.every(({ predicted, reason }) =>
      predicted === undefined && reason === "shorter than 30 s"
    ),
  );
  match(short.recording.notes[0], /^Stretches of speech without a prediction: \d+ × shorter than 30 s\.$/);
});

Deno.test("a recording that can't be read, and a stop, end it", async () => {
  await rejects(all(`${folder}/none.wav`), /found no file/);
  await rejects(all(`${folder}/long.wav`, { signal: AbortSignal.abort(new Error("stopped")) }), /stopped/);
});
