/**
 * Times an ablation by `--launch local` beside the same one in one process, in alternation, after checking
 * that both give the same results.
 */
import { join } from "node:path";
import { UndertoneError } from "../../lib/errors.ts";
import { readJson } from "../../lib/files/mod.ts";
import { inProject } from "../../lib/paths.ts";
import { GOALS } from "./goals.ts";
import { quartiles } from "./measure.ts";

/** What is timed. */
export interface LaunchedOptions {
  data: string;
  text: string;
  audio: string;
  cache: string;
  rounds: number;
  /** Processes at a time. */
  jobs: number;
  /** Epochs of each cell. Default: the recipes' own. */
  epochs?: number;
  signal?: AbortSignal;
  onRound?(round: number): void;
}

/** Seconds of each round. */
export interface LaunchedTimes {
  serial: number[];
  launched: number[];
}

/** Runs the surrogate's recipes with two seeds, both ways in each round. The states are encoded before. */
export async function timeLaunched(options: LaunchedOptions): Promise<LaunchedTimes> {
  const { data, text, audio, cache, rounds, jobs, epochs, signal, onRound } = options;
  const outputs = inProject("outputs");
  await Deno.mkdir(outputs, { recursive: true });
  const out = await Deno.makeTempDir({ dir: outputs, prefix: "bench-" });
  const reading = ["--data", data, "--text", text, "--audio", audio, "--cache", cache];
  const recipes = ["--config", "tasks/recipes/surrogate.json", "--seeds", "2"];
  if (epochs) recipes.push("--epochs", `${epochs}`);
  const ways = { serial: [], launched: ["--launch", "local", "--jobs", `${jobs}`] };
  const times: LaunchedTimes = { serial: [], launched: [] };
  try {
    await runTask(["encode", ...reading]);
    for (let round = 0; round < rounds; round++) {
      const order = Object.entries(ways) as [keyof LaunchedTimes, string[]][];
      for (const [way, flags] of round % 2 ? order.reverse() : order) {
        signal?.throwIfAborted();
        const began = performance.now();
        await runTask([
          "ablate",
          ...reading,
          ...recipes,
          "--out",
          out,
          "--name",
          `${way}-${round}`,
          ...flags,
        ]);
        times[way].push((performance.now() - began) / 1000);
      }
      await requireEqual(join(out, `serial-${round}`), join(out, `launched-${round}`));
      onRound?.(round + 1);
    }
  } finally {
    await Deno.remove(out, { recursive: true });
  }
  return times;
}

/** Says the times, their ratio, and whether it reaches the goal. */
export function launchedText({ serial, launched }: LaunchedTimes, jobs: number): string {
  const [low, middle, high] = quartiles(launched.map((seconds, round) => seconds / serial[round]));
  const all = (seconds: readonly number[]) => seconds.map((each) => each.toFixed(0)).join(", ");
  return `An ablation in one process: ${all(serial)} s. With --launch local --jobs ${jobs}: ${
    all(launched)
  } s. ` +
    `Ratio ${middle.toFixed(2)} (quartiles ${low.toFixed(2)} to ${high.toFixed(2)}). Goal: at most ` +
    `${GOALS.launched}, which is ${middle <= GOALS.launched ? "reached" : "missed"}.`;
}

async function runTask(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: inProject("."),
    env: { NO_COLOR: "1" },
  }).output();
  if (success) return;
  const words = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new UndertoneError(`deno task ${args[0]} failed: ${words}`, "internal");
}

/** Throws UndertoneError if two ablations have other results. */
async function requireEqual(...folders: string[]): Promise<void> {
  const [one, other] = await Promise.all(folders.map((folder) => readJson(join(folder, "results.json"))));
  if (JSON.stringify(one) === JSON.stringify(other)) return;
  throw new UndertoneError(
    "The times can't be compared, because a launch gives other results than one process.",
    "internal",
  );
}
