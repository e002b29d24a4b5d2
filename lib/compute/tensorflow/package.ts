/** The npm package of the engine, installed on request only, in its own folder next to the runs. */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package with a library that can use CUDA, and the one for the CPU only. */
export const PACKAGES = { gpu: "@tensorflow/tfjs-node-gpu", cpu: "@tensorflow/tfjs-node" };

export const PACKAGE_FOLDER = fileURLToPath(new URL("../../../outputs/engines/tensorflow", import.meta.url));

export interface InstalledPackage {
  name: string;
  root: string;
  /** The native addon, once it is built. */
  addon?: string;
}

/** Returns the package in `folder`, if it is installed. */
export function installedPackage(folder = PACKAGE_FOLDER): InstalledPackage | undefined {
  const name = Object.values(PACKAGES).find((name) => existsSync(join(folder, "node_modules", name)));
  if (!name) return;
  const root = realpathSync(join(folder, "node_modules", name));
  return { name, root, addon: addonIn(join(root, "lib")) };
}

/** Finds `lib/napi-v8/tfjs_binding.node`, for any version of the interface. */
function addonIn(lib: string): string | undefined {
  if (!existsSync(lib)) return;
  return readdirSync(lib).map((version) => join(lib, version, "tfjs_binding.node")).find(existsSync);
}

/** Returns whether `--engine tensorflow` is available. */
export const tensorflowIsSetUp = (): boolean => installedPackage()?.addon !== undefined;
