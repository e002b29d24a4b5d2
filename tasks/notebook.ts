/** `deno task notebook`: runs a notebook from top to bottom, without a browser. */
import { basename, join } from "node:path";
import { z } from "zod";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { requireOutput } from "./cli/output_file.ts";
import { progress } from "./cli/progress.ts";
import { HOW_TO_GET_NBCLIENT } from "../lib/jobs/mod.ts";
import { checkNotebook } from "./notebook/check.ts";
import { saveOutputs } from "./notebook/file.ts";
import { executeNotebook } from "./notebook/jupyter.ts";

const flags = z.strictObject({
  file: z.string().describe("Notebook to run. The path alone, as the first word, is enough."),
  out: z.string().default("outputs/notebooks").describe("Folder to write the executed copy to."),
  check: z.boolean().default(true).describe("First check syntax, imports and types of all cells."),
  save: z.boolean().default(false).describe(
    "Also save the outputs in the notebook itself, pictures as PNG.",
  ),
});

export const task: Task = {
  name: "notebook",
  summary:
    "Runs a notebook on Deno's kernel and saves the executed copy. Shows the cell that fails, if one does.",
  flags,
  examples: [["deno task notebook notebooks/02_train.ipynb", "trains and draws, as in a browser"]],
  notes: `Needs Jupyter's nbclient: ${HOW_TO_GET_NBCLIENT}.`,

  async run(args, signal, json) {
    const bare = args[0] && !args[0].startsWith("-");
    const { file, out, check, save } = parseFlags(
      flags,
      bare ? [`--file=${args[0]}`, ...args.slice(1)] : args,
    );
    const target = join(out, basename(file));
    await requireOutput(target, { flag: "--out", overwrite: true, inputs: [file] });
    if (check) await checkNotebook(file, signal);
    const line = progress(basename(file));
    const notebook = await executeNotebook(file, target, { signal, onCell: line.update });
    line.update(notebook.cells.length, notebook.cells.length);
    line.end();
    if (save) await saveOutputs(file, notebook);
    console.log(`Executed copy: ${target}`);
    json({ notebook: file, executed: target });
  },
};

if (import.meta.main) await main(task);
