/** Trains a trial of a search, or its winner with another seed, and says what became of it. */
import type { AblationCell } from "../../config/mod.ts";
import { UndertoneError } from "../../errors.ts";
import { inPlace } from "../in_place.ts";
import type { RunEvent } from "../run_event.ts";
import type { OpenSearch } from "./open.ts";
import type { TrialJob, Tried } from "./schedule.ts";
import type { Values } from "./space.ts";
import { failureOf, keepFailure, reachedBy, scoreOf, trainTo, trialCell } from "./trial.ts";

/** Returns the name of a trial's run. */
export const trialId = (number: number): string => `trial-${number}`;

/** Trains a job. It has failed if its options can't go together, or if it diverges. */
export async function* tryTrial(
  { number, values, epochs }: TrialJob,
  open: OpenSearch,
): AsyncGenerator<RunEvent, Tried> {
  const cell = cellOf(open, values, { id: trialId(number) });
  return typeof cell === "string" ? refused(cell) : yield* tryCell(cell, epochs, open);
}

/** Trains the winner's options with another seed. */
export async function* tryWinner(
  values: Values,
  seed: number,
  open: OpenSearch,
): AsyncGenerator<RunEvent, Tried> {
  const cell = cellOf(open, values, { id: `winner-s${seed}`, seed });
  return typeof cell === "string" ? refused(cell) : yield* tryCell(cell, cell.config.epochs, open);
}

const refused = (failed: string): Tried => ({ score: null, failed, before: false });

/** Returns a run of the search, or why its options can't go together. */
function cellOf(
  { config, shared }: OpenSearch,
  values: Values,
  { id, seed }: { id: string; seed?: number },
): AblationCell | string {
  try {
    return trialCell(config, values, { id, seed, ...shared });
  } catch (error) {
    if (error instanceof UndertoneError && error.code === "input") return error.message;
    throw error;
  }
}

async function* tryCell(
  cell: AblationCell,
  epochs: number,
  { shared, higherIsBetter }: OpenSearch,
): AsyncGenerator<RunEvent, Tried> {
  const { state, epochs: reached } = await reachedBy(cell, shared);
  const before = state === "done" || (epochs < cell.config.epochs && reached >= epochs);
  const failed = before ? undefined : await failureOf(cell, shared);
  if (failed !== undefined) return { score: null, failed, before: true };
  try {
    yield* inPlace(cell.id, trainTo(cell, epochs, shared));
  } catch (error) {
    return { score: null, failed: await keepFailure(cell, shared, error), before };
  }
  return { score: await scoreOf(cell, epochs, higherIsBetter), before };
}
