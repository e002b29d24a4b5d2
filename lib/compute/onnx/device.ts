/** Opens a device besides the CPU, and checks that it is available. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { badInput } from "../../errors.ts";
import { encodeModel } from "./compile.ts";
import { knows, loadRuntime, type Provider, type Runtime } from "./runtime.ts";
import { type Node, Value } from "./value.ts";

export type Device = "cpu" | Provider;

/**
 * Whether values stay on the device between graphs. With CUDA, each graph copies them to the device and back.
 */
export const keepsValues = (device: Device): boolean => device === "webgpu";

/**
 * Opens a runtime on the device and tests it with a small graph. Throws bad input that says what is missing
 * and how to get it.
 */
export function openDevice(device: Device, threads: number): Runtime {
  if (device === "cpu") return loadRuntime(threads);
  const expected = { webgpu: "a GPU that WebGPU can reach", cuda: "an NVIDIA GPU with CUDA 12" }[device];
  const at = `--device ${device}`, lack = lacking(device);
  if (lack) throw badInput({ expected, at, ...lack });
  const runtime = loadRuntime(threads, device);
  try {
    runtime.compile(trivial()).dispose();
  } catch (cause) {
    const { message } = cause as Error;
    const found = message.includes("No supported adapters") ? "none" : message;
    throw badInput({ expected, found, at, todo: MEND[device] }, cause);
  }
  return runtime;
}

/**
 * Says what a device lacks on this machine, judged by files only, because a driver that fails to load may
 * print messages.
 */
export function lacking(device: Provider): { found: string; todo: string } | undefined {
  if (!knows(device)) {
    const { os, arch } = Deno.build;
    return { found: `an ONNX Runtime without it on ${os} ${arch}`, todo: `You can ${WITHOUT}.` };
  }
  if (device === "cuda" && !existsSync(cudaProvider())) {
    return { found: "no provider for it", todo: FETCH_CUDA };
  }
  if (device === "webgpu" && !hasDriver()) return { found: "no Vulkan driver", todo: MEND.webgpu };
  return undefined;
}

const WITHOUT = "leave --device out to compute on the CPU";

const MEND = {
  webgpu: Deno.build.os === "linux"
    ? "Install Vulkan's loader and your GPU's driver (Debian: libvulkan1 with mesa-vulkan-drivers, or NVIDIA's " +
      `own), or ${WITHOUT}.`
    : `Update your GPU's driver, or ${WITHOUT}.`,
  cuda: `Install CUDA 12, cuDNN 9 and the GPU's driver, try --device webgpu, or ${WITHOUT}.`,
};

/** The npm package does not include the provider, because it is too large. */
const FETCH_CUDA = "Fetch ONNX Runtime's CUDA provider once (it needs CUDA 12 and cuDNN 9): " +
  "deno run -A node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12";

/** Path of the provider, next to the binding. */
function cudaProvider(): string {
  const main = createRequire(import.meta.url).resolve("onnxruntime-node"); // dist/index.js
  const folder = `../bin/napi-v6/${process.platform}/${process.arch}`;
  return join(dirname(main), folder, "libonnxruntime_providers_cuda.so");
}

/** Whether Vulkan's loader would find a driver. Systems other than Linux bring their own. */
function hasDriver(): boolean {
  if (Deno.build.os !== "linux") return true;
  const env = (name: string) => Deno.env.get(name);
  if (["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"].some(env)) return true;
  const roots = ["/etc", "/usr/local/etc", "/usr/local/share", "/usr/share", `${env("HOME")}/.local/share`];
  return [...roots, ...(env("XDG_DATA_DIRS") ?? "").split(":").filter(Boolean)]
    .map((root) => join(root, "vulkan/icd.d"))
    .some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

/** The smallest possible model, to test a device. */
function trivial(): Uint8Array {
  const [from, to] = [0, 1].map((slot) => Object.assign(new Value([1], "float32"), { slot }));
  const node: Node = { op: "Neg", inputs: [from], outputs: [to], attributes: [], key: "", needed: true };
  return encodeModel([node], [from], [to]);
}
