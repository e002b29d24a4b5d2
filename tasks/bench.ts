/** `deno task bench`: measures speed and memory, side by side with PyTorch on the same machine. */
import { z } from "zod";
import { requireHalfPrecision, useEngine } from "../lib/compute/mod.ts";
import { badInput, requireKnown } from "../lib/errors.ts";
import { type Table, tableText } from "../lib/plot/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import type { Case, Sides } from "./bench/case.ts";
import { cases } from "./bench/cases.ts";
import { featuresText, measureFeatures } from "./bench/features.ts";
import { firstEpoch, firstEpochText } from "./bench/first_epoch.ts";
import { goalText } from "./bench/goals.ts";
import { launchedText, timeLaunched } from "./bench/launched.ts";
import { measure, type Measured } from "./bench/measure.ts";
import { peakMemory } from "./bench/memory.ts";
import { HOW_TO_GET_PYTORCH, type Peer, startPeer } from "./bench/peer.ts";
import { grow, type Grown, type Scale, scaleText, sizesOf } from "./bench/scale.ts";
import { flagName, parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { progress } from "./cli/progress.ts";

const flags = trainConfig.pick({ text: true, audio: true, cache: true, device: true, precision: true })
  .extend({
    case: z.array(z.string()).optional().describe(
      "Cases or families of cases (epoch, step, …). All by default.",
    ),
    python: z.string().optional().describe(
      "Python interpreter with PyTorch. Without it, only Undertone is timed.",
    ),
    rounds: z.int().min(1).default(5).describe(
      "Timed rounds of each side, in alternation, after one untimed round.",
    ),
    threads: z.int().min(1).default(2).describe("Threads of each side."),
    rows: z.int().min(1).default(9989).describe("Rows of an epoch over random hidden states."),
    data: z.string().optional().describe("Data set whose training rows replace the random hidden states."),
    scale: z.array(z.coerce.number().int().min(100)).optional().describe(
      "Instead of the cases: how a training grows with rows (these numbers), lengths and classes.",
    ),
    lengths: z.array(z.coerce.number().int().min(1)).optional().describe(
      "Lengths to measure instead of 10 and 1000 states, as --scale does.",
    ),
    classes: z.array(z.coerce.number().int().min(2)).optional().describe(
      "Numbers of classes to measure instead of 2 and 1000, as --scale does.",
    ),
    first_epoch: z.boolean().default(false).describe(
      "Instead of the cases: the first epoch of fine-tuning over its second.",
    ),
    features: z.boolean().default(false).describe(
      "Instead of the cases: the speech encoder acoustic beside openSMILE's eGeMAPS, on clips of --data. " +
        "--python names a Python with opensmile.",
    ),
    launched: z.int().min(2).optional().describe(
      "Instead of the cases: an ablation of --data by this number of processes, beside the same one in one.",
    ),
    epochs: z.int().min(1).optional().describe(
      "Epochs of each cell, for --launched. Default: the recipes' own.",
    ),
    memory: z.boolean().default(true).describe(
      "Also measure peak memory, by running each case in fresh processes.",
    ),
  });

export const task: Task = {
  name: "bench",
  summary: "Times Undertone and PyTorch in alternating rounds, after checking that both compute the same.",
  flags,
  examples: [
    ["deno task bench --python torch-venv/bin/python", "all cases, compared with PyTorch"],
    ["deno task bench --case epoch:memocmt,step --rounds 9", "some cases, without PyTorch"],
    ["deno task bench --first-epoch --rows 3000", "what recording and compiling add to the first epoch"],
    [
      "deno task bench --features --python smile-venv/bin/python --data my/manifest.csv",
      "acoustic beside openSMILE's eGeMAPS",
    ],
    [
      "deno task bench --scale 1000,10000,100000 --lengths 10,100,1000 --classes 2,7,1000",
      "time and memory by rows, lengths and classes",
    ],
    [
      "deno task bench --launched 2 --data my/manifest.csv --rounds 3",
      "an ablation by --launch local --jobs 2, beside one process",
    ],
    ["deno task bench --device webgpu --precision fp16", "fine-tuning in half precision"],
    [
      "deno task bench --device webgpu --python torch-venv/bin/python",
      "on a GPU; PyTorch uses CUDA if it can",
    ],
  ],
  notes: "Peak memory is that of a whole process from its start, which runs one side of one case alone.\n" +
    "Cases (--case):\n" + cases.map(({ id, summary }) => `  ${id}: ${summary}`).join("\n"),

  async run(args, signal, json) {
    const {
      case: wanted,
      python,
      memory,
      device,
      scale,
      lengths,
      classes,
      first_epoch: first,
      features,
      launched,
      epochs,
      ...settings
    } = parseFlags(flags, args);
    const { threads, rounds } = settings, half = settings.precision === "fp16";
    if (half) requireCases({ scale, lengths, classes, first_epoch: first, features, launched });
    if (scale || lengths || classes) {
      return await measureScale({ rows: scale, lengths, classes }, threads, signal, json);
    }
    if (first) return await measureFirstEpoch(settings, signal, json);
    if (features) {
      const measured = await measureFeatures({
        data: settings.data,
        python,
        workers: threads,
        rounds,
        signal,
      });
      console.log(featuresText(measured));
      return json({ features: measured });
    }
    if (launched) {
      const { data = "sample", text, audio, cache } = settings, line = progress("launched");
      const onRound = (round: number) => line.update(round, rounds);
      const options = { data, text, audio, cache, rounds, jobs: launched, epochs, signal, onRound };
      const times = await timeLaunched(options).finally(() => line.end());
      console.log(launchedText(times, launched));
      return json({ jobs: launched, ...times });
    }
    const chosen = choose(wanted ?? (half ? [FINE_TUNING] : undefined));
    if (half) requireFineTuning(chosen);
    const engine = await useEngine({ threads, device });
    if (half) await requireHalfPrecision();
    const gpu = engine.device !== "cpu";
    const peer = python ? await startPeer(python, { threads, gpu }) : undefined;
    const measured: Measured[] = [], [load] = Deno.loadavg();
    const tell = () => {
      console.log(report(measured, { threads, device: engine.device, half }, peer));
      const goals = half ? "" : goalText(measured);
      if (goals) console.log(goals);
      if (peer && load > navigator.hardwareConcurrency / 2) console.log(busy(load));
      const sides = {
        device: engine.device,
        precision: settings.precision,
        torch: peer?.version,
        torch_device: peer?.device,
      };
      json({ threads, load, ...sides, cases: measured });
    };
    try {
      for (const each of chosen) {
        const line = progress(each.id);
        const onRound = (done: number) => line.update(done, rounds);
        const measuring = memory && !gpu
          ? (id: string, sides: Sides) => peakMemory(id, settings, sides, python)
          : undefined;
        measured.push(await measure(each, settings, { peer, memory: measuring, signal, onRound }));
        line.end();
      }
    } finally {
      await peer?.end();
      if (measured.length > 0) tell(); // keeps earlier measurements if a later case fails or is interrupted
    }
  },
};

/** Measures how a training grows. Prints the table also when it is interrupted. */
async function measureScale(
  scale: Scale,
  threads: number,
  signal: AbortSignal,
  json: (value: unknown) => void,
): Promise<void> {
  const grown: Grown[] = [], sizes = sizesOf(scale), line = progress("scale");
  try {
    for (const size of sizes) {
      grown.push(await grow(size, threads, signal));
      line.update(grown.length, sizes.length);
    }
    line.end();
  } finally {
    if (grown.length > 0) console.log(scaleText(grown, threads));
    json({ threads, scale: grown });
  }
}

/** Measures the first epoch of fine-tuning over its second. */
async function measureFirstEpoch(
  { rows, threads }: { rows: number; threads: number },
  signal: AbortSignal,
  json: (value: unknown) => void,
): Promise<void> {
  await useEngine({ threads });
  const measured = await firstEpoch(rows, signal);
  console.log(firstEpochText(measured));
  json({ threads, first_epoch: measured });
}

/** Returns the cases of these ids or families, in the order of the table. */
function choose(wanted?: readonly string[]): Case[] {
  const families = cases.map(({ id }) => id.split(":")[0]);
  const known = [...new Set(families), ...cases.map(({ id }) => id)];
  for (const name of wanted ?? []) requireKnown("a case or a family of cases", name, known, "--case");
  return cases.filter(({ id }, i) => !wanted || wanted.includes(id) || wanted.includes(families[i]));
}

/** The family of cases that have a half precision. */
const FINE_TUNING = "finetune";

/** Throws bad input if something else than the cases is measured: it has no half precision. */
function requireCases(others: Record<string, unknown>): void {
  const other = Object.keys(others).find((name) => Boolean(others[name]));
  if (other === undefined) return;
  throw badInput({
    expected: `cases of the family ${FINE_TUNING} for --precision fp16`,
    found: flagName(other),
    at: "the command line",
    todo: "Leave one of them out.",
  });
}

function requireFineTuning(chosen: readonly Case[]): void {
  const other = chosen.find(({ id }) => !id.startsWith(`${FINE_TUNING}:`));
  if (!other) return;
  throw badInput({
    expected: `cases of the family ${FINE_TUNING} for --precision fp16`,
    found: other.id,
    at: "--case",
    todo: `Write --case ${FINE_TUNING}, or leave --case out.`,
  });
}

/** Formats the table. Each PyTorch variant of a case has a row; the first one also shows our times. */
function report(
  measured: readonly Measured[],
  { threads, device, half }: { threads: number; device: string; half: boolean },
  peer?: Peer,
): string {
  const right = (name: string) => ({ name, align: "right" as const });
  const table: Table = {
    title:
      `Median times in ms ${on(device, threads)}${
        half ? " in half precision" : ""
      }, peak memory of whole processes in MB` +
      (peer
        ? `; ratios are the time of PyTorch ${peer.version} ${on(peer.device, threads)} over ours, ` +
          "and our memory over PyTorch's"
        : ""),
    columns: [
      ...["case", "per"],
      ...["ours", "quartiles"].map(right),
      ...(peer ? ["PyTorch", ...["ms", "ratio", "quartiles"].map(right)] : []),
      right("our MB"),
      ...(peer ? ["PyTorch's MB", "ratio"].map(right) : []),
    ],
    rows: measured.flatMap((each) => {
      const { case: id, unit, ours_ms, ours_quartiles_ms, pytorch } = each;
      const ours = [id, unit, ms(ours_ms), range(ours_quartiles_ms, ms)];
      const memory = [each.peak_mb?.toFixed(0) ?? ""];
      if (!pytorch) return [[...ours, ...memory]];
      memory.push(each.pytorch_peak_mb?.toFixed(0) ?? "", each.memory_ratio?.toFixed(2) ?? "");
      return pytorch.map(({ variant, ms: theirs, ratio, ratio_quartiles }, i) => [
        ...(i ? ours.map(() => "") : ours),
        ...[variant, ms(theirs), ratio.toFixed(2), range(ratio_quartiles, (value) => value.toFixed(2))],
        ...(i ? memory.map(() => "") : memory),
      ]);
    }),
  };
  return tableText(table) + (peer ? "" : `PyTorch was not measured. ${HOW_TO_GET_PYTORCH}\n`);
}

const on = (device: string, threads: number) => device === "cpu" ? `with ${threads} threads` : `on ${device}`;
const ms = (value: number) => value.toFixed(value < 100 ? 2 : 0);
const range = ([low, high]: [number, number], text: (value: number) => string) =>
  `${text(low)} to ${text(high)}`;

/**
 * Warns about a busy machine: PyTorch's threads busy-wait for each other, so other work on their cores slows
 * them many times.
 */
const busy = (load: number) =>
  `The machine was busy before the start (load ${
    load.toFixed(1)
  } on ${navigator.hardwareConcurrency} cores). That slows ` +
  "PyTorch's threads more than ours. For a fair comparison, use --threads 1 or an idle machine.";

if (import.meta.main) await main(task);
