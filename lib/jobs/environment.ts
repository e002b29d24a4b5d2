/** The machine and engine of a run, saved beside its results. */
import { availableParallelism, cpus, totalmem } from "node:os";
import { currentEngine } from "../compute/mod.ts";

export interface Environment {
  started: string;
  deno: string;
  os: string;
  processor: string;
  cores: number;
  memory_gib: number;
  engine: string;
  device: string;
}

/** Returns the machine and the engine in use. */
export function environment(): Environment {
  const { name, device } = currentEngine();
  return {
    started: new Date().toISOString(),
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    engine: name,
    device,
  };
}
