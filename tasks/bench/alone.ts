/** Runs our side of one case in its own process, which memory.ts starts, and reports the peak memory. */
import { useEngine } from "../../lib/compute/mod.ts";
import { runTask } from "../cli/main.ts";
import type { Settings } from "./case.ts";
import { peakMb } from "./processes.ts";

/** The rounds of a case, or one prediction. Each imports only the modules that it needs. */
export type Download = { id: string; settings: Settings } | { infer: readonly string[] };

async function rounds(id: string, settings: Settings): Promise<number | undefined> {
  const { cases } = await import("./cases.ts");
  await useEngine({ threads: settings.threads });
  const sides = await cases.find((each) => each.id === id)!.prepare(settings);
  for (let round = 0; round <= settings.rounds; round++) await sides.round();
  const peak = await peakMb();
  sides.close();
  return peak;
}

async function prediction(args: readonly string[]): Promise<number | undefined> {
  await runTask((await import("../infer.ts")).task, [...args]);
  return await peakMb();
}

if (import.meta.main) {
  const errand: Download = JSON.parse(Deno.args[0]);
  const peak = "infer" in errand ? await prediction(errand.infer) : await rounds(errand.id, errand.settings);
  console.log(JSON.stringify({ peak }));
}
