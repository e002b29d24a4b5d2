/** Job arrays: parts of a long work as jobs of Slurm, or as processes of this machine. */
export { commandOf, type JobArray, placesOf, ranges } from "./array.ts";
export { startArray, type Started, type StartOptions } from "./launch.ts";
export { type Handed, type HandedPart, handedParts } from "./handing.ts";
export { processStates, runLocally, threadsFor } from "./local.ts";
export { type SlurmOptions, slurmOptions } from "./options.ts";
export { awaitFault, faultOf } from "./probe.ts";
export {
  type Launch,
  type LaunchedPart,
  logsOf,
  readLaunch,
  type Submission,
  writeLaunch,
} from "./record.ts";
export { jobScript, REQUEUE_LIMIT } from "./script.ts";
export {
  cancel,
  isWanted,
  type QueueState,
  queueStates,
  requeueSelf,
  requireSlurm,
  submit,
} from "./slurm.ts";
