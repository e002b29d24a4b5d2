/** Launches the cells of an ablation as jobs of Slurm or as processes, from a terminal. */
import type { AblateConfig } from "../../lib/config/mod.ts";
import { launchFolder, type LaunchStatus, launchStatus, planLaunch } from "../../lib/jobs/mod.ts";
import { ranges, type SlurmOptions } from "../../lib/launch/mod.ts";
import { UndertoneError } from "../../lib/errors.ts";
import type { PrintJson } from "../cli/main.ts";
import { requireNodes, tellStarted } from "../cli/launch.ts";
import { tell } from "../cli/output.ts";
import { progress } from "../cli/progress.ts";
import { count } from "../cli/show.ts";
import { statusCounts } from "./status.ts";

/** Flags of a launch. */
export interface LaunchFlags {
  launch: "slurm" | "local";
  jobs: number;
  slurm: SlurmOptions;
  dry_run: boolean;
  overwrite: boolean;
}

/** Time between two looks at the processes, in ms. */
const LOOK = 1000;

/**
 * Launches what is not trained yet. Returns whether the ablation is complete, so that its table can be made:
 * processes of this machine are waited for, jobs of Slurm are not.
 */
export async function launch(
  config: AblateConfig,
  { launch: launcher, jobs, slurm, dry_run, overwrite }: LaunchFlags,
  signal: AbortSignal,
  json: PrintJson,
): Promise<boolean> {
  const { threads } = config;
  const plan = await planLaunch(config, { launcher, jobs, threads, slurm, overwrite, signal });
  const { folder, cells, missing } = plan;
  const trained = cells.length - missing.length;
  tell(`${count(cells.length, "cell")} in ${folder}${trained ? `, ${trained} trained before` : ""}`);
  if (dry_run) {
    console.log(launcher === "slurm" ? plan.script() : `deno task ablate --cell for ${ranges(missing)}`);
    json({ ablation: folder, cells, missing, ...launcher === "slurm" && { script: plan.script() } });
    return false;
  }
  if (missing.length === 0) {
    if (launcher === "local") return true;
    console.log(`All cells are trained. Next: deno task ablate collect ${folder}`);
    json({ ablation: folder, cells, missing });
    return false;
  }
  if (launcher === "slurm") {
    tellStarted(await plan.launch(), "cell");
    await requireNodes(launchFolder(folder), signal);
    console.log(`How far they are: deno task ablate status ${folder}`);
    console.log(`When all are done: deno task ablate collect ${folder}`);
    json({ ablation: folder, cells, missing });
    return false;
  }
  const { failed } = await watched(folder, missing, plan.launch());
  if (signal.aborted) return false;
  if (failed.size > 0) throw await failure(folder, failed);
  return true;
}

/** Shows how far processes are until they have ended. */
async function watched<T>(folder: string, missing: readonly number[], work: Promise<T>): Promise<T> {
  const bar = progress("cells");
  let ended = false, timer: ReturnType<typeof setTimeout> | undefined, before: LaunchStatus | undefined;
  const look = async () => {
    const status = await launchStatus(folder, { before }).catch(() => undefined);
    if (ended || !status) return;
    before = status;
    const own = status.cells.filter(({ number }) => missing.includes(number));
    const far = own.reduce((sum, cell) => sum + (cell.state === "done" ? 1 : cell.progress ?? 0), 0);
    bar.update(Math.round(far * 10) / 10, own.length, statusCounts(own));
    timer = setTimeout(look, LOOK);
  };
  timer = setTimeout(look, LOOK);
  try {
    const result = await work;
    await look();
    return result;
  } finally {
    ended = true;
    clearTimeout(timer);
    bar.end();
  }
}

async function failure(folder: string, failed: ReadonlyMap<number, number>): Promise<UndertoneError> {
  const { cells }: LaunchStatus = await launchStatus(folder), [[first, code]] = failed;
  const { id, error, log } = cells[first - 1];
  return new UndertoneError(
    `${count(failed.size, "cell")} failed, e.g. ${id} (exit code ${code}): ${
      (error ?? "no word").replace(/\.$/, "")
    }. Its log is ` +
      `${log}. The same command trains only what is missing.`,
    "input",
  );
}
