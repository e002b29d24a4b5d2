/** `deno task report`: one page about one run, or about several beside each other. */
import { z } from "zod";
import { trainConfig } from "../lib/config/mod.ts";
import { badInput } from "../lib/errors.ts";
import { writeRunsReport } from "../lib/jobs/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tellNotes } from "./cli/output.ts";

const flags = z.strictObject({
  run: z.array(z.string()).default([]).describe(
    "A run, by its name in --out or by its path. Repeat it to compare runs.",
  ),
  out: trainConfig.shape.out,
  to: z.string().optional().describe(
    "Path of the page. Default: report.html in the folder of the runs.",
  ),
  sound: z.boolean().default(true).describe(
    "Embed the recordings of errors, up to 0.5 MB each and 4 MB in all.",
  ),
});

export const task: Task = {
  name: "report",
  summary:
    "Writes one page about a run, or about several beside each other: scores, differences of options, learning " +
    "curves, paired tests, confusion, classes, calibration, errors, data, and the commands that repeat them.",
  flags,
  examples: [
    ["deno task report --run first", "outputs/report.html and report.md of outputs/first"],
    ["deno task report --run first --run second --to compared.html", "two runs beside each other"],
    ["deno task report --run grid/memocmt-s1 --run grid/text_only-s1", "two cells of an ablation"],
  ],
  notes:
    "The page is a single file that works offline, in light and dark. The Markdown beside it shows its figures " +
    "from the folder <name>-figures. The report reads what the runs keep: it loads no data set, and shows test " +
    "only where a run was evaluated on it before. Runs are paired if they answered the same rows. A page with " +
    "recordings passes them on: mind the licence of the data, or write --no-sound.",

  async run(args, _signal, json) {
    const { run, to, ...given } = parseFlags(flags, args);
    if (run.length === 0) {
      throw badInput({
        expected: "a run or several",
        found: "no --run",
        at: "the command line",
        todo: "Write --run <name>; 'deno task runs' lists them.",
      });
    }
    const written = await writeRunsReport(run, { ...given, to });
    tellNotes(written.notes);
    console.log(`Report    ${written.html}\nMarkdown  ${written.markdown}`);
    json(written);
  },
};

if (import.meta.main) await main(task);
