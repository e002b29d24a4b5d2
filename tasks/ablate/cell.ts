/** Trains cells of an ablation, as a scheduler or a launch on this machine starts them. */
import type { AblateConfig } from "../../lib/config/mod.ts";
import { type OpenCells, openCells, type Part } from "../../lib/jobs/mod.ts";
import { ablationProgress } from "../cli/ablation.ts";
import type { PrintJson } from "../cli/main.ts";
import { tellNotes } from "../cli/output.ts";
import { asPart } from "../cli/part.ts";
import { encodeProgress } from "../cli/show.ts";

/**
 * Trains a cell and those that are handed over after it, and prints their dev metrics. Returns the exit code.
 */
export async function runCell(
  config: AblateConfig,
  first: Part,
  { overwrite, signal }: { overwrite: boolean; signal: AbortSignal },
  json: PrintJson,
): Promise<number> {
  const encoding = encodeProgress();
  let open: OpenCells | undefined;
  return await asPart(signal, first, async (cell, signal) => {
    const progress = ablationProgress();
    open ??= await openCells(config, { overwrite, signal, onProgress: encoding.update });
    if (cell.again) return await open.test(cell); // `ablate` tells its notes
    for await (const event of open.train(cell)) {
      encoding.end();
      progress.show(event);
      if (event.type === "planned") {
        tellNotes(event.dataset.notes);
      }
      if (event.type !== "trained") continue;
      if (event.before) console.error(`${event.cell.id} is trained already.`);
      json({ cell: event.cell.id, dev: event.dev });
    }
  });
}
