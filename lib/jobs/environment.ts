/** The machine and engine of a run, saved beside its results. */
import { availableParallelism, cpus, totalmem } from "node:os";
import project from "../../deno.json" with { type: "json" };
import { currentEngine } from "../compute/mod.ts";

export interface Environment {
  started: string;
  /** Version of Undertone. Folders of versions before 0.2 do not name it. */
  undertone: string;
  /** Versions of the packages that compute. */
  packages: Record<string, string>;
  deno: string;
  os: string;
  processor: string;
  cores: number;
  memory_gib: number;
  engine: string;
  device: string;
}

/** The packages whose versions may change numbers. */
const COMPUTE = ["onnxruntime-node", "@tensorflow/tfjs-core"] as const;

/** Returns the version in `npm:<name>@<version>`. */
const versionOf = (specifier: string): string => specifier.slice(specifier.lastIndexOf("@") + 1);

/** Returns the machine and the engine in use. */
export function environment(): Environment {
  const { name, device } = currentEngine();
  return {
    started: new Date().toISOString(),
    undertone: project.version,
    packages: Object.fromEntries(COMPUTE.map((name) => [name, versionOf(project.imports[name])])),
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    engine: name,
    device,
  };
}
