/** `deno task infer` for long recordings: cuts each into segments, and tells them as they end. */
import { basename, extname } from "node:path";
import { secondsToldBy } from "../../lib/data/mod.ts";
import { badInput, UndertoneError } from "../../lib/errors.ts";
import { unwritable } from "../../lib/files/mod.ts";
import {
  checkpointPath,
  inferRecording,
  noteOf,
  type Recording,
  recordingFiles,
  type Segment,
  setText,
  writeRecording,
} from "../../lib/jobs/mod.ts";
import type { PrintJson } from "../cli/main.ts";
import { tell, tellNotes } from "../cli/output.ts";
import { requireOutput } from "../cli/output_file.ts";
import { count } from "../cli/show.ts";
import type { Flags } from "./flags.ts";
import { enrolmentOf } from "./rows.ts";

/** The clip that stands for the standard input. */
export const STDIN = "-";

/** A single recording of more seconds is cut into segments, unless the user says otherwise. */
const LONG = 30;

/**
 * Returns whether recordings are cut into segments: as the flags say, and otherwise if a single one is long.
 * Throws bad input if flags contradict each other.
 */
export async function isCut(given: Flags, paths: readonly string[]): Promise<boolean> {
  const { text, segments, windows, formats, raw } = given, isStream = paths[0] === STDIN;
  const wanted = segments ?? (windows !== undefined || isStream || undefined);
  const wrong = (expected: string, found: string, todo: string) =>
    badInput({ expected, found, at: "the command line", todo });
  if (raw && !isStream) throw wrong("--audio - beside --raw", "none", "Omit --raw: a file says what it is.");
  if (segments === false && (isStream || windows !== undefined)) {
    const other = isStream ? "--audio -" : "--windows";
    throw wrong("segments", `--no-segments beside ${other}`, `Omit --no-segments or ${other}.`);
  }
  if (wanted) {
    const flag = windows !== undefined ? "--windows" : isStream ? "--audio -" : "--segments";
    if (paths.length === 0) throw wrong(`--audio beside ${flag}`, "none", "Name a recording with --audio.");
    if (text !== undefined) throw wrong("a recording alone", `--text beside ${flag}`, "Omit --text.");
  }
  const seconds = wanted === undefined && paths.length === 1 && text === undefined
    ? await secondsToldBy(paths[0])
    : undefined;
  const isLong = seconds !== undefined && seconds > LONG;
  if (isLong) {
    tellNotes([
      `a recording of ${Math.round(seconds)} s is cut into segments of speech, because models learn from ` +
      "utterances; --no-segments predicts it as one",
    ]);
  }
  if (formats && !(wanted ?? isLong)) {
    throw wrong("a recording that is cut, for --formats", "none", "Add --segments, or omit --formats.");
  }
  return wanted ?? isLong;
}

/** Predicts the segments of each recording and writes the files of --output. Returns the exit code. */
export async function predictRecordings(
  given: Flags,
  paths: readonly string[],
  signal: AbortSignal,
  json: PrintJson,
): Promise<number | void> {
  const files = await outputsOf(given, paths), all: object[] = [];
  const enroll = given.enroll === undefined ? undefined : await enrolmentOf(given.enroll, given);
  let predicted = 0;
  const predict = async (path: string, files: readonly string[]) => {
    const isStream = path === STDIN;
    const events = inferRecording(given.checkpoint, isStream ? standardInput(given.raw, signal) : path, {
      use: given.use,
      window: given.windows,
      enroll,
      sets: given.sets === undefined ? undefined : given.sets / 100,
      engine: { engine: given.engine, device: given.device, threads: given.threads },
      signal: isStream ? undefined : signal, // Ctrl-C ends a stream as its own end would
    });
    for await (const event of events) {
      if (event.type === "segment") console.log(lineOf(event.segment));
      else {
        const { recording } = event, { segments } = recording;
        predicted += segments.filter((segment) => segment.predicted !== undefined).length;
        all.push(...segments.map((segment) => ({ recording: path, ...segment })));
        await writeRecording(files, recording, { formulas: !given.escape_formulas });
        tellRecording(recording, files);
      }
    }
  };
  for (const [i, path] of paths.entries()) {
    if (paths.length > 1) console.log(path);
    try {
      await predict(path, files[i]);
    } catch (error) { // a recording that can't be read does not stop the others
      if (paths.length === 1 || !(error instanceof UndertoneError && isAudioFault(error))) throw error;
      console.error(`left out: ${error.message}`);
      all.push({ recording: path, error: error.message });
    }
  }
  json(all);
  if (predicted === 0) return 2;
}

