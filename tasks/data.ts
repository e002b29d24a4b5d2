/** `deno task data`: counts the rows of a data set and reports faults that would distort results. */
import { z } from "zod";
import { auditDataset, auditLines, loadDataset } from "../lib/data/mod.ts";
import { useModules, writeRejected } from "../lib/jobs/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tellRejected } from "./cli/show.ts";

const flags = trainConfig.pick({ data: true, encoding: true, use: true }).extend({
  rejected: z.string().optional().describe(
    "CSV file to write, which lists the rows that can't be used, with reasons.",
  ),
  json: z.boolean().default(false).describe("Print the audit as one JSON object on the last line."),
});

export const task: Task = {
  name: "data",
  summary: "Counts the rows, labels and clips of a data set, and looks for leaks between its splits.",
  flags,
  examples: [["deno task data --data my/manifest.csv", "before training on it"]],

  async run(args) {
    const { data, encoding, use, rejected, json } = parseFlags(flags, args);
    await useModules(use);
    const dataset = await loadDataset(data, { encoding });
    tellRejected(dataset.rejected, rejected);
    const audit = auditDataset(dataset);
    for (const line of auditLines(audit)) console.log(line);
    if (rejected) await writeRejected(rejected, dataset.rejected);
    if (json) console.log(JSON.stringify(audit));
  },
};

if (import.meta.main) await main(task);
