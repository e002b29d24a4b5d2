/** `deno task train`: trains a fusion head, with encoders or on frozen ones, and says how good it is. */
import { z } from "zod";
import { type fusionMethod, fusionMethods } from "../lib/fusion/mod.ts";
import { resumeRun, type RunEvent, trainRun, useFlags } from "../lib/jobs/mod.ts";
import { optionsOf } from "../lib/schema.ts";
import { readConfigFile, trainConfig } from "../lib/config/mod.ts";
import { check, flagName, readFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { resultText } from "./cli/result.ts";
import { encodeProgress, trainProgress, typed } from "./cli/show.ts";
import { badInput } from "../lib/errors.ts";

const flags = trainConfig.extend({
  config: z.string().optional().describe("JSON file with any of these options; flags go over it."),
  resume: z.string().optional().describe("Folder of a run to go on with, exactly where it stopped."),
  init: z.string().optional().describe("Checkpoint (file or run) whose weights to start from."),
  overwrite: z.boolean().default(false).describe("Replace a run of the same name."),
  controls: z.boolean().default(true).describe(
    "Also train the text-only control to stand beside the result.",
  ),
  json: z.boolean().default(false).describe("Print the result as one JSON object on the last line."),
});

export const task: Task = {
  name: "train",
  summary:
    "Trains a fusion head on text and speech, with their encoders or on frozen ones, chosen on dev, and keeps all of it in a run folder.",
  flags,
  examples: [
    ["deno task train", "the embedded sample with the embedded encoders, in about a minute"],
    ["deno task train --data my/manifest.csv --method attention_pooling --name first", "own data"],
    [
      "deno task train --text hf:models/bert --train text,head --epochs 3",
      "fine-tunes the text encoder, too",
    ],
    ["deno task train --config experiment.json --seed 2", "options from a file, one of them changed"],
    ["deno task train --resume outputs/first", "goes on with a run that was stopped"],
    [
      "deno task train --use my_head.ts --method my_head",
      "a method of your own, which that module registers",
    ],
  ],
  get notes() {
    return "Options of the methods (--options.<name>=<value>):\n" + fusionMethods.map(describe).join("\n");
  },

  async run(args, signal) {
    const given = readFlags(flags, args);
    const file = typeof given.config === "string" ? await readConfigFile(given.config) : {};
    const { resume, init, overwrite, controls, json, config: _, ...config } = check(flags, {
      ...file,
      ...given,
    });
    if (resume) refuseBeside(given);
    using encoding = encodeProgress();
    const options = { overwrite, init, controls, signal, onProgress: encoding.update };
    const events = resume ? resumeRun(resume, { ...options, use: config.use }) : trainRun(config, options);
    using training = trainProgress();
    try {
      for await (const event of events) {
        encoding.end();
        training.show(event);
        if (event.type === "result") report(event, config.use, json);
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
  json: boolean,
): void {
  const path = [folder.path, useFlags(use)].filter(Boolean).join(" ");
  console.log(resultText(result, "dev"));
  console.log(`\nRun       ${folder.path}   (open ${folder.report})`);
  console.log(`Infer     ${typed("infer")} --checkpoint ${path} --n_samples=3`);
  console.log(`Test      ${typed("evaluate")} --run ${path} --split test`);
  if (json) console.log(JSON.stringify({ run: folder.path, split: "dev", seconds, ...result }));
}

/** A run has its folder from the first step on. */
const tellHowToGoOn = (folder: string | undefined, use: readonly string[]) =>
  console.error(
    folder
      ? `Stopped; the checkpoint is whole. Go on with: ${typed("train")} --resume ${
        [folder, useFlags(use)].filter(Boolean).join(" ")
      }`
      : "Stopped; what was encoded is kept. The same command goes on from here.",
  );

/** A resumed run keeps its configuration, so that it ends in the same bytes. */
function refuseBeside(given: Record<string, unknown>): void {
  const changed = Object.keys(given).filter((key) => !["resume", "use", "json", "controls"].includes(key));
  if (changed.length === 0) return;
  throw badInput({
    expected: "no other option beside --resume, for a resumed run keeps its own",
    found: changed.map(flagName).join(", "),
    at: "the command line",
    todo: `Leave ${changed.length > 1 ? "them" : "it"} out, or start a new run with --init.`,
  });
}

function describe(method: ReturnType<typeof fusionMethod>): string {
  const options = optionsOf(method.options).map(({ key, default: value }) =>
    value === undefined ? key : `${key}=${value}`
  );
  return `  ${method.id}: ${method.summary} ${options.length ? `(${options.join(", ")})` : ""}`;
}

if (import.meta.main) await main(task);
