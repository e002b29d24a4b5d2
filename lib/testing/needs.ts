/**
 * Tests that need more than Deno and the packages. If something is missing, they are skipped and their names
 * say why.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { lacking } from "../compute/onnx/device.ts";
import { tensorflowIsSetUp } from "../compute/tensorflow/package.ts";
import { findPython } from "../jobs/python.ts";
import { inProject } from "../paths.ts";
import { findBrowser } from "./browser.ts";
import { hasModules } from "./python.ts";
import { shared } from "./shared.ts";
import { canStartSlurm } from "./slurm.ts";
import { swiftshader } from "./swiftshader.ts";

/** A function that says whether a thing is available, and how to get it. */
type Thing = [here: () => boolean, todo: string];

const inPython = (...modules: string[]): Thing => [
  () => hasModules(...modules),
  `pip install ${modules.join(" ")}, or name a Python that has them in UNDERTONE_PYTHON`,
];

const THINGS = {
  ffmpeg: [
    () => spawnSync("ffmpeg", ["-version"]).status === 0,
    "apt-get install ffmpeg (Debian)",
  ],
  strace: [
    () => spawnSync("strace", ["-f", "-qq", "true"]).status === 0,
    "apt-get install strace (Debian), on a machine that allows ptrace",
  ],
  nbclient: [
    () => findPython() !== undefined,
    "apt-get install jupyter-nbconvert python3-nbclient python3-ipykernel (Debian), or pip install nbclient ipykernel",
  ],
  slurm: [canStartSlurm, "apt-get install slurm-wlm munge (Debian), and be root"],
  bash: [() => spawnSync("bash", ["--version"]).status === 0, "apt-get install bash (Debian)"],
  mkfifo: [() => spawnSync("mkfifo", ["--version"]).status === 0, "apt-get install coreutils (Debian)"],
  SwiftShader: [
    () => swiftshader() !== undefined,
    "apt-get install chromium-common (Debian), or name its folder in UNDERTONE_SWIFTSHADER",
  ],
  "onnxruntime-web": [
    () => existsSync(inProject("outputs/engines/onnxruntime-web/node_modules")),
    "deno task demo --run <run>, which fetches it",
  ],
  Chromium: [() => findBrowser() !== undefined, "apt-get install chromium (Debian)"],
  PyTorch: inPython("torch", "transformers"),
  peft: inPython("peft", "torch", "transformers"),
  "Python's safetensors": inPython("safetensors", "numpy"),
  TensorBoard: inPython("tensorboard"),
  "Python's onnxruntime": inPython("onnxruntime", "tokenizers", "soundfile", "numpy"),
  onnx: [() => true, ""],
  cpu: [() => true, ""],
  tensorflow: [tensorflowIsSetUp, "deno task setup-tensorflow (--cpu --wheel takes it from PyPI)"],
  notebooks: [() => Deno.env.has("UNDERTONE_NOTEBOOK_TESTS"), "deno task test-notebooks"],
  time: [() => Deno.env.has("UNDERTONE_LONG_TESTS"), "deno task test-long"],
  Linux: [() => Deno.build.os === "linux", "a machine that runs it"],
  "Linux on x86_64": [() => Deno.build.target === "x86_64-unknown-linux-gnu", "a machine that runs it"],
  "a machine without CUDA": [
    () => lacking("cuda") !== undefined,
    "use one where the CUDA provider was never fetched",
  ],
} satisfies Record<string, Thing>;

/** The name of a thing, or of a file or folder in `shared` beside the checkout. */
export type Need = keyof typeof THINGS | `shared/${string}`;

const thing = (need: Need): Thing =>
  need in THINGS ? THINGS[need as keyof typeof THINGS] : [
    () => shared(need.slice("shared/".length)) !== undefined,
    "put it beside the checkout (it is too large for the repository, or under another licence)",
  ];

const found = new Map<Need, boolean>();

/** Returns whether a need is met. Looks for each thing once. */
function isHere(need: Need): boolean {
  const here = found.get(need) ?? thing(need)[0]();
  found.set(need, here);
  return here;
}

/**
 * Registers a test as `Deno.test` does. If a need is not met, the test is skipped and its name says what is
 * missing.
 */
export function testWith(
  needs: Need | readonly Need[],
  ...test: [Deno.TestDefinition] | [name: string, fn: Deno.TestDefinition["fn"]]
): void {
  const definition = test.length === 1 ? test[0] : { name: test[0], fn: test[1] };
  const lack = [needs].flat().find((need) => !isHere(need as Need));
  Deno.test(lack ? { ...definition, name: `${definition.name} (needs ${lack})`, ignore: true } : definition);
}

/** Returns how to get the thing that a skipped test's name mentions. */
export const howToGet = (lack: string): string => thing(lack as Need)[1];
