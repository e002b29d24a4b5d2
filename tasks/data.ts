/** `deno task data`: counts the rows of a data set and reports faults that would distort results. */
import { auditDataset, auditLines, loadDataset } from "../lib/data/mod.ts";
import { useModules } from "../lib/jobs/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tellRejected } from "./cli/show.ts";

const flags = trainConfig.pick({ data: true, encoding: true, use: true });

export const task: Task = {
  name: "data",
  summary:
    "Counts the rows, labels and clips of a data set, and looks for leaks between its splits. Writes " +
    "nothing.",
  flags,
  examples: [
    ["deno task data --data my/manifest.csv", "before training on it"],
    ["deno task data --data my/manifest.csv --json", "for a script; left_out lists every unusable row"],
  ],

  async run(args, _signal, json) {
    const { data, encoding, use } = parseFlags(flags, args);
    await useModules(use);
    const dataset = await loadDataset(data, { encoding });
    tellRejected(dataset.rejected);
    const audit = auditDataset(dataset);
    for (const line of auditLines(audit)) console.log(line);
    json({ ...audit, left_out: dataset.rejected });
  },
};

if (import.meta.main) await main(task);
