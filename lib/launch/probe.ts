/** What the job that looks whether nodes see the folders has found. It runs before the parts of a submission. */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { placesOf } from "./array.ts";
import { type Launch, readLaunch } from "./record.ts";
import { slurm } from "./slurm.ts";

/** What the probe has found: nothing yet, that a node sees everything, or what one lacks. */
export type Probe = { state: "queued" | "running" | "seen" } | { state: "lacking"; words: string };

const QUEUED = ["PENDING", "CONFIGURING", "REQUEUED"], RUNNING = ["RUNNING", "COMPLETING"];

/** Returns what the probe of the newest submission has found so far. */
async function probeOf(folder: string, { submissions }: Launch): Promise<Probe> {
  const probe = submissions.at(-1)?.probe;
  if (probe === undefined) return { state: "seen" };
  const { out } = await slurm("scontrol", "show", "job", "--oneliner", probe);
  const state = /\bJobState=(\w+)/.exec(out)?.[1], { probed } = placesOf(folder);
  if (state && QUEUED.includes(state)) return { state: "queued" };
  if (state && RUNNING.includes(state)) return { state: "running" };
  const words = existsSync(probed) ? (await Deno.readTextFile(probed)).trim() : "";
  // Slurm forgets a job after some minutes; its log then tells.
  if (state === "COMPLETED" || (state === undefined && !/^lacks /m.test(words))) return { state: "seen" };
  const node = /\bNodeList=([^\s(]+)/.exec(out)?.[1] ?? "that ran it";
  return { state: "lacking", words: words || `lacks ${node} ${folder}` };
}

/** Returns the sentence about a node that lacks something; undefined if none is known to. */
export async function faultOf(folder: string, launch: Launch): Promise<string | undefined> {
  return sentence(await probeOf(folder, launch));
}

/**
 * Waits for the probe of the newest submission, some seconds, so that a fault is told at once if a node is
 * free. Returns the sentence about a node that lacks something; undefined if none is known to.
 */
export async function awaitFault(
  folder: string,
  { seconds = 30, signal }: { seconds?: number; signal?: AbortSignal } = {},
): Promise<string | undefined> {
  const launch = await readLaunch(folder);
  for (let second = 0; launch && !signal?.aborted; second++) {
    const probe = await probeOf(folder, launch);
    if (probe.state === "lacking" || probe.state === "seen" || second >= seconds) return sentence(probe);
    await delay(1000, undefined, { signal }).catch(() => {});
  }
}

function sentence(probe: Probe): string | undefined {
  if (probe.state !== "lacking") return undefined;
  const [, node, path] = /^lacks (\S+) (.+)$/m.exec(probe.words) ?? [];
  const what = path
    ? `The node ${node} does not see ${path}`
    : `The job that looks at a node failed: ${probe.words}`;
  return `${what}. Put it on a file system that the login node and all nodes share.`;
}
