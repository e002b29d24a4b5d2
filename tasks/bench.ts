/** `deno task bench`: how fast this is, beside PyTorch doing the same on the same machine at the same time. */
import { z } from "zod";
import { useEngine } from "../lib/compute/mod.ts";
import { requireKnown } from "../lib/errors.ts";
import { type Table, tableText } from "../lib/plot/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import type { Case, Sides } from "./bench/case.ts";
import { cases } from "./bench/cases.ts";
import { measure, type Measured } from "./bench/measure.ts";
import { peakMemory } from "./bench/memory.ts";
import { HOW_TO_GET_PYTORCH, type Peer, startPeer } from "./bench/peer.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { progress } from "./cli/progress.ts";

const flags = trainConfig.pick({ text: true, audio: true, cache: true, device: true }).extend({
  case: z.array(z.string()).optional().describe(
    "Cases or families of them (epoch, step, ...); all where absent.",
  ),
  python: z.string().optional().describe("Python interpreter that has PyTorch; without it only our times."),
  rounds: z.int().min(1).default(5).describe("Timed rounds of each side, in turn, after one untimed."),
  threads: z.int().min(1).default(2).describe("Threads of each side."),
  rows: z.int().min(1).default(9989).describe("Rows of an epoch over made-up hidden states."),
  data: z.string().optional().describe("Data set whose training rows make the epochs instead."),
  memory: z.boolean().default(true).describe("Also run each case in fresh processes, for their peak memory."),
  json: z.boolean().default(false).describe("Print the result as one JSON object on the last line."),
});

export const task: Task = {
  name: "bench",
  summary: "Times the work beside PyTorch, in alternating rounds, once both are seen to compute the same.",
  flags,
  examples: [
    ["deno task bench --python torch-venv/bin/python", "every case beside PyTorch"],
    ["deno task bench --case epoch:memocmt,step --rounds 9", "some cases, our side alone"],
    ["deno task bench --device webgpu --python torch-venv/bin/python", "on a GPU, PyTorch on CUDA if it can"],
  ],
  notes:
    "Peak memory is that of whole processes from their start, one for each side, that do one case alone.\n" +
    "Cases (--case):\n" + cases.map(({ id, summary }) => `  ${id}: ${summary}`).join("\n"),

  async run(args, signal) {
    const { case: wanted, python, json, memory, device, ...settings } = parseFlags(flags, args);
    const chosen = choose(wanted);
    const engine = await useEngine({ threads: settings.threads, device }), gpu = engine.device !== "cpu";
    const peer = python ? await startPeer(python, { threads: settings.threads, gpu }) : undefined;
    const measured: Measured[] = [], [load] = Deno.loadavg();
    const tell = () => {
      const { threads } = settings;
      console.log(report(measured, { threads, device: engine.device }, peer));
      if (peer && load > navigator.hardwareConcurrency / 2) console.log(busy(load));
      if (json) {
        const sides = { device: engine.device, torch: peer?.version, torch_device: peer?.device };
        console.log(JSON.stringify({ threads, load, ...sides, cases: measured }));
      }
    };
    try {
      for (const each of chosen) {
        const line = progress(each.id);
        const onRound = (done: number) => line.update(done, settings.rounds);
        const measuring = memory && !gpu
          ? (id: string, sides: Sides) => peakMemory(id, settings, sides, python)
          : undefined;
        measured.push(await measure(each, settings, { peer, memory: measuring, signal, onRound }));
        line.end();
      }
    } finally {
      await peer?.end();
      if (measured.length > 0) tell(); // what took long is not lost where a later case fails or is interrupted
    }
  },
};

/** Cases by id or by family, in the order of the list. */
function choose(wanted?: readonly string[]): Case[] {
  const families = cases.map(({ id }) => id.split(":")[0]);
  const known = [...new Set(families), ...cases.map(({ id }) => id)];
  for (const name of wanted ?? []) requireKnown("a case or a family of cases", name, known, "--case");
  return cases.filter(({ id }, i) => !wanted || wanted.includes(id) || wanted.includes(families[i]));
}

/** A row for each way in which PyTorch does a case; ours is in the first of them. */
function report(
  measured: readonly Measured[],
  { threads, device }: { threads: number; device: string },
  peer?: Peer,
): string {
  const right = (name: string) => ({ name, align: "right" as const });
  const table: Table = {
    title: `Median times in ms ${on(device, threads)}, peak memory of whole processes in MB` +
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
  return tableText(table) + (peer ? "" : `PyTorch's side was not asked. ${HOW_TO_GET_PYTORCH}\n`);
}

const on = (device: string, threads: number) => device === "cpu" ? `with ${threads} threads` : `on ${device}`;
const ms = (value: number) => value.toFixed(value < 100 ? 2 : 0);
const range = ([low, high]: [number, number], text: (value: number) => string) =>
  `${text(low)} to ${text(high)}`;

/** PyTorch's threads wait for each other without giving way, which other work on their cores makes many times slower. */
const busy = (load: number) =>
  `The machine was busy before the start (load ${
    load.toFixed(1)
  } on ${navigator.hardwareConcurrency} cores), which slows ` +
  "PyTorch's threads more than ours: times with --threads 1, or at rest, are the ones to compare.";

if (import.meta.main) await main(task);
