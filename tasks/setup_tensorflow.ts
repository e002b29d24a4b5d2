/** `deno task setup-tensorflow`: makes `--engine tensorflow` work. */
import { z } from "zod";
import { setUpTensorflow } from "../lib/compute/mod.ts";
import { badInput } from "../lib/errors.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { tell } from "./cli/output.ts";
import { typed } from "./cli/show.ts";

const flags = z.strictObject({
  cpu: z.boolean().default(false).describe("Install the smaller package and library without CUDA."),
  library: z.string().optional().describe(
    "Your own TensorFlow library: file, folder with lib and include, installed Python package, or wheel.",
  ),
  wheel: z.boolean().default(false).describe("Take the library from PyPI's wheel, with python3 -m pip."),
});

export const task: Task = {
  name: "setup-tensorflow",
  summary: "Installs TensorFlow's own library, which --engine tensorflow needs.",
  flags,
  examples: [
    ["deno task setup-tensorflow", "@tensorflow/tfjs-node-gpu with its own installer; uses CUDA if it can"],
    ["deno task setup-tensorflow --cpu", "@tensorflow/tfjs-node with its own installer"],
    [
      "deno task setup-tensorflow --cpu --wheel",
      "the library from PyPI, with an addon compiled by g++ (Linux)",
    ],
    [
      "deno task setup-tensorflow --library /opt/libtensorflow",
      "a library that is already installed (Linux)",
    ],
  ],
  notes:
    "Everything is installed into outputs/engines/tensorflow (0.6 GB with --cpu, else 1.1 GB); delete that " +
    "folder to uninstall. --wheel installs TensorFlow 2.12.1. The library uses an installed CUDA and cuDNN of " +
    "the versions that it was built for; without them it computes on the CPU.",

  async run(args, signal, json) {
    const { cpu, library, wheel } = parseFlags(flags, args);
    if (library !== undefined && wheel) {
      throw badInput({
        expected: "one of --library and --wheel",
        found: "both",
        at: "the command line",
        todo: "Leave one out.",
      });
    }
    const onStep = (step: string) => tell(`… ${step}`);
    const { version, device } = await setUpTensorflow({ cpu, library, wheel, onStep, signal });
    console.log(
      `✓ TensorFlow ${version} computes, on ${device}. Try it: ${typed("train")} --engine tensorflow`,
    );
    json({ version, device });
  },
};

if (import.meta.main) await main(task);
