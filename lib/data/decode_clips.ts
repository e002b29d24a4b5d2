/** Decodes every clip of a data set, to find broken ones before a training does. */
import type { ClipAnswer } from "./audio/clip_worker.ts";
import type { ClipWarning } from "./audio/fault.ts";
import { patientWorker } from "./patient_worker.ts";
import { clipPath, type Dataset, type Rejection } from "./utterance.ts";

/** What decoding all clips of a data set showed. */
export interface DecodedClips {
  /** Number of distinct clips. */
  clips: number;
  /** Seconds of sound in the good ones. */
  seconds: number;
  /** Rows whose clip can't be decoded, with the reason. */
  rejected: Rejection[];
  /** Warnings about clips that can. */
  clipWarnings: ClipWarning[];
}

export interface DecodeOptions {
  /** Clips that are decoded at the same time, each by a worker of its own. Default: one for each core. */
  workers?: number;
  /** Milliseconds after which the decoding of one clip is given up. Default 2 minutes. */
  patience?: number;
  /** Stops early and throws the signal's reason. */
  signal?: AbortSignal;
  /** Called after each clip. */
  onProgress?(done: number, total: number, broken: number): void;
}

/** Decodes each distinct clip once. A clip that takes too long, or breaks its decoder, counts as broken. */
export async function decodeClips(dataset: Dataset, options: DecodeOptions = {}): Promise<DecodedClips> {
  const { workers = navigator.hardwareConcurrency, patience = 120_000, signal, onProgress } = options;
  const rows = dataset.rows.filter(({ audio }) => audio !== undefined);
  const paths = [...new Set(rows.map(({ audio }) => clipPath(dataset.root, audio!)))];
  const answers = new Map<string, ClipAnswer>(), queue = paths.values();
  let broken = 0;
  const work = async () => {
    using decoder = patientWorker<string, ClipAnswer>(
      new URL("./audio/clip_worker.ts", import.meta.url),
      patience,
    );
    for (const path of queue) {
      signal?.throwIfAborted();
      const answer = await decoder.ask(path);
      answers.set(path, answer);
      broken += Number(answer.fault !== undefined);
      onProgress?.(answers.size, paths.length, broken);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, paths.length) }, work));
  const result: DecodedClips = { clips: paths.length, seconds: 0, rejected: [], clipWarnings: [] };
  for (const [at, answer] of answers) {
    if (answer.fault !== undefined) continue;
    result.seconds += answer.seconds;
    result.clipWarnings.push(...answer.warnings.map((warning) => ({ at, ...warning })));
  }
  for (const { id, audio } of rows) {
    const at = clipPath(dataset.root, audio!), { fault } = answers.get(at)!;
    if (fault !== undefined) result.rejected.push({ id, at, reason: fault });
  }
  return result;
}
