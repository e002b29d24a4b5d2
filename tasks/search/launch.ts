/** Launches the workers of a search as jobs of Slurm or as processes, from a terminal. */
import type { SearchConfig } from "../../lib/config/mod.ts";
import { count, UndertoneError } from "../../lib/errors.ts";
import { launchFolder, planSearchLaunch, searchStatus } from "../../lib/jobs/mod.ts";
import type { LaunchFlags } from "../ablate/launch.ts";
import { requireNodes, tellStarted } from "../cli/launch.ts";
import type { PrintJson } from "../cli/main.ts";
import { tell, tellNotes } from "../cli/output.ts";
import { progress } from "../cli/progress.ts";

/** Time between two looks at the trials, in ms. */
const LOOK = 1000;

/**
 * Launches workers. Returns whether the trials are trained, so that the search can end here: processes of
 * this machine are waited for, jobs of Slurm are not.
 */
export async function launch(
  config: SearchConfig,
  { launch: launcher, jobs, slurm, dry_run, overwrite }: LaunchFlags,
  signal: AbortSignal,
  json: PrintJson,
): Promise<boolean> {
  const { threads } = config;
  const plan = await planSearchLaunch(config, { launcher, jobs, threads, slurm, overwrite, signal });
  const { folder, workers, notes } = plan;
  tell(`${count(config.trials, "trial")} by ${count(workers, "worker")} in ${folder}`);
  tellNotes(notes);
  const about = { search: folder, workers, notes };
  if (dry_run) {
    console.log(launcher === "slurm" ? plan.script() : `deno task search --worker for 1 to ${workers}`);
    json({ ...about, ...launcher === "slurm" && { script: plan.script() } });
    return false;
  }
  if (launcher === "slurm") {
    tellStarted(await plan.launch(), "worker");
    await requireNodes(launchFolder(folder), signal);
    console.log(`How far the trials are: deno task search status ${folder}`);
    console.log(`When no worker is left: deno task search collect ${folder}`);
    json(about);
    return false;
  }
  const { failed } = await watched(folder, config.trials, plan.launch());
  if (signal.aborted) return false;
  if (failed.size === workers) throw allFailed(folder, failed);
  if (failed.size > 0) {
    tellNotes([
      `${count(failed.size, "worker")} of ${workers} failed, and the others took its trials on: ` +
      `${launchFolder(folder)}/logs`,
    ]);
  }
  return true;
}

/** Shows how far the trials are until the workers have ended. */
async function watched<T>(folder: string, trials: number, work: Promise<T>): Promise<T> {
  const bar = progress("trials");
  let isOver = false, timer: ReturnType<typeof setTimeout> | undefined;
  const look = async () => {
    const status = await searchStatus(folder).catch(() => undefined);
    if (isOver) return;
    const inState = (...states: string[]) =>
      status?.trials.filter(({ state }) => states.includes(state)).length ?? 0;
    bar.update(inState("done", "failed", "paused", "stopped"), trials, `${inState("running")} running`);
    timer = setTimeout(look, LOOK);
  };
  timer = setTimeout(look, LOOK);
  try {
    return await work;
  } finally {
    isOver = true;
    clearTimeout(timer);
    bar.end();
  }
}

function allFailed(folder: string, failed: ReadonlyMap<number, number>): UndertoneError {
  const [[first, code]] = failed;
  return new UndertoneError(
    `Every worker failed, e.g. worker ${first} (exit code ${code}). Its log is ` +
      `${launchFolder(folder)}/logs/${first}.log. The same command goes on with what is missing.`,
    "input",
  );
}
