/** Writes down the words of clips without text, into a manifest that says which words are a machine's. */
import { dirname, relative, resolve } from "node:path";
import {
  type LoadOptions,
  machineSource,
  manifestCsv,
  type ManifestRow,
  readManifestRows,
  type Rejection,
  rejectionCounts,
} from "../../data/mod.ts";
import type { Recogniser } from "../../encoders/mod.ts";
import { badInput, UndertoneError } from "../../errors.ts";
import { writeFileAtomic } from "../../files/mod.ts";
import { fromProject } from "../../paths.ts";
import { hearClip } from "./hear_clip.ts";
import { openRecord, recordPath, type Transcript } from "./record.ts";

/** Options of a transcription. */
export interface TranscribeOptions extends Pick<LoadOptions, "encoding" | "columns" | "pattern" | "cache"> {
  /** An ONNX export of a Whisper: `hf-onnx:<folder>`, with `#q8` for a quantised one. */
  model: string;
  /** The manifest to write. Its transcripts with times stand beside it in `<name>.segments.jsonl`. */
  output: string;
  /** The language that is spoken, by its code. A model of several languages needs it. */
  language?: string;
  /** Also hears rows that have a text, and replaces it. Default false. */
  all?: boolean;
  /** Replaces transcripts of another model beside the manifest. Default false. */
  overwrite?: boolean;
  /** Stops after the piece that is being heard, and throws the signal's reason. */
  signal?: AbortSignal;
}

/** What happens in a transcription, in order. */
export type TranscribeEvent =
  | {
    type: "started";
    /** Rows of the data set, rows to transcribe, and distinct clips of these. */
    rows: number;
    wanted: number;
    clips: number;
    /** Clips that an earlier run has done. */
    kept: number;
    notes: readonly string[];
  }
  | { type: "clip"; done: number; clips: number; transcript: Transcript }
  | { type: "failed"; done: number; clips: number; rejected: readonly Rejection[] }
  | {
    type: "written";
    manifest: string;
    record: string;
    /** Rows that now have a machine's words. */
    transcribed: number;
    /** Ids of rows in whose clip there is no speech, and of rows in whose speech the model hears no words. */
    silent: readonly string[];
    wordless: readonly string[];
    /** Rows whose clip can't be used, and rows that are not in the manifest. */
    failed: readonly Rejection[];
    left_out: readonly Rejection[];
  };

/**
 * Writes down the words of each clip whose row has no text. Speech is found first; only speech is heard, in
 * pieces that the model takes. Each clip is heard once and recorded at once, so that a run that was stopped
 * goes on where it was. At the end a manifest is written with all rows and columns of the data, the words,
 * and `machine:<model>` as their `text_source`. Throws UndertoneError if the data or the model can't be read.
 *
 * @example
 * ```ts
 * import { transcribe } from "@undertone/undertone";
 *
 * const model = "hf-onnx:lib/testing/fixtures/transcription/tiny-whisper";
 * const output = `${await Deno.makeTempDir()}/manifest.csv`;
 * for await (const event of transcribe("sample", { model, language: "en", output })) {
 *   if (event.type === "written") console.log(event.transcribed);
 * }
 * ```
 */
