/** Predicts the emotions of a recording of any length: its segments of speech, or its windows. */
import { basename } from "node:path";
import {
  type AudioWarning,
  clipOf,
  type Envelope,
  envelopeOf,
  openSound,
  receiveSound,
  SAMPLE_RATE,
  type SegmentOptions,
  segmentsOf,
  type Sound,
  type SoundSegment,
  type Span,
} from "../../data/mod.ts";
import { badInput } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import type { TargetKind } from "../../target.ts";
import { openInference } from "../infer.ts";
import type { InferOptions } from "../inference.ts";
import type { Prediction } from "../predictions.ts";

/** Bytes of a sound as they arrive. */
export interface SoundBytes {
  /** A WAVE file; its size may be unknown. */
  bytes: AsyncIterable<Uint8Array>;
  /** The name of the sound. */
  name: string;
  /** Whether the bytes are bare samples: 16 bits, little-endian, mono at 16 kHz. Default: a WAVE file. */
  raw?: boolean;
}

/** One segment of a recording: its times in seconds, with a prediction or the reason why it has none. */
export interface Segment
  extends Span, Partial<Pick<Prediction, "predicted" | "set" | "probabilities" | "values">> {
  /** Number of the segment, from 1. */
  id: string;
  /** Why there is no prediction: no speech, too short, or a fault. */
  reason?: string;
  /** What is odd about its sound, e.g. that it is clipped. */
  warnings: AudioWarning[];
}

/** A recording that was read to its end. */
export interface Recording {
  /** Name of the file or stream. */
  name: string;
  /** Length in seconds. */
  seconds: number;
  /** Its segments in order. */
  segments: Segment[];
  /** Names of the classes, labels or dimensions, in the model's order. */
  labels: readonly string[];
  /** The kind of the model's targets. */
  target: TargetKind;
  /** The model's fusion method. */
  method: string;
  /** Outline of the waveform. */
  envelope: Envelope;
  /** Notes on the model and on the recording, each once. */
  notes: string[];
  /** Seconds of computing for a minute of sound, without the time to load the model. */
  secondsPerMinute: number;
}

/** A segment that has ended, or the whole recording at its end. */
export type RecordingEvent =
  | { type: "segment"; segment: Segment; model: Pick<Recording, "target" | "labels"> }
  | { type: "recording"; recording: Recording };

/** Options of a recording. */
export interface RecordingOptions
  extends SegmentOptions, Pick<InferOptions, "use" | "enroll" | "sets" | "engine" | "signal"> {}

/**
 * Predicts the segments of a recording: stretches of speech found by voice activity, or windows. Each
 * prediction is the one that `infer` gives for the segment as a file of its own. A segment without speech, or
 * one that is too short, has a reason in place of a prediction. Memory stays bounded for hours of sound.
 * Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { clipPath, configure, inferRecording, loadDataset, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "audio_only", audio: "log-mel", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const { root, rows } = await loadDataset("sample");
 * const clip = clipPath(root, rows.find(({ audio }) => audio)!.audio!);
 * for await (const event of inferRecording(`${out}/first`, clip)) {
 *   if (event.type === "segment") console.log(event.segment.start, event.segment.predicted);
 * }
 * ```
 */
export async function* inferRecording(
  checkpoint: string,
  recording: string | SoundBytes,
  options: RecordingOptions = {},
): AsyncGenerator<RecordingEvent> {
  const isFile = typeof recording === "string", { signal, window } = options;
  const name = isFile ? basename(recording) : recording.name;
  let heard: Float32Array = new Float32Array(0); // samples of the segment that is predicted
  using model = await openInference(checkpoint, ["audio"], {
    ...options,
    readClip: () => Promise.resolve(clipOf(heard)),
  });
  if (!model.reads.includes("audio")) throw readsNoSpeech(model.method, checkpoint);
  const sound: Sound = isFile
    ? await openSound(fromProject(recording))
    : await receiveSound(recording.bytes, recording.name, recording);
  const { target, labels, method } = model, segments: Segment[] = [], notes = new Set<string>();
  const outline = envelopeOf(), started = performance.now();
  let total = 0, waited = 0;
  const counted = async function* () {
    let asked = performance.now();
    for await (const chunk of sound.samples) {
      signal?.throwIfAborted();
      waited += isFile ? 0 : performance.now() - asked; // the source's time, not ours
      outline.add(chunk);
      total += chunk.length;
      yield chunk;
      asked = performance.now();
    }
  };

  /** Predicts one segment alone: in a batch, others would change its last digits. */
  async function predicted({ start, end, reason, samples }: SoundSegment): Promise<Segment> {
    const id = `${segments.length + 1}`;
    if (samples === undefined) return { id, start, end, reason, warnings: [] };
    heard = samples;
    const found = await model.infer({ rows: [{ id, split: "test", audio: name }], root: "/" });
    for (const note of found.notes) notes.add(note);
    const warnings = found.clipWarnings.map(({ code, detail }) => ({ code, detail }));
    const [answer] = found.predictions, segment = { id, start, end, warnings };
    if (answer === undefined) return { ...segment, reason: found.rejected[0]?.reason ?? "no prediction" };
    const { predicted, set, probabilities, values } = answer;
    return { ...segment, predicted, ...set && { set }, probabilities, ...values && { values } };
  }
  for await (const part of segmentsOf(counted(), options)) {
    signal?.throwIfAborted();
    const segment = await predicted(part);
    segments.push(segment);
    yield { type: "segment", segment, model: { target, labels } };
  }
  const seconds = total / SAMPLE_RATE, spent = (performance.now() - started - waited) / 1000;
  yield {
    type: "recording",
    recording: {
      name,
      seconds,
      segments,
      labels,
      target,
      method,
      envelope: outline.envelope(),
      notes: [
        ...notes,
        ...sound.warnings.map(({ code, detail }) => `The recording is odd: ${code} (${detail}).`),
        ...leftOutNotes(segments, seconds, window),
      ],
      secondsPerMinute: seconds > 0 ? spent / seconds * 60 : 0,
    },
  };
}

/** Tells what has no prediction, by its reason. */
function leftOutNotes(segments: readonly Segment[], seconds: number, window?: number): string[] {
  const said = seconds.toFixed(seconds < 10 ? 2 : 1);
  if (segments.length === 0) return [`No speech was found in ${said} s of sound.`];
  const left = segments.flatMap(({ predicted, reason }) => predicted === undefined ? [reason!] : []);
  const counts = [...Map.groupBy(left, (reason) => reason)].map(([reason, all]) =>
    `${all.length} × ${reason}`
  );
  const what = window === undefined ? "stretches of speech" : "windows";
  return left.length === 0 ? [] : [`${what} without a prediction: ${counts.join(", ")}.`]
    .map((note) => note[0].toUpperCase() + note.slice(1));
}

const readsNoSpeech = (method: string, at: string) =>
  badInput({
    expected: "a model that reads speech, for a recording",
    found: `a ${method} model, which reads text alone`,
    at,
    todo: "Name a run with a speech encoder.",
  });
