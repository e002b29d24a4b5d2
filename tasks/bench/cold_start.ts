/** Times a fresh process from its start to the prediction for one sentence. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UndertoneError } from "../../lib/errors.ts";
import { trainRun } from "../../lib/jobs/mod.ts";
import { inProject } from "../../lib/paths.ts";
import { trainConfig } from "../../lib/config/mod.ts";
import { writeBert } from "./bert_folder.ts";
import type { Case, Sides } from "./case.ts";
import { MINILM } from "./encoder_models.ts";

const SENTENCE = "I did not see that coming, what a day!";
const WORDS = SENTENCE.toLowerCase().match(/[a-z]+/g)!;

/**
 * Trains a run, then times `deno task infer` on it. `encoderOf` names its text encoder, given the folder of a
 * MiniLM.
 */
function coldStart(id: string, summary: string, encoder: (minilm: string) => string): Case {
  return {
    id,
    summary,
    async prepare({ threads }): Promise<Sides> {
      const outputs = inProject("outputs");
      await Deno.mkdir(outputs, { recursive: true });
      const folder = await Deno.makeTempDir({ dir: outputs, prefix: "bench-" });
      await writeBert(folder, MINILM, WORDS);
      const config = trainConfig.parse({
        data: "sample",
        method: "text_only",
        text: encoder(folder),
        epochs: 1,
        out: folder,
        name: "run",
        cache: join(folder, "cache"),
      });
      for await (const _ of trainRun(config));
      const args = ["--checkpoint", join(folder, "run"), "--text", SENTENCE];
      return {
        unit: { name: "start", perRound: 1 },
        check: () => Promise.resolve([]), // PyTorch uses another model
        async round() {
          const infer = new Deno.Command(Deno.execPath(), {
            args: ["task", "--quiet", "infer", ...args],
            cwd: inProject("."),
            stderr: "inherit",
          });
          const { success, stdout } = await infer.output();
          if (!success || stdout.length === 0) {
            throw new UndertoneError(`${id}: deno task infer made no prediction`, "internal");
          }
        },
        infer: args,
        pytorch: {
          module: "cold_start",
          variants: ["transformers", "torch alone"],
          spec: { folder, sentence: SENTENCE, threads },
          tensors: () => [],
        },
        close() {
          if (existsSync(folder)) Deno.removeSync(folder, { recursive: true });
        },
      };
    },
  };
}

export const coldStartCases: readonly Case[] = [
  coldStart(
    "cold-start",
    "A fresh process predicts the emotion of one sentence, with use-lite. PyTorch runs a model of " +
      "MiniLM-L6's size, with transformers (if installed) or with torch alone.",
    () => "use-lite",
  ),
  coldStart(
    "cold-start:minilm",
    "The same, but both sides run the model of MiniLM-L6's size, from the same folder.",
    (folder) => `hf:${folder}`,
  ),
];
