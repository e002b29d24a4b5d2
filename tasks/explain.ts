/** `deno task explain`: explains the answer of a run to one row, or what text and speech add over a split. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { trainConfig } from "../lib/config/mod.ts";
import {
  explain,
  loadOtherData,
  loadRunData,
  modalityContributions,
  openInference,
  openRun,
  requirePagePath,
  writeContributions,
  writeExplanation,
} from "../lib/jobs/mod.ts";
import { rowsOf } from "../lib/data/mod.ts";
import { badInput } from "../lib/errors.ts";
import { requireWritable } from "../lib/files/mod.ts";
import { fromProject } from "../lib/paths.ts";
import { contributionsTable, tableText } from "../lib/plot/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tellNotes } from "./cli/output.ts";
import { encodeProgress } from "./cli/show.ts";

const flags = z.strictObject({
  run: z.string().describe("Folder of the run, whose best checkpoint is explained."),
  row: z.string().optional().describe(
    "Id of the row to explain, as in the column id of the data and of the run's predictions.dev.csv. Without it, " +
      "all rows of --split together.",
  ),
  split: z.enum(["train", "dev"]).default("dev").describe("Split whose rows are explained together."),
  data: z.string().optional().describe("Other data with the rows. The run's own by default."),
  label: z.string().optional().describe(
    "Class, label or dimension to explain. The predicted one by default.",
  ),
  by: z.enum(["input", "states"]).default("input").describe(
    "Take words and sound out of the input, which is encoded anew, or out of its hidden states.",
  ),
  window: z.number().positive().default(0.2).describe("Seconds of a window of sound that is taken out."),
  out: z.string().optional().describe("Page to write. In the run's folder by default: explain.<row>.html."),
  use: trainConfig.shape.use.describe(
    "Your own modules that the model was trained with, e.g. --use my_head.ts. May be repeated.",
  ),
  engine: trainConfig.shape.engine,
  device: trainConfig.shape.device,
  threads: trainConfig.shape.threads,
});

export const task: Task = {
  name: "explain",
  summary:
    "Shows why a run answers as it does: attention, what text and speech add, and occlusion, as a page.",
  flags,
  examples: [
    ["deno task explain --run outputs/first --row dev_004", "one row: words, sound, text and speech"],
    ["deno task explain --run outputs/first", "what text and speech add, over dev"],
  ],

  async run(args, signal, json) {
    const given = parseFlags(flags, args), { run, row, split, data, label, by, window, use } = given;
    const engine = { engine: given.engine, device: given.device, threads: given.threads };
    const name = row === undefined ? split : row.replaceAll(/[^\p{L}\p{N}_.-]+/gu, "_").slice(0, 80);
    const out = given.out ?? join(openRun(run).path, `explain.${name}.html`);
    await requirePagePath(out, "--out");
    await requireWritable(dirname(out));
    const dataset = await dataOf(run, data, { use, engine });
    tellNotes(dataset.notes);
    if (row !== undefined) {
      const found = await explain(run, dataset, { row, label, by, window, use, engine, signal });
      tellNotes(found.notes);
      await writeExplanation(out, found, dataset);
      const isShare = found.target !== "values";
      console.log(
        tableText(
          contributionsTable(found.contributions, {
            title: `${row}${isShare ? ", in %" : ""}`,
            percent: isShare,
          }),
        ),
      );
      console.log(`Page: ${out}`);
      const { samples: _, ...said } = found;
      return json({ run, page: out, ...said });
    }
    if (label !== undefined) throw aloneRefused();
    using encoding = encodeProgress();
    const cacheDir = trainConfig.pick({ cache: true }).parse({}).cache;
    const rows = rowsOf(dataset, split);
    const found = await modalityContributions(run, { ...dataset, rows }, {
      ...{ use, engine, signal, cacheDir },
      onProgress: encoding.update,
    });
    encoding.end();
    tellNotes(found.notes);
    const isShare = dataset.target !== "values";
    await writeContributions(out, found, { title: `What text and speech add on ${split}`, percent: isShare });
    const { contribution } = found.metric;
    if (contribution) {
      const { percent } = found.metric, title = `Score on ${split}${percent ? ", in %" : ""}`;
      console.log(tableText(contributionsTable([contribution], { title, percent })));
    }
    console.log(
      tableText(
        contributionsTable(found.labels, {
          title: `Mean answer on ${split}${isShare ? ", in %" : ""}`,
          percent: isShare,
        }),
      ),
    );
    console.log(`Page: ${out}`);
    json({ run, page: out, split, ...found });
  },
};

/** Loads the data of a run, or other data, as its model reads them. */
async function dataOf(run: string, data: string | undefined, options: Parameters<typeof openInference>[2]) {
  using opened = await openInference(run, [], options);
  const { config, about, stored } = opened.loaded, trained = { config, about };
  return data === undefined
    ? await loadRunData(fromProject(run), trained, stored)
    : await loadOtherData(data, trained, stored);
}

const aloneRefused = () =>
  badInput({
    expected: "--row beside --label",
    found: "--label alone",
    at: "the command line",
    todo: "Name the row to explain, or leave --label out: a split shows every label.",
  });

if (import.meta.main) await main(task);
