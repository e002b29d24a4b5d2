/** `deno task export`: writes a trained model as one ONNX file. */
import { z } from "zod";
import { type Exported, exportModel, PRETRAINED, PRETRAINED_IS, useFlags } from "../lib/jobs/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tellNotes } from "./cli/output.ts";
import { count } from "./cli/show.ts";

const flags = z.strictObject({
  checkpoint: z.string().describe(`Run folder, checkpoint file, or '${PRETRAINED}': ${PRETRAINED_IS}.`),
  to: z.string().describe("Path of the file to write. Its description and tokenizer go beside it."),
  use: trainConfig.shape.use.describe(
    "Your own modules that the model was trained with, e.g. --use my_head.ts. May be repeated.",
  ),
  overwrite: z.boolean().default(false).describe("Replace existing files."),
});

export const task: Task = {
  name: "export",
  summary: "Writes a trained model as one ONNX file, which ONNX Runtime can open from any language.",
  flags,
  examples: [
    ["deno task export --checkpoint outputs/first --to model.onnx", "the model of a run"],
    [
      "deno task export --checkpoint outputs/first/checkpoints/last.safetensors --to app/model.onnx --overwrite",
      "a specific checkpoint; replaces an earlier export",
    ],
  ],
  notes:
    "The file contains the encoders: the embedded ones, and those from Hugging Face folders (hf:), fine-tuned " +
    "or not. It takes samples and token ids, and returns probabilities. For an encoder that can't be in the " +
    "file, such as hf-onnx:, it takes hidden states, which deno task encode --to writes. The caller chooses " +
    "batch size and lengths; padding does not change the result. Before the file is written, its answers " +
    "are compared with the model's.",

  async run(args, signal, json) {
    const { checkpoint, to, overwrite, use } = parseFlags(flags, args);
    const exported = await exportModel(checkpoint, { to, overwrite, use, signal });
    tellNotes(exported.notes);
    console.log(text(exported, use));
    json(exported);
  },
};

function text({ files, bytes, about, check }: Exported, use: readonly string[]): string {
  const { utterances, answers, difference, source } = check;
  const ports = about.inputs.map(({ name, type, axes }) => `${name} ${type}[${axes.join(", ")}]`);
  const width = Math.max(...ports.map((port) => port.length));
  const notes = Object.entries(about.encoders).filter(([, { inside }]) => !inside).map(
    ([modality, { id }]) => {
      const flags = [`--data <data> --${modality} ${id}`, useFlags(use), "--to states.safetensors"].filter(
        Boolean,
      );
      return `note: the ${modality === "text" ? "text" : "speech"} encoder ${id} can't be in the file; ` +
        `pass its hidden states as an input. 'deno task encode ${flags.join(" ")}' writes them`;
    },
  );
  return [
    `${files.model}  ${(bytes / 1e6).toFixed(1)} MB, ${about.method}, ${about.labels.join(", ")}`,
    ...[files.about, files.tokenizer].filter((path) => path !== undefined),
    "",
    ...ports.map((port, i) => `  ${port.padEnd(width)}  ${about.inputs[i].meaning}`),
    "",
    ...notes,
    `Compared with the model in ${count(answers, "answer")} on ${
      count(utterances, "utterance")
    } of ${source}: ` +
    `no ${about.target === "values" ? "value" : "probability"} differs by more than ${
      difference.toExponential(1)
    }`,
  ].join("\n");
}

if (import.meta.main) await main(task);