/** Faults of recordings have a code as their cause. */
const isAudioFault = ({ cause }: UndertoneError) => typeof cause === "string";

/** Returns the files to write for each recording, after checking that each can be written. */
async function outputsOf(given: Flags, paths: readonly string[]): Promise<string[][]> {
  const { output, formats, overwrite } = given;
  if (output === undefined && formats !== undefined) {
    const todo = "Name a folder with --output.";
    throw badInput({ expected: "--output beside --formats", found: "none", at: "the command line", todo });
  }
  if (output === undefined) return paths.map(() => []);
  const files = paths.map((path) => recordingFiles(output, nameOf(path), formats)), flat = files.flat();
  const twice = flat.find((file, i) => flat.indexOf(file) < i);
  if (twice !== undefined) {
    throw badInput({
      expected: "a file for each recording",
      found: `${twice} for several`,
      at: "the command line",
      todo: extname(output)
        ? "Name a folder with --output."
        : "Rename recordings of one name, or predict them apart.",
    });
  }
  if (flat[0] !== output) {
    await Deno.mkdir(output, { recursive: true }).catch((cause) => {
      throw unwritable("a folder", output, cause);
    });
  }
  const inputs = [checkpointPath(given.checkpoint), ...given.use, ...paths];
  for (const file of flat) await requireOutput(file, { flag: "--output", overwrite, inputs });
  return files;
}

const nameOf = (path: string) => path === STDIN ? "stdin" : basename(path);

function standardInput(raw: boolean, signal: AbortSignal) {
  if (Deno.stdin.isTerminal()) {
    throw badInput({
      expected: "a sound on the standard input",
      found: "a terminal",
      at: "--audio -",
      todo: "Send one: `ffmpeg -i me.mp4 -f wav - | deno task infer … --audio -`.",
    });
  }
  return { name: "stdin", raw, bytes: untilStopped(Deno.stdin.readable, signal) };
}

/** Ends the bytes when the signal is aborted. */
async function* untilStopped(
  bytes: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = bytes.getReader();
  const stopped = new Promise<{ done: true; value?: undefined }>((resolve) => {
    signal.addEventListener("abort", () => resolve({ done: true }), { once: true });
  });
  while (true) {
    const { value, done } = await Promise.race([reader.read(), stopped]);
    if (done) return;
    yield value;
  }
}

/** Returns a segment as a line: its times, its answer with the probability, and what is odd about it. */
function lineOf(segment: Segment): string {
  const { start, end, predicted, set, probabilities } = segment;
  const note = [set && `in the set: ${setText(set)}`, noteOf(segment)].filter(Boolean).join("  ");
  const p = predicted === undefined ? undefined : probabilities?.[predicted];
  const answer = predicted === undefined
    ? `no prediction: ${note}`
    : [p === undefined ? predicted : `${predicted.padEnd(12)} ${(100 * p).toFixed(1).padStart(5)} %`, note]
      .filter(Boolean).join("  ");
  return `${start.toFixed(2).padStart(8)} – ${end.toFixed(2).padStart(8)} s  ${answer}`;
}

function tellRecording(
  { notes, segments, seconds, secondsPerMinute }: Recording,
  files: readonly string[],
): void {
  tellNotes(notes);
  const answered = segments.filter(({ predicted }) => predicted !== undefined);
  const speech = answered.reduce((sum, { start, end }) => sum + end - start, 0);
  tell(
    `${count(answered.length, "prediction")} for ${speech.toFixed(1)} of ${seconds.toFixed(1)} s; ` +
      `${secondsPerMinute.toFixed(1)} s of computing per minute of sound`,
  );
  for (const file of files) console.log(file);
}
