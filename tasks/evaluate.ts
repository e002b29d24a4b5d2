/** `deno task evaluate`: evaluates a trained run on one split. */
import { z } from "zod";
import { LABEL_SPACES, SPLITS } from "../lib/data/mod.ts";
import { evaluate, evaluateForeign, GROUP_KEYS, intervalsIn, PRETRAINED } from "../lib/jobs/mod.ts";
import { areClasses, type Certainty, riskAt } from "../lib/eval/mod.ts";
import { labelOptions, trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tellNotes } from "./cli/output.ts";
import { certaintyText, resultText } from "./cli/result.ts";
import { encodeProgress, tellRejected } from "./cli/show.ts";
import { badInput } from "../lib/errors.ts";

const flags = z.strictObject({
  run: z.string().optional().describe(
    "Folder of the run. Evaluates its best checkpoint and adds the results to the folder.",
  ),
  model: z.string().optional().describe(
    "A checkpoint with its own classification head, hf:<folder>, instead of --run. Needs --data; nothing is kept.",
  ),
  labels: labelOptions.optional().describe(
    'Labels of the run by those of --data, if not as the run mapped its own: --labels.map \'{"exc": "happy"}\', ' +
      `or a label space: ${
        LABEL_SPACES.join(", ")
      }. For --model, labels of the data by the model's classes, or ` +
      "a label space for both. null drops a label.",
  ),
  checkpoint: z.string().optional().describe(
    `A checkpoint file, a run folder or '${PRETRAINED}', instead of --run.`,
  ),
  split: z.enum(SPLITS).default("dev").describe(
    "Split to evaluate. The run records each reading of test.",
  ),
  by: z.array(z.string()).default([]).describe(
    `Also score groups of rows, with intervals and the largest gap: ${GROUP_KEYS.join(", ")}, or all.`,
  ),
  data: z.string().optional().describe(
    "Where the run's data lie now, or another data set with the same labels, whose results are only printed.",
  ),
  encoding: trainConfig.shape.encoding,
  columns: trainConfig.shape.columns,
  pattern: trainConfig.shape.pattern,
  text: z.string().optional().describe(
    "Features of these rows' texts, if the run was trained on such: features:<path>. The run's own by default.",
  ),
  audio: z.string().optional().describe(
    "Features of these rows' clips, if the run was trained on such: features:<path>. The run's own by default.",
  ),
  cache: z.string().optional().describe(
    "Folder of the feature cache. The run's own by default.",
  ),
  max_rejected: trainConfig.shape.max_rejected.unwrap().optional().describe(
    "Share of rows that may be unusable. The run's own by default.",
  ),
  keep_text: z.boolean().optional().describe(
    "Keep the text of rows whose clip is missing or broken. As in the run by default.",
  ),
  use: trainConfig.shape.use.describe(
    "Your own modules that the model was trained with, e.g. --use my_head.ts. May be repeated.",
  ),
  engine: trainConfig.shape.engine,
  device: trainConfig.shape.device,
  threads: trainConfig.shape.threads,
});

/** The values of options that a run would give. */
const defaults = trainConfig.pick({ cache: true, max_rejected: true }).parse({});

