/** `deno task transcribe`: writes down the words of clips that have no text. */
import { z } from "zod";
import { trainConfig } from "../lib/config/mod.ts";
import type { Rejection } from "../lib/data/mod.ts";
import { transcribe, type TranscribeEvent, useModules } from "../lib/jobs/mod.ts";
import { fromProject } from "../lib/paths.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { shown, tell, tellNotes } from "./cli/output.ts";
import { requireOutput } from "./cli/output_file.ts";
import { progress } from "./cli/progress.ts";
import { count, leftOut, tellRejected, typed } from "./cli/show.ts";

const read = { data: true, encoding: true, columns: true, pattern: true, cache: true, use: true } as const;

const flags = trainConfig.pick(read).extend({
  model: z.string().describe(
    "The ONNX export of a Whisper: hf-onnx:<folder or added model>, with #q8 behind it for a quantised one.",
  ),
  output: z.string().default("outputs/transcripts/manifest.csv").describe(
    "The manifest to write. The words with their times stand beside it, in <name>.segments.jsonl.",
  ),
  language: z.string().optional().describe(
    "The language that is spoken, by its code (en, de, zh, …). A Whisper of several languages needs it.",
  ),
  all: z.boolean().default(false).describe("Also hear rows that have a text; the model's words replace it."),
  overwrite: z.boolean().default(false).describe(
    "Replace the manifest, and words beside it that another model heard.",
  ),
});

export const task: Task = {
  name: "transcribe",
  summary:
    "Writes down the words of clips that have no text, with a Whisper on this machine, into a manifest that " +
    "says which words are a machine's. Clips without speech get no text.",
  flags,
  examples: [
    ["deno task models add onnx-community/whisper-base --onnx", "fetches a model first"],
    [
      "deno task transcribe --data my/ravdess --model hf-onnx:onnx-community/whisper-base --language en",
      "then: deno task train --data outputs/transcripts/manifest.csv",
    ],
    [
      "deno task transcribe --data my/manifest.csv --model hf-onnx:models/whisper#q8 --output my/heard.csv --all",
      "hears every clip, also those with a text",
    ],
  ],
  notes:
    "To continue an interrupted run, run the same command again: each clip that was heard is kept. The data stay " +
    "as they are.",

  async run(args, signal, json) {
    const { use, overwrite, ...given } = parseFlags(flags, args);
    const output = fromProject(given.output);
    await requireOutput(output, { flag: "--output", overwrite, inputs: [given.data] });
    await useModules(use);
    const line = progress("transcribe");
    try {
      for await (const event of transcribe(given.data, { ...given, output, overwrite, signal })) {
        show(event, line, json);
      }
    } finally {
      line.end();
      if (signal.aborted) console.error("Stopped. What was heard is kept: run the same command to continue.");
    }
  },
};

function show(event: TranscribeEvent, line: ReturnType<typeof progress>, json: PrintJson): void {
  if (event.type === "started") {
    const { rows, wanted, clips, kept, notes } = event;
    tellNotes(notes);
    tell(`${wanted} of ${count(rows, "row")} to transcribe: ${count(clips, "clip")}, ${kept} done before`);
    if (kept < clips) line.update(kept, clips);
  } else if (event.type === "clip") {
    line.update(event.done, event.clips, event.transcript.text.slice(0, 40));
  } else if (event.type === "failed") {
    line.update(event.done, event.clips);
  } else {
    line.end();
    const { type: _, ...result } = event, { silent, wordless, failed, left_out, manifest } = result;
    tellRejected(left_out);
    if (silent.length > 0) tellNotes([`no speech, so no text: ${someOf(silent)}`]);
    if (wordless.length > 0) tellNotes([`the model hears no words, so no text: ${someOf(wordless)}`]);
    const listed = shown.verbose ? failed.length : 5;
    for (const row of failed.slice(0, listed)) console.error(`no text: ${reasonOf(row)}`);
    if (failed.length > listed) {
      tellNotes([`${count(failed.length, "row")} have a clip that can't be used; --verbose shows them all`]);
    }
    console.log(
      `${count(result.transcribed, "row")} transcribed\nManifest ${manifest}\nTimes    ${result.record}`,
    );
    console.log(`Use it   ${typed("train")} --data ${manifest}`);
    json(result);
  }
}

const reasonOf = (row: Rejection): string => leftOut(row).replace("left out: ", "");

/** Names the first rows, and how many there are. */
const someOf = (ids: readonly string[]): string =>
  `${count(ids.length, "row")} (${ids.slice(0, 5).join(", ")}${ids.length > 5 ? ", …" : ""})`;

if (import.meta.main) await main(task);
