/** `deno task demo`: builds a page on which a trained model predicts in the browser. */
import { join } from "node:path";
import { z } from "zod";
import { commandLine, trainConfig } from "../lib/config/mod.ts";
import { isPretrained, PRETRAINED, PRETRAINED_IS } from "../lib/jobs/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tell, tellNotes } from "./cli/output.ts";
import { count, typed } from "./cli/show.ts";
import { buildPage } from "./demo/build.ts";
import { toFetch } from "./demo/runtime.ts";
import { serve } from "./demo/serve.ts";

const OUT = "outputs/demo";

const flags = z.strictObject({
  run: z.string().default(PRETRAINED).describe(
    `Run folder or checkpoint file. '${PRETRAINED}' is ${PRETRAINED_IS}.`,
  ),
  out: z.string().default(OUT).describe("Folder to write. An earlier page in it is replaced."),
  serve: z.boolean().default(false).describe("Serve the page to this machine until Ctrl-C."),
  port: z.int().min(0).max(65535).default(8420).describe("Port of --serve; 0 takes a free one."),
  use: trainConfig.shape.use.describe(
    "Your own modules that the model was trained with, e.g. --use my_head.ts. May be repeated.",
  ),
});

export const task: Task = {
  name: "demo",
  summary: "Builds a page on which a trained model hears and reads an utterance, in the browser alone.",
  flags,
  examples: [
    ["deno task demo --serve", "the model that comes with the project, at http://127.0.0.1:8420"],
    ["deno task demo --run outputs/first --serve", "builds the page, and shows it at http://127.0.0.1:8420"],
    ["deno task demo --run outputs/first --out site", "a folder that any web server can serve"],
  ],
  notes:
    "The page takes the microphone or a file, and words. The model, its tokenizer and the computation are in the " +
    "folder: no sound and no word leaves the browser, and the page loads nothing from elsewhere. Predictions are " +
    "those of deno task infer. Models whose encoders can't be in one ONNX file, that read dialogues, or that " +
    "read text with another encoder than use-lite are refused. The first build fetches onnxruntime-web from " +
    "npm, and says so.",

  async run(args, signal, json) {
    const { run, out, use, port, serve: isServed } = parseFlags(flags, args);
    const fetched = toFetch();
    if (isPretrained(run)) tellNotes([`the model is ${PRETRAINED_IS}`]);
    if (fetched) tellNotes([fetched]);
    const built = await buildPage(run, { out, use, signal, onStep: (step) => tell(`… ${step}`) });
    tellNotes(built.notes);
    console.log(
      `${join(out, "index.html")}  ${count(built.files.length, "file")}, ${
        (built.bytes / 1e6).toFixed(1)
      } MB`,
    );
    json(built);
    if (!isServed) {
      const again = [...isPretrained(run) ? [] : [`--run=${run}`], ...out === OUT ? [] : [`--out=${out}`]];
      const command = commandLine("demo", [...again, ...use.map((path) => `--use=${path}`), "--serve"]);
      console.log(
        `Serve the folder by any web server, or: ${command.replace("deno task demo", typed("demo"))}`,
      );
      return;
    }
    await serve(built.folder, {
      port,
      signal,
      onListen: (url) => console.log(`${url}  (for this machine alone; Ctrl-C ends it)`),
    });
  },
};

if (import.meta.main) await main(task);
