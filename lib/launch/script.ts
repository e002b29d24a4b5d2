/** The scripts that Slurm runs: one for each array, and one that looks whether a node sees the folders. */
import { inProject } from "../paths.ts";
import { commandOf, type JobArray, placesOf } from "./array.ts";
import { sbatchOptions, type SlurmOptions } from "./options.ts";

/** Seconds before a time limit at which a part is told to stop. */
const WARNING = 90;

/** Default of the parts at once, and of the requeues of a part. */
const PARALLEL = 16, REQUEUES = 10;

/** The variable that holds the number of requeues. */
export const REQUEUE_LIMIT = "UNDERTONE_REQUEUES";

/** Writes a word for the shell. sbatch reads the words of its own lines likewise. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/**
 * Returns the script of a submission. Its n-th task runs the part in the n-th line of the submission's list.
 * The shell becomes the Deno program, so that signals reach it.
 */
export function jobScript(
  array: JobArray,
  { submission, tasks, deno = Deno.execPath() }: { submission: number; tasks: number; deno?: string },
  options: SlurmOptions,
): string {
  const { logs, parts } = placesOf(array.folder);
  const { parallel = PARALLEL, requeues = REQUEUES, setup } = options;
  const words = commandOf(array, "PART"), last = words.pop()!.replace("PART", '"$part"');
  return [
    "#!/bin/sh",
    `#SBATCH --job-name=${quoted(array.name.replaceAll(/\s+/g, "_"))}`,
    `#SBATCH --array=1-${tasks}%${parallel}`,
    `#SBATCH --signal=B:USR2@${WARNING}`,
    "#SBATCH --open-mode=append",
    "#SBATCH --requeue",
    `#SBATCH --output=${quoted(`${logs}/%A_%a.log`)}`,
    ...sbatchOptions(options).map((option) => `#SBATCH ${quoted(option)}`),
    `cd ${quoted(inProject("."))} || exit 1`,
    ...setup ? [setup] : [],
    `export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 ${REQUEUE_LIMIT}=${requeues}`,
    `part=$(sed -n "\${SLURM_ARRAY_TASK_ID}p" ${quoted(parts(submission))})`,
    `exec ${[deno, ...words].map(quoted).join(" ")} ${last}`,
    "",
  ].join("\n");
}

/** Returns the script of a job that fails, with a sentence for each, if a node lacks one of some paths. */
export function probeScript(
  { folder, name }: JobArray,
  paths: readonly string[],
  options: SlurmOptions,
): string {
  const places = placesOf(folder);
  const own = Object.entries(options).filter(([key]) => ["partition", "account", "qos"].includes(key));
  return [
    "#!/bin/sh",
    `#SBATCH --job-name=${quoted(name.replaceAll(/\s+/g, "_"))}-probe`,
    `#SBATCH --output=${quoted(places.probed)}`,
    ...sbatchOptions(Object.fromEntries(own)).map((option) => `#SBATCH ${quoted(option)}`),
    "lacks=0",
    ...[inProject("deno.json"), places.record, Deno.execPath(), ...paths].map((path) =>
      `[ -e ${quoted(path)} ] || { echo "lacks $SLURMD_NODENAME" ${quoted(path)}; lacks=1; }`
    ),
    "exit $lacks",
    "",
  ].join("\n");
}