export const task: Task = {
  name: "evaluate",
  summary: "Evaluates a trained run on one split: metrics, a table per class, and a confusion matrix.",
  flags,
  examples: [
    ["deno task evaluate --run outputs/first --split test", "reads test once, at the end"],
    ["deno task evaluate --run outputs/first --json", "evaluates dev, for a script"],
    ["deno task evaluate --model hf:models/emotion --data my/manifest.csv", "a baseline with its own head"],
    ["deno task evaluate --run outputs/first --by speaker,gender", "also scores each speaker and gender"],
  ],

  async run(args, signal, json) {
    const given = parseFlags(flags, args);
    if (given.labels?.only) throw onlyRefused();
    if (given.model !== undefined) return await evaluateModel(given, given.model, signal, json);
    const {
      run,
      checkpoint,
      split,
      by,
      data,
      encoding: csvEncoding,
      columns,
      pattern,
      text,
      audio,
      cache,
      max_rejected,
      keep_text,
      use,
      engine,
      device,
      threads,
    } = given;
    const path = run ?? checkpoint;
    if (!path || (run && checkpoint)) {
      throw badInput({
        expected: "a run to evaluate",
        found: path ? "both --run and --checkpoint" : "neither --run nor --checkpoint nor --model",
        at: "the command line",
        todo: "Write --run outputs/<name>.",
      });
    }
    using encoding = encodeProgress();
    const result = await evaluate(path, {
      split,
      by,
      use,
      data,
      encoding: csvEncoding,
      columns,
      pattern,
      labelMap: given.labels?.map,
      features: { ...text !== undefined && { text }, ...audio !== undefined && { audio } },
      cache,
      max_rejected,
      keep_text,
      engine: { engine, device, threads },
      signal,
      onProgress: encoding.update,
    });
    encoding.end();
    tellNotes(result.notes);
    tellRejected(result.rejected);
    console.log(resultText(result, split, result.method));
    if (result.calibration) console.log(`\n${certaintyText(result.calibration, split)}`);
    if (split === "test" && result.read.length > 1) {
      tellNotes([
        `test was read ${result.read.length} times by this run; don't choose between models by it`,
      ]);
    }
    const figure = areClasses(result.metrics) ? "Confusion matrix and report" : "Report";
    if (result.folder) console.log(`\n${figure}: ${result.folder.report}`);
    const { metrics, groups, method, lacking, checkpoint: evaluated, notes } = result;
    const said = { run: path, checkpoint: evaluated, method, split, lacking, metrics, groups };
    const { normalize, calibration } = result;
    json({
      ...said,
      ...normalize && { normalize },
      ...intervalsIn(result),
      ...calibration && { calibration: inShort(calibration) },
      notes,
    });
  },
};

/** Returns a certainty without the points of its curve, of which there are as many as rows. */
function inShort({ selective, ...rest }: Certainty) {
  const { points, ...areas } = selective;
  const at = [0.25, 0.5, 0.75, 1].flatMap((coverage) => riskAt({ points }, coverage) ?? []);
  return { ...rest, selective: { ...areas, points: at } };
}

const onlyRefused = () =>
  badInput({
    expected: "labels to merge, rename or drop (--labels.map)",
    found: "--labels.only, though a trained model keeps the labels of its training",
    at: "the command line",
    todo: `Drop labels of other data with --data and --labels.map '{"oth": null}'.`,
  });

/** Evaluates a checkpoint with its own head, and prints the result as that of a run. */
async function evaluateModel(
  given: z.infer<typeof flags>,
  model: string,
  signal: AbortSignal,
  json: (value: unknown) => void,
): Promise<void> {
  const { run, checkpoint, data, split, text, audio, keep_text, engine, device, threads, ...rest } = given;
  const others = Object.entries({ run, checkpoint, text, audio, keep_text }).find(([, value]) =>
    value !== undefined
  );
  if (others || data === undefined) {
    throw badInput({
      expected: "--model and --data, and no run",
      found: others ? `--${others[0].replace("_", "-")} beside --model` : "no --data",
      at: "the command line",
      todo: `Write --model ${model} --data <data set>.`,
    });
  }
  using encoding = encodeProgress();
  const result = await evaluateForeign(model, {
    data,
    split,
    map: rest.labels?.map,
    use: rest.use,
    encoding: rest.encoding,
    columns: rest.columns,
    pattern: rest.pattern,
    cache: rest.cache ?? defaults.cache,
    max_rejected: rest.max_rejected ?? defaults.max_rejected,
    engine: { engine, device, threads },
    signal,
    onProgress: encoding.update,
  });
  encoding.end();
  tellNotes(result.notes);
  tellRejected(result.rejected);
  console.log(resultText(result, split, model));
  const { metrics, labels, notes } = result;
  json({ model, split, labels, metrics, ...intervalsIn(result), notes });
}

if (import.meta.main) await main(task);
