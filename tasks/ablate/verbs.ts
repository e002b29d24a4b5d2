/** The commands on an ablation that was launched: status, logs, cancel and collect. */
import { dirname } from "node:path";
import { z } from "zod";
import { ablateConfig } from "../../lib/config/mod.ts";
import { launchedConfig, launchStatus, useModules } from "../../lib/jobs/mod.ts";
import { badInput, requireKnown } from "../../lib/errors.ts";
import { check, parseFlags } from "../cli/flags.ts";
import type { PrintJson } from "../cli/main.ts";
import { runAll } from "./run.ts";
import { ablationFolder, cancelAll, showLogs, showStatus } from "./status.ts";

/** The flag of `status`. */
export const watchFlag = z.boolean().default(false).describe(
  "Show the status again every 5 s, until nothing runs.",
);

const flags = ablateConfig.pick({ out: true }).extend({ watch: watchFlag });

/** Runs a command on an ablation that was launched. */
export async function runVerb(
  verb: string,
  names: readonly string[],
  rest: readonly string[],
  signal: AbortSignal,
  json: PrintJson,
): Promise<void> {
  const known = requireKnown("a command", verb, ["status", "logs", "cancel", "collect"], "the first word");
  const { out, watch } = parseFlags(flags, rest);
  const [name, cell, ...more] = names, folder = ablationFolder(name, out);
  if (more.length > 0 || (cell !== undefined && known !== "logs")) {
    throw badInput({
      expected: known === "logs" ? "a name and a cell" : "one name",
      found: names.map((each) => `'${each}'`).join(", "),
      at: `deno task ablate ${known}`,
      todo: "See --help.",
    });
  }
  const launched = await launchedConfig(folder);
  if (known === "status") return await showStatus(folder, { watch, signal }, json);
  if (known === "logs") return await showLogs(folder, cell, json);
  if (known === "cancel") return await cancelAll(folder, json);
  const { cells } = await launchStatus(folder);
  const left = cells.filter(({ state }) => state !== "done");
  if (left.length > 0) {
    throw badInput({
      expected: "an ablation whose cells are all trained",
      found: `${left.length} of ${cells.length} that are not, e.g. ${left[0].id} (${left[0].state})`,
      at: folder,
      todo: "Wait for what is queued or running; start the rest with the command that launched it.",
    });
  }
  const config = check(ablateConfig, launched as Record<string, unknown>);
  await useModules(config.use);
  await runAll(
    { ...config, out: dirname(folder) },
    { overwrite: false, signal, began: performance.now() },
    json,
  );
}
