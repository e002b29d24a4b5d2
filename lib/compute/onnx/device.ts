/** Opens a device besides the CPU, and checks that it is available. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { badInput } from "../../errors.ts";
import { debug, debugLog } from "../debug.ts";
import { encodeModel } from "./compile.ts";
import { knows, loadRuntime, type Provider, type Runtime } from "./runtime.ts";
import { silently } from "./silence.ts";
import { type Node, Value } from "./value.ts";

export type Device = "cpu" | Provider;

/**
 * Whether values stay on the device between graphs. With CUDA, each graph copies them to the device and back.
 */
export const keepsValues = (device: Device): boolean => device === "webgpu";

/**
 * Opens a runtime on the device and tests it with a small graph. Throws bad input that says what is missing
 * and how to get it. `gpu` is the number of one of several GPUs. What the driver prints goes into the error.
 */
export function openDevice(device: Device, threads: number, gpu?: number): Runtime {
  if (device === "cpu") return loadRuntime(threads);
  const expected = { webgpu: "a GPU that WebGPU can reach", cuda: "an NVIDIA GPU with CUDA 12" }[device];
  const at = `--device ${device}${gpu === undefined ? "" : `:${gpu}`}`;
  const lack = lacking(device) ?? (gpu === undefined ? undefined : lackingGpu(device, gpu));
  if (lack) throw badInput({ expected, at, ...lack });
  let printed = "";
  try {
    return silently(() => {
      const runtime = loadRuntime(threads, device, gpu);
      runtime.compile(trivial()).dispose();
      return runtime;
    }, (text) => {
      printed = text;
      if (debug.sessions && text) debugLog("sessions", text);
    });
  } catch (cause) {
    const { message } = cause as Error, none = message.includes("No supported adapters");
    const reason = printed.split("\n")[0].replace(/^Warning: /, "");
    const found = none ? reason ? `none (the driver said: ${reason})` : "none" : message;
    throw badInput({ expected, found, at, todo: MEND[device] }, cause);
  }
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

/** Says why a GPU of this number can't be used. `cards` is where NVIDIA's driver lists its GPUs on Linux. */
export function lackingGpu(
  device: Provider,
  gpu: number,
  cards = "/proc/driver/nvidia/gpus",
): { found: string; todo: string } | undefined {
  if (device === "webgpu") {
    return gpu === 0 ? undefined : {
      found: "WebGPU, which chooses the GPU itself",
      todo:
        "Leave the number out. To make it choose the GPU of another driver, set VK_DRIVER_FILES to that " +
        "driver's file in vulkan/icd.d. On NVIDIA GPUs, --device cuda takes numbers.",
    };
  }
  const visible = Deno.env.get("CUDA_VISIBLE_DEVICES")?.split(",").filter(Boolean).length;
  const count = visible ?? (existsSync(cards) ? readdirSync(cards).length : undefined);
  if (count === undefined || gpu < count) return undefined; // CUDA itself will say
  const last = count - 1;
  return {
    found: count === 0 ? "no NVIDIA GPU" : count === 1 ? "1 NVIDIA GPU" : `${count} NVIDIA GPUs`,
    todo: count === 0
      ? `You can ${WITHOUT}.`
      : count === 1
      ? "Write cuda:0, or cuda without a number."
      : `Write a number from 0 to ${last}.`,
  };
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
  "node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12";

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
