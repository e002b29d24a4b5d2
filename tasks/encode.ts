/** `deno task encode`: fills the feature cache for later training and ablations. */
import { z } from "zod";
import { clipWarningsNote, cutNotes, loadDataset, textOnlyNotes } from "../lib/data/mod.ts";
import { useEngine } from "../lib/compute/mod.ts";
import { encodeDataset, encoderNotes, isStored, speechEncoder, textEncoder } from "../lib/encoders/mod.ts";
import { requireStatesPath, useModules, writeRejected, writeStates } from "../lib/jobs/mod.ts";
import { dataReading, trainConfig } from "../lib/config/mod.ts";
import { badInput } from "../lib/errors.ts";
import { parseFlags, readFlags } from "./cli/flags.ts";
import { launchFlags, requireLaunch, tellStopped } from "./cli/launch.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { tellNotes } from "./cli/output.ts";
import { requireOutput } from "./cli/output_file.ts";
import { asPart, type Part, partFlag, partOf } from "./cli/part.ts";
import { encodeProgress, tellRejected } from "./cli/show.ts";
import { launchShards } from "./encode/launch.ts";

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
  threads: true,
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
  ...launchFlags("Encode every shard"),
  jobs: z.int().min(1).default(2).describe(
    "Processes at a time. --jobs by itself means --launch local. Hidden states change by rounding at most.",
  ),
  shards: z.int().min(1).max(100_000).optional().describe(
    "Number of shards of --launch: each encodes its share of the inputs. Default: --jobs, or 32 on Slurm.",
  ),
  shard: partFlag.optional().describe("Encode one shard of how many, e.g. 3/32, for other schedulers."),
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
    ["deno task encode --data my/manifest.csv --audio acoustic --jobs 2", "two processes share the clips"],
    [
      "deno task encode --data my/manifest.csv --audio hf-onnx:models/wavlm --launch slurm --shards 32 --slurm.gpus=1",
      "32 jobs on a cluster share the work",
    ],
  ],

  async run(args, signal, json) {
    const given = parseFlags(flags, args);
    const {
      verify,
      rejected,
      to,
      overwrite,
      jobs,
      slurm,
      dry_run,
      shards,
      shard,
      threads,
      launch: _,
      ...encoding
    } = given;
    const { data, text, audio, use } = encoding, named = readFlags(flags, args);
    const launch = given.launch ?? (named.jobs === undefined ? undefined : "local");
    if (shard && (to || rejected || launch)) {
      throw alone(to ? "--to" : rejected ? "--rejected" : given.launch ? "--launch" : "--jobs");
    }
    if (to) await requireStatesPath(to, overwrite);
    const inputs = [data, text, audio, ...use];
    for (const [flag, path] of [["--to", to], ["--rejected", rejected]] as const) {
      if (path) await requireOutput(path, { flag, overwrite, inputs });
    }
    if (shard) {
      return await asPart(signal, partOf(shard), (part, signal) => encode(given, signal, json, part));
    }
    if (launch) {
      const options = {
        launch,
        jobs,
        slurm,
        dry_run,
        threads,
        shards: shards ?? (launch === "slurm" ? 32 : jobs),
      };
      if (!await launchShards({ ...encoding, verify }, options, signal, json) || signal.aborted) {
        return tellStopped(signal);
      }
    } else requireLaunch(named);
    await encode(given, signal, json);
  },
};

/** Encodes a data set, or one shard of it, and prints what is in the cache. */
async function encode(
  given: z.infer<typeof flags>,
  signal: AbortSignal,
  json: PrintJson,
  shard?: Part,
): Promise<void> {
  const { data, text, audio, cache, keep_text: keepText } = given;
  const { verify, rejected, use, to, threads } = given;
  await useModules(use);
  await useEngine({ threads });
  const stored = (["text", "audio"] as const).filter((modality) => isStored(modality, given[modality]));
  const dataset = await loadDataset(data, { ...dataReading(given), stored });
  const there = (modality: "text" | "audio") =>
    stored.includes(modality) || dataset.rows.some((row) => row[modality]);
  const encoders = {
    text: text !== "none" && there("text") ? await textEncoder(text) : undefined,
    audio: audio !== "none" && there("audio") ? await speechEncoder(audio) : undefined,
  };
  tellNotes([...dataset.notes, ...encoderNotes(encoders)]);
  using encoding = encodeProgress();
  const features = await encodeDataset(dataset, encoders, {
    cacheDir: cache,
    keepText: keepText && encoders.text !== undefined,
    verify,
    shard,
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
  tellNotes(features.notes);
  tellNotes(cutNotes(examples, dataset.rows, encoders, {}));
  const bad = [...dataset.rejected, ...features.rejected];
  tellNotes(textOnlyNotes(features.textOnly));
  for (const damaged of features.damaged) {
    tellNotes([`${damaged} was damaged, so its hidden states were computed again`]);
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
  if (odd) tellNotes([odd]);
  tellRejected(bad, rejected);
  if (rejected) await writeRejected(rejected, bad);
  console.log(`cached in ${cache}`);
  if (to) console.log(`${to}  ${((await writeStates(to, features, encoders)) / 1e6).toFixed(1)} MB`);
  json({ cache, ...encoded, left_out: bad });
}

const alone = (flag: string) =>
  badInput({
    expected: "--shard alone",
    found: `${flag} beside it`,
    at: "the command line",
    todo: `Leave ${flag} out; when all shards are encoded, the same command without --shard takes it.`,
  });

if (import.meta.main) await main(task);
