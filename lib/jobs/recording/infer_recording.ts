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
import { type InferOptions, openInference } from "../infer.ts";
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
export interface Segment extends Span, Partial<Pick<Prediction, "predicted" | "probabilities" | "values">> {
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
  extends SegmentOptions, Pick<InferOptions, "use" | "enroll" | "engine" | "signal"> {}

/** Segments of a file that are predicted together. Those of a stream are predicted as they end. */
const TOGETHER = 8;

/**
 * Predicts the segments of a recording: stretches of speech found by voice activity, or windows. Each
 * prediction is the one that `infer` gives for the segment as a file of its own. A segment without speech, or
 * one that is too short, has a reason in place of a prediction. Memory stays bounded for hours of sound. Throws
 * UndertoneError.
 *
 * @example
 * ```ts
 * import { clipPath, configure, inferRecording, loadDataset, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "audio_only", epochs: 1, name: "first", out });
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
  const samples = new Map<string, Float32Array>(); // of the segments that are being predicted
  using model = await openInference(checkpoint, ["audio"], {
    ...options,
    readClip: (path) => Promise.resolve(clipOf(samples.get(basename(path))!)),
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

  async function* predicted(parts: readonly SoundSegment[]): AsyncGenerator<RecordingEvent> {
    const own = parts.map((part, i) => ({ ...part, id: `${segments.length + i + 1}` }));
    samples.clear();
    for (const { id, samples: heard } of own) if (heard) samples.set(id, heard);
    const rows = [...samples.keys()].map((id) => ({ id, split: "test" as const, audio: id }));
    const found = rows.length === 0 ? undefined : await model.infer({ rows, root: "/" });
    for (const note of found?.notes ?? []) notes.add(note);
    for (const { id, start, end, reason } of own) {
      const prediction = found?.predictions.find((each) => each.id === id);
      const rejection = found?.rejected.find((each) => each.id === id);
      const warnings = (found?.clipWarnings ?? []).filter(({ at }) => basename(at) === id)
        .map(({ code, detail }) => ({ code, detail }));
      const segment: Segment = { id, start, end, warnings };
      if (prediction) {
        const { predicted, probabilities, values } = prediction;
        Object.assign(segment, { predicted, probabilities, ...values && { values } });
      } else segment.reason = reason ?? rejection?.reason ?? "no prediction";
      segments.push(segment);
      yield { type: "segment", segment, model: { target, labels } };
    }
  }
  const together = isFile && !model.isByGroups ? TOGETHER : 1;
  let waiting: SoundSegment[] = [];
  for await (const part of segmentsOf(counted(), options)) {
    waiting.push(part);
    if (waiting.length < together) continue;
    signal?.throwIfAborted();
    yield* predicted(waiting);
    waiting = [];
  }
  yield* predicted(waiting);
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
