/** What beside the CPU runs the same graphs, and what it takes to reach it. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { badInput } from "../../errors.ts";
import { encodeModel } from "./compile.ts";
import { knows, loadRuntime, type Provider, type Runtime } from "./runtime.ts";
import { type Node, Value } from "./value.ts";

export type Device = "cpu" | Provider;

/** Where the binding leaves outputs on the device; with the others values cross over at every graph. */
export const keepsValues = (device: Device): boolean => device === "webgpu";

/** A runtime on that device, proved by a graph. Throws bad input that says what is missing and how to get it. */
export function openDevice(device: Device, threads: number): Runtime {
  if (device === "cpu") return loadRuntime(threads);
  if (!knows(device)) {
    throw badInput({
      expected: "a device of this build of ONNX Runtime",
      found: `none of that name for ${Deno.build.os} ${Deno.build.arch}`,
      at: `--device ${device}`,
      todo: "Leave --device out to compute on the CPU.",
    });
  }
  if (device === "cuda") requireCudaFiles();
  const runtime = loadRuntime(threads, device);
  try {
    runtime.compile(trivial()).dispose();
  } catch (cause) {
    throw refusal[device]((cause as Error).message, cause);
  }
  return runtime;
}

/** Command that fetches CUDA's provider, which is too large for the npm package. */
const FETCH_CUDA =
  "deno run -A node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12";

function requireCudaFiles(): void {
  const binary = createRequire(createRequire(import.meta.url).resolve("onnxruntime-node"))
    .resolve(`../bin/napi-v6/${Deno.build.os}/x64/onnxruntime_binding.node`);
  const provider = join(dirname(binary), "libonnxruntime_providers_cuda.so");
  if (existsSync(provider)) return;
  throw badInput({
    expected: "ONNX Runtime's CUDA provider",
    found: "no such file",
    at: provider,
    todo: `Fetch it once (it needs CUDA 12 and cuDNN 9): ${FETCH_CUDA}`,
  });
}

const refusal = {
  webgpu: (message: string, cause: unknown) =>
    badInput({
      expected: "a GPU that WebGPU can reach",
      found: message.includes("adapter") ? "none" : message,
      at: "--device webgpu",
      todo: Deno.build.os === "linux"
        ? "Install the Vulkan loader and your GPU's driver (Debian: libvulkan1 with mesa-vulkan-drivers, or " +
          "NVIDIA's own), or leave --device out to compute on the CPU."
        : "Update your GPU's driver, or leave --device out to compute on the CPU.",
    }, cause),
  cuda: (message: string, cause: unknown) =>
    badInput({
      expected: "an NVIDIA GPU with CUDA 12 and cuDNN 9",
      found: message,
      at: "--device cuda",
      todo: "Install what is missing, try --device webgpu, or leave --device out to compute on the CPU.",
    }, cause),
};

/** The smallest graph there is. */
function trivial(): Uint8Array {
  const [from, to] = [0, 1].map((slot) => Object.assign(new Value([1], "float32"), { slot }));
  const node: Node = { op: "Neg", inputs: [from], outputs: [to], attributes: [], key: "", needed: true };
  return encodeModel([node], [from], [to]);
}
