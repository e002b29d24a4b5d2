/** Finds a GPU without opening it, by Deno's own WebGPU. */

/** What WebGPU says about the device that it would use. */
export interface AdapterInfo {
  /** Whether the processor computes: llvmpipe and SwiftShader are renderers in software. */
  isFallbackAdapter: boolean;
  /** Name of the device; empty if the driver has none. */
  description: string;
}

/** A device and its optional features. */
export interface Adapter {
  info: AdapterInfo;
  features: ReadonlySet<string>;
}

/** Asks the system for its adapter. Returns null if it has none. */
export type AskForAdapter = () => Promise<Adapter | null>;

/** Returns the name of the GPU that WebGPU would use; undefined if it has none, or one in software. */
export async function findGpu(ask: AskForAdapter = askForAdapter): Promise<string | undefined> {
  const adapter = await ask().catch(() => null); // a driver that fails is as good as none
  if (!adapter || adapter.info.isFallbackAdapter) return undefined;
  return adapter.info.description || "GPU";
}

/** Asks Deno, which takes about 0.1 s. */
export async function askForAdapter(): Promise<Adapter | null> {
  const name = { name: "env", variable: "XDG_RUNTIME_DIR" } as const;
  if (Deno.build.os === "linux" && Deno.permissions.querySync(name).state === "granted") {
    // Without it, some Vulkan drivers write errors about a display.
    if (!Deno.env.has(name.variable)) Deno.env.set(name.variable, "/tmp");
  }
  const { gpu } = navigator as { gpu?: { requestAdapter(): ReturnType<AskForAdapter> } };
  return await gpu?.requestAdapter() ?? null;
}
