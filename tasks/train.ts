/** `deno task train`: trains a fusion head on frozen or trainable encoders, and evaluates it on dev. */
import { z } from "zod";
import { type fusionMethod, fusionMethods } from "../lib/fusion/mod.ts";
import { resumeRun, type RunEvent, runsFolds, trainRun, useFlags } from "../lib/jobs/mod.ts";
import { absentNotes } from "../lib/eval/mod.ts";
import { optionsOf } from "../lib/schema.ts";
import { readConfigFile, trainConfig } from "../lib/config/mod.ts";
import { check, flagName, readFlags } from "./cli/flags.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { resultText } from "./cli/result.ts";
import { runFolds } from "./cli/folds.ts";
import { tellNotes } from "./cli/output.ts";
import { encodeProgress, trainProgress, typed } from "./cli/show.ts";
import { badInput } from "../lib/errors.ts";

const flags = trainConfig.extend({
  config: z.string().optional().describe("JSON file with any of these options. Flags override it."),
  resume: z.string().optional().describe(
    "Folder of a run to resume exactly where it stopped. --epochs adds epochs; --data names its data if moved.",
  ),
  init: z.string().optional().describe("Checkpoint (file or run) whose weights the training starts from."),
  overwrite: z.boolean().default(false).describe("Replace a run of the same name."),
  controls: z.boolean().default(true).describe(
    "Also train the text-only control, for comparison.",
  ),
});

export const task: Task = {
  name: "train",
  summary:
    "Trains a fusion head on text and speech, on frozen or trainable encoders. Chooses the best epoch on " +
    "dev, and saves everything in a run folder.",
  flags,
  examples: [
    ["deno task train", "trains on the embedded sample with the embedded encoders, in about a minute"],
    ["deno task train --data my/manifest.csv --method attention_pooling --name first", "your own data"],
    [
      "deno task train --text hf:models/bert --train text,head --epochs 3",
      "also fine-tunes the text encoder",
    ],
    [
      "deno task train --data my/manifest.csv --protocol loso",
      "leaves each speaker out once, and tests on all of them",
    ],
    ["deno task train --config experiment.json --seed 2", "reads options from a file, and changes one"],
    ["deno task train --resume outputs/first", "continues a stopped run"],
    ["deno task train --resume outputs/first --epochs 20", "extends a finished run to 20 epochs"],
    [
      "deno task train --use my_head.ts --method my_head",
      "your own method, which that module registers",
    ],
  ],
  get notes() {
    return "Options of the methods (--options.<name>=<value>):\n" + fusionMethods.map(describe).join("\n");
  },

  async run(args, signal, json) {
    const given = readFlags(flags, args);
    const file = typeof given.config === "string" ? await readConfigFile(given.config) : {};
    const { resume, init, overwrite, controls, config: _, ...config } = check(flags, {
      ...file,
      ...given,
    });
    if (resume) refuseBeside(given);
    else if (runsFolds(config)) {
      if (init) throw noInit(config.protocol);
      return await runFolds(config, { overwrite, controls, signal }, json);
    }
    using encoding = encodeProgress();
    const options = { overwrite, init, controls, signal, onProgress: encoding.update };
    const changed = <K extends keyof typeof config>(key: K) => key in given ? config[key] : undefined;
    const events = resume
      ? resumeRun(resume, {
        ...options,
        use: config.use,
        epochs: changed("epochs"),
        data: changed("data"),
        encoding: changed("encoding"),
      })
      : trainRun(config, options);
    using training = trainProgress();
    let isTestable = true;
    try {
      for await (const event of events) {
        encoding.end();
        training.show(event);
        if (event.type === "prepared") isTestable = event.dataset.rows.some(({ split }) => split === "test");
        if (event.type === "result") report(event, config.use, isTestable, json);
      }
    } finally {
      encoding.end();
      if (signal.aborted) tellHowToGoOn(training.folder(), config.use);
    }
  },
};

function report(
  { folder, result, seconds }: Extract<RunEvent, { type: "result" }>,
  use: readonly string[],
  isTestable: boolean,
  json: PrintJson,
): void {
  const path = [folder.path, useFlags(use)].filter(Boolean).join(" ");
  tellNotes(absentNotes(result.metrics, "dev"));
  console.log(resultText(result, "dev"));
  console.log(`\nRun       ${folder.path}   (open ${folder.report})`);
  console.log(`Infer     ${typed("infer")} --checkpoint ${path} --n-samples=3`);
  console.log(
    `Test      ${typed("evaluate")} --run ${path} --split test${isTestable ? "" : " --data <other data>"}`,
  );
  json({ run: folder.path, split: "dev", seconds, ...result });
}

/** Tells how to continue. A run has its folder from the first step on. */
const tellHowToGoOn = (folder: string | undefined, use: readonly string[]) =>
  console.error(
    folder
      ? `Stopped; the checkpoint is saved. Continue with: ${typed("train")} --resume ${
        [folder, useFlags(use)].filter(Boolean).join(" ")
      }`
      : "Stopped. What was encoded is kept: run the same command to continue.",
  );

/** Flags beside --resume. Data may have moved, and more epochs extend the run. */
const BESIDE = new Set(["resume", "use", "controls", "data", "encoding", "epochs"]);

/** Throws bad input for other options beside --resume, because a resumed run must end in the same bytes. */
function refuseBeside(given: Record<string, unknown>): void {
  const changed = Object.keys(given).filter((key) => !BESIDE.has(key));
  if (changed.length === 0) return;
  throw badInput({
    expected: "no other option beside --resume, because a resumed run keeps its own",
    found: changed.map(flagName).join(", "),
    at: "the command line",
    todo: `Leave ${changed.length > 1 ? "them" : "it"} out, or start a new run with --init.`,
  });
}

const noInit = (protocol: string) =>
  badInput({
    expected: "no --init with all folds of a protocol, because its weights may know the test rows",
    found: `--init with --protocol ${protocol}`,
    at: "the command line",
    todo: "Leave --init out, or train a single fold with --fold.",
  });

function describe(method: ReturnType<typeof fusionMethod>): string {
  const options = optionsOf(method.options).map(({ key, default: value }) =>
    value === undefined ? key : `${key}=${value}`
  );
  return `  ${method.id}: ${method.summary} ${options.length ? `(${options.join(", ")})` : ""}`;
}

if (import.meta.main) await main(task);
