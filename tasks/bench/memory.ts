/** Measures a case's peak memory. Each side runs it alone in its own process, measured from its start. */
import { fileURLToPath } from "node:url";
import { UndertoneError } from "../../lib/errors.ts";
import type { Download } from "./alone.ts";
import type { PytorchCase, Settings, Sides } from "./case.ts";
import { startPeer } from "./peer.ts";

/** Peak memory in MB. */
export interface Memory {
  peak_mb?: number;
  pytorch_peak_mb?: number;
  /** Our peak divided by PyTorch's. Below 1, ours is smaller. */
  memory_ratio?: number;
}

/** Rounds after the first one, which compiles. */
const ROUNDS = 1;

export async function peakMemory(
  id: string,
  settings: Settings,
  { infer, pytorch }: Pick<Sides, "infer" | "pytorch">,
  python?: string,
): Promise<Memory> {
  const ours = await ourPeak(infer ? { infer } : { id, settings: { ...settings, rounds: ROUNDS } });
  if (ours === undefined || !python) return { peak_mb: ours };
  const theirs = await theirPeak(python, settings.threads, pytorch);
  return { peak_mb: ours, pytorch_peak_mb: theirs, memory_ratio: theirs && ours / theirs };
}

async function ourPeak(errand: Download): Promise<number | undefined> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "--quiet",
        "--allow-read",
        "--allow-write=outputs",
        "--allow-env",
        "--allow-sys",
        "--allow-run",
      ],
      "--allow-ffi=node_modules,outputs/engines",
      fileURLToPath(new URL("./alone.ts", import.meta.url)),
      JSON.stringify(errand),
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new UndertoneError("The process that measures our memory failed", "internal");
  return JSON.parse(new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!).peak;
}

/**
 * Measures PyTorch's peak with random weights that it draws itself, because sending ours would count as its
 * memory.
 */
async function theirPeak(python: string, threads: number, pytorch: PytorchCase): Promise<number | undefined> {
  const peer = await startPeer(python, { threads });
  try {
    const [variant] = await peer.open(
      pytorch,
      pytorch.tensors().filter(({ name }) => !name.startsWith("param.")),
    );
    for (let round = 0; round <= ROUNDS; round++) await peer.round(variant);
    return await peer.peak();
  } finally {
    await peer.end();
  }
}
