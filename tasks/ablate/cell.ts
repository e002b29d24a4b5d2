/** Trains one cell of an ablation, as a scheduler starts it. */
import type { AblateConfig } from "../../lib/config/mod.ts";
import { ablateCell, type Part } from "../../lib/jobs/mod.ts";
import { ablationProgress } from "../cli/ablation.ts";
import type { PrintJson } from "../cli/main.ts";
import { asPart } from "../cli/part.ts";
import { encodeProgress } from "../cli/show.ts";

/** Trains a cell and prints its dev metrics. Returns the exit code. */
export async function runCell(
  config: AblateConfig,
  cell: Part,
  { overwrite, signal }: { overwrite: boolean; signal: AbortSignal },
  json: PrintJson,
): Promise<number> {
  const encoding = encodeProgress(), progress = ablationProgress();
  return await asPart(signal, async (signal) => {
    for await (
      const event of ablateCell(config, cell, { overwrite, signal, onProgress: encoding.update })
    ) {
      encoding.end();
      progress.show(event);
      if (event.type === "planned") {
        for (const note of event.dataset.notes) console.error(`note: ${note}`);
      }
      if (event.type !== "trained") continue;
      if (event.before) console.error(`${event.cell.id} is trained already.`);
      json({ cell: event.cell.id, dev: event.dev });
    }
  });
}
