/** `deno task encode`: fills the feature cache for later training and ablations. */
import { z } from "zod";
import { clipWarningsNote, cutNotes, loadDataset, textOnlyNotes } from "../lib/data/mod.ts";
import { useEngine } from "../lib/compute/mod.ts";
import { encodeDataset, encoderNotes, isStored, speechEncoder, textEncoder } from "../lib/encoders/mod.ts";
import { requireStatesPath, useModules, writeRejected, writeStates } from "../lib/jobs/mod.ts";
import { labelReading, trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { requireOutput } from "./cli/output_file.ts";
import { encodeProgress, tellRejected } from "./cli/show.ts";

const flags = trainConfig.pick({
  data: true,
  encoding: true,
  columns: true,
  pattern: true,
  target: true,
  labels: true,
  text: true,
  audio: true,
  cache: true,
  keep_text: true,
  use: true,
}).extend({
  verify: z.boolean().default(false).describe(
    "Read every clip again and compare its content with the cache, even if its size and times are unchanged.",
  ),
  rejected: z.string().optional().describe(
    "CSV file to write, which lists the rows that can't be used, with reasons.",
  ),
  to: z.string().optional().describe(
    "Safetensors file to write, with the hidden states of every row as text/<id> and audio/<id>, for other " +
      "programs.",
  ),
  overwrite: z.boolean().default(false).describe("Replace the files of --to and --rejected."),
});

export const task: Task = {
  name: "encode",
  summary:
    "Encodes the text and speech of a data set into the feature cache. Skips what the cache already has.",
  flags,
  examples: [
    ["deno task encode --data my/manifest.csv", "with the default encoders"],
    [
      "deno task encode --data my/manifest.csv --text none --audio log-mel",
      "speech alone, with another encoder",
    ],
    [
      "deno task encode --data my/manifest.csv --text hf-onnx:models/bert --to states.safetensors",
      "also writes the states, for an exported model that takes them",
    ],
  ],

  async run(args, signal, json) {
    const given = parseFlags(flags, args);
    const { data, encoding: csvEncoding, columns, pattern, text, audio, cache, keep_text: keepText } = given;
    const { verify, rejected, use, to, overwrite } = given;
    if (to) await requireStatesPath(to, overwrite);
    const inputs = [data, text, audio, ...use];
    for (const [flag, path] of [["--to", to], ["--rejected", rejected]] as const) {
      if (path) await requireOutput(path, { flag, overwrite, inputs });
    }
    await useModules(use);
    await useEngine();
    const stored = (["text", "audio"] as const).filter((modality) => isStored(modality, given[modality]));
    const reading = {
      encoding: csvEncoding,
      columns,
      pattern,
      target: given.target,
      cache,
      ...labelReading(given),
    };
    const dataset = await loadDataset(data, { ...reading, stored, keepText });
    const there = (modality: "text" | "audio") =>
      stored.includes(modality) || dataset.rows.some((row) => row[modality]);
    const encoders = {
      text: text !== "none" && there("text") ? await textEncoder(text) : undefined,
      audio: audio !== "none" && there("audio") ? await speechEncoder(audio) : undefined,
    };
    for (const note of [...dataset.notes, ...encoderNotes(encoders)]) console.error(`note: ${note}`);
    using encoding = encodeProgress();
    const features = await encodeDataset(dataset, encoders, {
      cacheDir: cache,
      keepText: keepText && encoders.text !== undefined,
      verify,
      signal,
      onProgress: encoding.update,
    }).finally(() => {
      encoding.end();
      if (signal.aborted) {
        console.error("Stopped. What was encoded is kept: run the same command to continue.");
      }
    });
    const examples = dataset.rows.map(({ id }) => ({
      id,
      text: features.text?.get(id),
      audio: features.audio?.get(id),
    }));
    for (const note of features.notes) console.error(`note: ${note}`);
    for (const note of cutNotes(examples, dataset.rows, encoders, {})) console.error(`note: ${note}`);
    const bad = [...dataset.rejected, ...features.rejected];
    for (const note of textOnlyNotes(features.textOnly)) console.error(`note: ${note}`);
    for (const shard of features.damaged) {
      console.error(`note: ${shard} was damaged, so its hidden states were computed again`);
    }
    const encoded: Record<string, unknown> = {};
    for (const [modality, encoder] of Object.entries(encoders)) {
      if (!encoder) continue;
      const states = features[modality as "text" | "audio"]!;
      const distinct = new Set(states.values());
      let frames = 0;
      for (const { length } of distinct) frames += length;
      encoded[modality] = {
        ...{ encoder: encoder.id, rows: states.size, distinct: distinct.size, states: frames },
        width: encoder.width,
      };
      console.log(
        `${modality}: ${states.size} rows, ${distinct.size} distinct, ${frames} states of width ${encoder.width} (${encoder.id})`,
      );
    }
    const odd = clipWarningsNote(features.clipWarnings);
    if (odd) console.error(`note: ${odd}`);
    tellRejected(bad, rejected);
    if (rejected) await writeRejected(rejected, bad);
    console.log(`cached in ${cache}`);
    if (to) console.log(`${to}  ${((await writeStates(to, features, encoders)) / 1e6).toFixed(1)} MB`);
    json({ cache, ...encoded, left_out: bad });
  },
};

if (import.meta.main) await main(task);
