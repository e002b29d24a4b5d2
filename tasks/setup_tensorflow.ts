/** `deno task setup-tensorflow`: makes `--engine tensorflow` work. */
import { z } from "zod";
import { setUpTensorflow } from "../lib/compute/mod.ts";
import { badInput } from "../lib/errors.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { typed } from "./cli/show.ts";

const flags = z.strictObject({
  cpu: z.boolean().default(false).describe("The package and library without CUDA: smaller."),
  library: z.string().optional().describe(
    "A TensorFlow library of your own: file, folder with lib and include, installed Python package, or wheel.",
  ),
  wheel: z.boolean().default(false).describe("Take the library from PyPI's wheel, through python3 -m pip."),
});

export const task: Task = {
  name: "setup-tensorflow",
  summary: "Installs TensorFlow's own library, so that --engine tensorflow can be chosen.",
  flags,
  examples: [
    ["deno task setup-tensorflow", "@tensorflow/tfjs-node-gpu by its own installer; uses CUDA where it can"],
    ["deno task setup-tensorflow --cpu", "@tensorflow/tfjs-node by its own installer"],
    [
      "deno task setup-tensorflow --cpu --wheel",
      "the library from PyPI, the addon compiled with g++ (Linux)",
    ],
    ["deno task setup-tensorflow --library /opt/libtensorflow", "a library that is already there (Linux)"],
  ],
  notes:
    "Everything goes into outputs/engines/tensorflow (0.6 GB with --cpu, else 1.1); remove that folder to be rid of it. " +
    "--wheel takes TensorFlow 2.12.1. CUDA and cuDNN are found where they are installed, in the versions that " +
    "the library was built for; without them it computes on the CPU.",

  async run(args, signal) {
    const { cpu, library, wheel } = parseFlags(flags, args);
    if (library !== undefined && wheel) {
      throw badInput({
        expected: "one of --library and --wheel",
        found: "both",
        at: "the command line",
        todo: "Leave one out.",
      });
    }
    const onStep = (step: string) => console.log(`… ${step}`);
    const { version, device } = await setUpTensorflow({ cpu, library, wheel, onStep, signal });
    console.log(
      `✓ TensorFlow ${version} computes, on ${device}. Try it: ${typed("train")} --engine tensorflow`,
    );
  },
};

if (import.meta.main) await main(task);
