/** A Slurm of one node on this machine, for tests. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { inProject } from "../paths.ts";

const PROGRAMS = ["sbatch", "slurmctld", "slurmd", "munged"];

/** Returns whether `startSlurm` can work: its programs are there, and this user is root. */
export const canStartSlurm = (): boolean =>
  Deno.uid() === 0 &&
  PROGRAMS.every((name) => ["/usr/bin", "/usr/sbin"].some((at) => existsSync(`${at}/${name}`)));

function run(verb: string, folder: string): void {
  const { status, stderr } = spawnSync("sh", [inProject("lib/testing/slurm.sh"), verb, folder]);
  if (status !== 0) throw new Error(`slurm.sh ${verb} failed: ${stderr}`);
}

/** Starts Slurm, which the programs of Slurm in this process and its children then speak to. */
export function startSlurm(): { restart(): void } & Disposable {
  const folder = Deno.makeTempDirSync({ prefix: "undertone-slurm" });
  run("start", folder);
  Deno.env.set("SLURM_CONF", `${folder}/slurm.conf`);
  return {
    /** Kills the node's daemon and starts it again. Jobs go on. */
    restart: () => run("restart", folder),
    [Symbol.dispose]() {
      run("stop", folder);
      Deno.env.delete("SLURM_CONF");
      Deno.removeSync(folder, { recursive: true });
    },
  };
}
