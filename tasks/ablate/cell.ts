/** Trains one cell of an ablation, as a scheduler starts it. */
import type { AblateConfig } from "../../lib/config/mod.ts";
import { ablateCell, type Part } from "../../lib/jobs/mod.ts";
import { ATTENDED, isWanted, REQUEUE_LIMIT, requeueSelf } from "../../lib/launch/mod.ts";
import { ablationProgress } from "../cli/ablation.ts";
import type { PrintJson } from "../cli/main.ts";
import { encodeProgress } from "../cli/show.ts";

/** Trains a cell and prints its dev metrics. Returns the exit code. */
export async function runCell(
  config: AblateConfig,
  cell: Part,
  { overwrite, signal }: { overwrite: boolean; signal: AbortSignal },
  json: PrintJson,
): Promise<number> {
  const encoding = encodeProgress(), progress = ablationProgress();
  const stop = AbortSignal.any([signal, endOfInput()]);
  try {
    for await (
      const event of ablateCell(config, cell, { overwrite, signal: stop, onProgress: encoding.update })
    ) {
      encoding.end();
      progress.show(event);
      if (event.type === "planned") {
        for (const note of event.dataset.notes) console.error(`note: ${note}`);
      }
      if (event.type !== "trained") continue;
      if (event.before) console.error(`${event.cell.id} is trained already.`);
      json({ cell: event.cell.id, dev: event.dev });
    }
  } catch (error) {
    if (!stop.aborted || error !== stop.reason) throw error;
  }
  return stop.aborted ? await stopped() : 0;
}

/** Returns a signal that is aborted when standard input ends, if the process that started this one asked so. */
function endOfInput(): AbortSignal {
  const end = new AbortController();
  if (Deno.env.get(ATTENDED)) {
    (async () => {
      const nothing = new Uint8Array(64);
      while (await Deno.stdin.read(nothing) !== null);
      end.abort();
    })();
  }
  return end.signal;
}

/** Puts a cell that Slurm has stopped back into the queue, if it may. Returns the exit code. */
async function stopped(): Promise<number> {
  const limit = Deno.env.get(REQUEUE_LIMIT), job = Deno.env.get("SLURM_JOB_ID");
  if (limit === undefined || job === undefined) {
    console.error("Stopped. Nothing is lost: the same command continues it.");
    return 130;
  }
  const requeues = Number(Deno.env.get("SLURM_RESTART_COUNT") ?? 0);
  if (!await isWanted(job)) {
    console.error("Stopped, since the job was cancelled. Nothing is lost: launch again to continue.");
    return 130;
  }
  if (requeues >= Number(limit)) {
    console.error(
      `Stopped for good after ${requeues} requeues. Nothing is lost: launch again to continue, with a longer ` +
        "--slurm.time or more --slurm.requeues.",
    );
    return 1;
  }
  const refusal = await requeueSelf(job);
  console.error(
    refusal ? `Stopped. Slurm refused to requeue it: ${refusal}` : "Stopped, and back in Slurm's queue.",
  );
  return refusal ? 1 : 130;
}