export async function* transcribe(data: string, options: TranscribeOptions): AsyncGenerator<TranscribeEvent> {
  const { all = false, overwrite = false, signal } = options, output = resolve(fromProject(options.output));
  const source = await readManifestRows(data, options);
  await requireOther(output, source.path);
  if (source.rows.length === 0) throw noRows(source.path, source.rejected);
  const wanted = source.rows.filter(({ candidate: { text, audio } }) => audio && (all || !text?.trim()));
  const failed: Rejection[] = wanted.filter(({ fault }) => fault !== undefined)
    .map((row) => rejection(row, row.fault!));
  const byClip = Map.groupBy(wanted.filter(({ fault }) => fault === undefined), ({ clip }) => clip!);
  const model = await opened(options);
  try {
    const record = recordPath(output);
    const { name, fingerprint, language } = model;
    const { known, add } = await openRecord(record, { model: name, fingerprint, language }, { overwrite });
    const found = new Map<string, Transcript>();
    for (const clip of byClip.keys()) {
      const before = known.get(nameOf(clip, output));
      if (before && isUnchanged(before, await stamp(clip))) found.set(clip, before);
    }
    const counts = { rows: source.rows.length, wanted: wanted.length, clips: byClip.size, kept: found.size };
    yield { type: "started", ...counts, notes: [...source.notes, ...model.notes] };
    let done = found.size;
    for (const [clip, rows] of byClip) {
      if (found.has(clip)) continue;
      signal?.throwIfAborted();
      try {
        const ids = rows.map(({ candidate }) => candidate.id), state = await stamp(clip);
        const heard = await hearClip(clip, model, signal);
        const transcript = { audio: nameOf(clip, output), ...state, ids, ...heard };
        await add(transcript);
        found.set(clip, transcript);
        yield { type: "clip", done: ++done, clips: byClip.size, transcript };
      } catch (error) {
        if (!isOfClip(error)) throw error;
        const rejected = rows.map((row) => rejection(row, error.message));
        failed.push(...rejected);
        yield { type: "failed", done: ++done, clips: byClip.size, rejected };
      }
    }
    const said = new Map(wanted.flatMap((row) => {
      const transcript = row.clip && found.get(row.clip);
      return transcript ? [[row, transcript] as const] : [];
    }));
    const rows = source.rows.map((row) => withText(row, said.get(row), machineSource(name)));
    await writeFileAtomic(output, manifestCsv({ ...source, rows }, output));
    const idsOf = (fits: (transcript: Transcript) => boolean) =>
      [...said].filter(([, transcript]) => fits(transcript)).map(([{ candidate }]) => candidate.id);
    yield {
      type: "written",
      manifest: output,
      record,
      transcribed: idsOf(({ text }) => text !== "").length,
      silent: idsOf(({ text, speech }) => text === "" && speech === 0),
      wordless: idsOf(({ text, speech }) => text === "" && speech > 0),
      failed,
      left_out: source.rejected,
    };
  } finally {
    await model.close();
  }
}

/** Opens the model. Throws UndertoneError unless its name begins with `hf-onnx:`. */
async function opened({ model, language }: TranscribeOptions): Promise<Recogniser> {
  const [, name] = /^hf-onnx:(.+)$/.exec(model) ?? [];
  if (name === undefined) {
    throw badInput({
      expected: "hf-onnx: and the folder of a Whisper's ONNX export",
      found: `'${model}'`,
      at: "the model",
      todo: model.includes(":") ? "Choose such a model." : `Write hf-onnx:${model}.`,
    });
  }
  const { openRecogniser } = await import("../../encoders/hf_onnx/recogniser.ts");
  return await openRecogniser(name, language);
}

/** Returns a row with what was heard in its clip; a row that was not heard stays as it is. */
function withText(row: ManifestRow, heard: Transcript | undefined, machine: string): ManifestRow {
  if (!heard) return row;
  const { text } = heard;
  return { ...row, candidate: { ...row.candidate, text, textSource: text === "" ? "" : machine } };
}

/** Throws UndertoneError if the manifest would replace the file that the rows come from. */
async function requireOther(output: string, path: string): Promise<void> {
  const real = (path: string) => Deno.realPath(path).catch(() => resolve(path));
  if (await real(output) !== await real(path)) return;
  throw badInput({
    expected: "another file than the data's",
    found: "the data's own",
    at: output,
    todo: "Choose another --output.",
  });
}

const noRows = (at: string, rejected: readonly Rejection[]) =>
  badInput({
    expected: "rows that can be written down",
    found: rejected.length === 0 ? "none" : `none (${rejectionCounts(rejected).join(", ")})`,
    at,
    todo: rejected.length === 0 ? "Add rows." : `The first: ${rejected[0].reason} (${rejected[0].at}).`,
  });

const rejection = ({ candidate: { id, at } }: ManifestRow, reason: string): Rejection => ({ id, at, reason });

/** A clip's path as the manifest has it. */
const nameOf = (clip: string, output: string): string =>
  relative(dirname(output), clip).replaceAll("\\", "/");

/** Size and time of a file. */
async function stamp(path: string): Promise<Pick<Transcript, "size" | "changed">> {
  const { size, mtime } = await Deno.stat(path);
  return { size, changed: mtime?.getTime() ?? 0 };
}

const isUnchanged = (before: Transcript, now: Pick<Transcript, "size" | "changed">): boolean =>
  before.size === now.size && before.changed === now.changed;

/** Whether an error is a clip's: `readClip` gives its kind of fault as the cause. */
const isOfClip = (error: unknown): error is UndertoneError =>
  error instanceof UndertoneError && typeof error.cause === "string";
