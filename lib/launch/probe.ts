/**
 * What the job that looks whether nodes see the folders has found. It runs before the parts of a
 * submission.
 */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { placesOf } from "./array.ts";
import { type Launch, readLaunch } from "./record.ts";
import { slurm } from "./slurm.ts";

/**
 * What the probe has found: nothing yet, that a node sees everything, what one lacks, or why it could not
 * look.
 */
export type Probe =
  | { state: "pending" | "seen" }
  | { state: "lacking"; node: string; path: string }
  | { state: "failed"; why: string };

/** States of Slurm in which a job ended before its work did. */
const CUT_SHORT = ["TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "OUT_OF_MEMORY", "DEADLINE", "PREEMPTED"];

/** Returns what the probe of the newest submission has found so far. */
async function probeOf(folder: string, { submissions }: Launch): Promise<Probe> {
  const probe = submissions.at(-1)?.probe;
  if (probe === undefined) return { state: "seen" };
  const { out } = await slurm("scontrol", "show", "job", "--oneliner", probe);
  const state = /\bJobState=(\w+)/.exec(out)?.[1], { probed } = placesOf(folder);
  if (state === "COMPLETED" || state === "CANCELLED") return { state: "seen" }; // nothing is known to lack
  if (state && CUT_SHORT.includes(state)) return { state: "failed", why: state };
  if (state && state !== "FAILED") return { state: "pending" };
  const words = existsSync(probed) ? (await Deno.readTextFile(probed)).trim() : "";
  const [, lacking, path] = /^lacks (\S+) (.+)$/m.exec(words) ?? [];
  if (path) return { state: "lacking", node: lacking, path };
  if (state === undefined) return { state: "seen" }; // Slurm forgets a job after some minutes: its log tells
  const node = /\bNodeList=([^\s(]+)/.exec(out)?.[1];
  if (words || !node) return { state: "failed", why: words.split("\n").at(-1) || "FAILED" };
  return { state: "lacking", node, path: folder }; // it could not write its log there
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
    if (probe.state !== "pending" || second >= seconds) return sentence(probe);
    await delay(1000, undefined, { signal }).catch(() => {});
  }
}

function sentence(probe: Probe): string | undefined {
  if (probe.state === "failed") {
    const why = probe.why.replace(/\.$/, "");
    return `The small job that looks at a node before the parts start has failed: ${why}. The parts that waited ` +
      "for it do not start. Launch again.";
  }
  if (probe.state !== "lacking") return undefined;
  return `The node ${probe.node} does not see ${probe.path}. Put it on a file system that the login node and ` +
    "all nodes share.";
}
