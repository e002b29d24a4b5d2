/** `deno task bench`: how fast this is, beside PyTorch doing the same on the same machine at the same time. */
import { z } from "zod";
import { useEngine } from "../lib/compute/mod.ts";
import { requireKnown } from "../lib/errors.ts";
import { type Table, tableText } from "../lib/plot/mod.ts";
import { trainConfig } from "../lib/train/config.ts";
import type { Case } from "./bench/case.ts";
import { measure, type Measured } from "./bench/measure.ts";
import { HOW_TO_GET_PYTORCH, type Peer, startPeer } from "./bench/peer.ts";
import { trainingCases } from "./bench/training.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { progress } from "./cli/progress.ts";

const cases: readonly Case[] = trainingCases;

const flags = trainConfig.pick({ text: true, audio: true, cache: true, device: true }).extend({
  case: z.array(z.string()).optional().describe("Cases or families of them (epoch, step); all where absent."),
  python: z.string().optional().describe("Python interpreter that has PyTorch; without it only our times."),
  rounds: z.int().min(1).default(5).describe("Timed rounds of each side, in turn, after one untimed."),
  threads: z.int().min(1).default(2).describe("Threads of each side."),
  rows: z.int().min(1).default(9989).describe("Rows of an epoch over made-up hidden states."),
  data: z.string().optional().describe("Data set whose training rows make the epochs instead."),
  json: z.boolean().default(false).describe("Print the result as one JSON object on the last line."),
});

export const task: Task = {
  name: "bench",
  summary: "Times training beside PyTorch, in alternating rounds, once both are seen to compute the same.",
  flags,
  examples: [
    ["deno task bench --python torch-venv/bin/python", "every case beside PyTorch"],
    ["deno task bench --case epoch:memocmt,step --rounds 9", "some cases, our side alone"],
    ["deno task bench --device webgpu --python torch-venv/bin/python", "on a GPU, PyTorch on CUDA if it can"],
  ],
  notes: "Cases (--case):\n" + cases.map(({ id, summary }) => `  ${id}: ${summary}`).join("\n"),

  async run(args, signal) {
    const { case: wanted, python, json, device, ...settings } = parseFlags(flags, args);
    const chosen = choose(wanted);
    const engine = await useEngine({ threads: settings.threads, device }), gpu = engine.device !== "cpu";
    const peer = python ? await startPeer(python, { threads: settings.threads, gpu }) : undefined;
    const measured: Measured[] = [], [load] = Deno.loadavg();
    try {
      for (const each of chosen) {
        const line = progress(each.id);
        const onRound = (done: number) => line.update(done, settings.rounds);
        measured.push(await measure(each, settings, { peer, signal, onRound }));
        line.end();
      }
    } finally {
      await peer?.end();
    }
    const { threads } = settings;
    console.log(report(measured, { threads, device: engine.device }, peer));
    if (peer && load > navigator.hardwareConcurrency / 2) console.log(busy(load));
    if (json) {
      const sides = { device: engine.device, torch: peer?.version, torch_device: peer?.device };
      console.log(JSON.stringify({ threads, load, ...sides, cases: measured }));
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

function report(
  measured: readonly Measured[],
  { threads, device }: { threads: number; device: string },
  peer?: Peer,
): string {
  const range = ([low, high]: [number, number], digits: number) =>
    `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
  const digits = (ms: number) => ms < 100 ? 2 : 0;
  const theirs = measured[0]?.pytorch?.map(({ variant }) => variant) ?? [];
  const table: Table = {
    title: `Median times in ms ${on(device, threads)}` +
      (peer
        ? `; ratios are the time of PyTorch ${peer.version} ${
          on(peer.device, threads)
        } over ours, above 1 ours is faster`
        : ""),
    columns: [
      ...["case", "per"],
      ...["ours", "quartiles"].map((name) => ({ name, align: "right" as const })),
      ...theirs.flatMap((variant) =>
        [variant, "ratio", "quartiles"].map((name) => ({ name, align: "right" as const }))
      ),
    ],
    rows: measured.map(({ case: id, unit, ours_ms, ours_quartiles_ms, pytorch = [] }) => [
      id,
      unit,
      ours_ms.toFixed(digits(ours_ms)),
      range(ours_quartiles_ms, digits(ours_ms)),
      ...pytorch.flatMap(({ ms, ratio, ratio_quartiles }) => [
        ms.toFixed(digits(ms)),
        ratio.toFixed(2),
        range(ratio_quartiles, 2),
      ]),
    ]),
  };
  return tableText(table) + (peer ? "" : `PyTorch's side was not asked. ${HOW_TO_GET_PYTORCH}\n`);
}

const on = (device: string, threads: number) => device === "cpu" ? `with ${threads} threads` : `on ${device}`;

/** PyTorch's threads wait for each other without giving way, which other work on their cores makes many times slower. */
const busy = (load: number) =>
  `The machine was busy before the start (load ${
    load.toFixed(1)
  } on ${navigator.hardwareConcurrency} cores), which slows ` +
  "PyTorch's threads more than ours: times with --threads 1, or at rest, are the ones to compare.";

if (import.meta.main) await main(task);
