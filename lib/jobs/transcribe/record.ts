/**
 * The record beside a manifest: the words of each clip with their times, as lines of JSON. A row that is done
 * stays done if the process ends.
 */
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { appendLine, writeFileAtomic } from "../../files/mod.ts";

/** Words between two times of a clip, in seconds. */
export interface TimedText {
  /** Where the words begin. */
  start: number;
  /** Where they end. */
  end: number;
  /** The words. */
  text: string;
}

/** What a model heard in a clip. */
export interface Transcript {
  /** Path of the clip, relative to the manifest. */
  audio: string;
  /** Bytes of its file. A clip that has changed is heard again. */
  size: number;
  /** When its file was changed, in ms. */
  changed: number;
  /** Ids of the rows that have the clip. */
  ids: string[];
  /** Length of the clip in seconds. */
  seconds: number;
  /** Length of the pieces with speech in it, in seconds. */
  speech: number;
  /** All words; empty if there is no speech, or the model hears no words in it. */
  text: string;
  /** The words with their times. */
  segments: TimedText[];
}

/** What decides which words are heard. */
export interface RecordAbout {
  model: string;
  fingerprint: string;
  language?: string;
}

const number = z.number();
const transcript: z.ZodType<Transcript> = z.object({
  audio: z.string(),
  size: number,
  changed: number,
  ids: z.array(z.string()),
  seconds: number,
  speech: number,
  text: z.string(),
  segments: z.array(z.object({ start: number, end: number, text: z.string() })),
});
const header = z.object({ model: z.string(), fingerprint: z.string(), language: z.string().optional() });

/** Returns the path of the record of a manifest. */
export const recordPath = (manifest: string): string => manifest.replace(/\.csv$/i, "") + ".segments.jsonl";

/**
 * Opens the record at `path`, or begins it. With `overwrite`, a record of another model is begun anew. Lines
 * that a killed process left broken are dropped. Throws UndertoneError if the record is another model's, or
 * no record.
 */
export async function openRecord(
  path: string,
  about: RecordAbout,
  { overwrite }: { overwrite: boolean },
): Promise<{ known: Map<string, Transcript>; add(done: Transcript): Promise<void> }> {
  const known = new Map<string, Transcript>();
  const add = async (done: Transcript) => {
    await appendLine(path, JSON.stringify(done));
    known.set(done.audio, done);
  };
  const lines = await Deno.readTextFile(path).then((text) => text.split("\n"), (error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw notOurs(path, error.message);
  });
  const first = lines && header.safeParse(parsed(lines[0]));
  const isSame = first?.success && first.data.fingerprint === about.fingerprint;
  if (lines && !isSame && !overwrite) {
    if (!first?.success) throw notOurs(path, "another file");
    throw badInput({
      expected: `transcripts by ${inWords(about)}`,
      found: `some by ${inWords(first.data)}${
        inWords(about) === inWords(first.data) ? " with other files" : ""
      }`,
      at: path,
      todo: "Choose another --output, or replace them with --overwrite.",
    });
  }
  const read = isSame ? lines!.slice(1).map((line) => transcript.safeParse(parsed(line))) : [];
  for (const { data } of read) if (data) known.set(data.audio, data);
  // Written anew: whole lines only, each clip once.
  await writeFileAtomic(
    path,
    [about, ...known.values()].map((line) => JSON.stringify(line)).join("\n") + "\n",
  );
  return { known, add };
}

const inWords = ({ model, language }: Pick<RecordAbout, "model" | "language">) =>
  model + (language ? ` in ${language}` : "");

const notOurs = (at: string, found: string) =>
  badInput({
    expected: "the transcripts of an earlier run, or no file",
    found,
    at,
    todo: "Choose another --output, or replace the file with --overwrite.",
  });

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
