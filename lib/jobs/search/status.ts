/** How far the trials of a launched search are, from their folders and the scheduler's queue. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { SearchConfig } from "../../config/mod.ts";
import { readJson } from "../../files/mod.ts";
import { faultOf, processStates, queueStates, readLaunch } from "../../launch/mod.ts";
import { launchFolder } from "../ablation/launch.ts";
import { type CellStatus, stateOf } from "../ablation/status.ts";
import { readEvents } from "../results.ts";
import { type RunFolder, runFolder } from "../run_folder.ts";
import { launchedSearch } from "./launch.ts";
import { rungsFor } from "./schedule.ts";
import { failureIn } from "./trial.ts";

/** The state of a launched search. */
export interface SearchStatus {
  folder: string;
  /** The trials that have begun, and the winner's fresh seeds. */
  trials: CellStatus[];
  /** Number of trials of the search. */
  of: number;
  /** Whether the results are written. */
  isDone: boolean;
  /** Workers that run or wait; absent if none was launched. */
  workers?: { running: number; queued: number };
  /** What keeps workers from starting: a node that lacks a folder. */
  fault?: string;
}

/**
 * Returns how far a launched search is. Reads no data and writes nothing. Throws UndertoneError if the folder
 * has no launch, or if Slurm does not answer.
 */
export async function searchStatus(folder: string, now: number = Date.now()): Promise<SearchStatus> {
  const config = await launchedSearch(folder) as SearchConfig, rungs = rungsFor(config) ?? [];
  const place = launchFolder(folder), launch = await readLaunch(place);
  const statesOf = launch?.launcher === "slurm" ? queueStates : processStates;
  const queue = launch && await statesOf(place, launch.submissions);
  const failures = join(folder, "failures"),
    begun = [folder, failures].filter(existsSync).flatMap((path) =>
      readdirSync(path).flatMap((name) => /^(?:trial-\d+|winner-s\d+)(?=$|\.json$)/.exec(name)?.[0] ?? [])
    );
  const ids = [...new Set(begun)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const trials = await Promise.all(ids.map(async (id, number): Promise<CellStatus> => {
    const failed = failureIn(folder, id), about = { number, id };
    const run = runFolder(join(folder, id)), state = await stateOf(run, { now });
    const rung = state.state === "stopped" ? rungs.indexOf(await epochsWhole(run, state.epoch)) : -1;
    if (!existsSync(failed) || ["done", "running"].includes(state.state)) {
      return { ...about, ...state, ...rung >= 0 && { state: "paused", rung: rung + 1 } };
    }
    const { reason } = await readJson(failed) as { reason: string };
    return { ...about, ...state, state: "failed", error: reason };
  }));
  const inState = (state: string) => [...queue?.values() ?? []].filter((each) => each === state).length;
  const isWaiting = launch?.launcher === "slurm" && trials.length === 0;
  const fault = isWaiting ? await faultOf(place, launch) : undefined;
  return {
    ...{ folder, trials, of: config.trials, isDone: existsSync(join(folder, "results.json")) },
    ...queue && { workers: { running: inState("running"), queued: inState("queued") } },
    ...fault && { fault },
  };
}

/** Returns the epochs of a run that stopped at the end of one, from 1; 0 if it stopped in one. */
async function epochsWhole(run: RunFolder, epoch: number | undefined): Promise<number> {
  const whole = (await readEvents(run)).flatMap((event) => event.type === "epoch" ? event.epoch + 1 : []);
  return whole.at(-1) === epoch ? epoch ?? 0 : 0;
}
