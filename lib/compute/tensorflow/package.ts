/** The npm package behind the engine, in a folder of its own beside the runs: it is installed only where asked for. */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** With a library that can use CUDA, and for the CPU alone. */
export const PACKAGES = { gpu: "@tensorflow/tfjs-node-gpu", cpu: "@tensorflow/tfjs-node" };

export const PACKAGE_FOLDER = fileURLToPath(new URL("../../../outputs/engines/tensorflow", import.meta.url));

export interface InstalledPackage {
  name: string;
  root: string;
  /** The native addon, once it is built. */
  addon?: string;
}

/** The package in `folder`, if there is one. */
export function installedPackage(folder = PACKAGE_FOLDER): InstalledPackage | undefined {
  const name = Object.values(PACKAGES).find((name) => existsSync(join(folder, "node_modules", name)));
  if (!name) return;
  const root = realpathSync(join(folder, "node_modules", name));
  return { name, root, addon: addonIn(join(root, "lib")) };
}

/** `lib/napi-v8/tfjs_binding.node`, whatever the version of the interface. */
function addonIn(lib: string): string | undefined {
  if (!existsSync(lib)) return;
  return readdirSync(lib).map((version) => join(lib, version, "tfjs_binding.node")).find(existsSync);
}

/** True where `--engine tensorflow` can be asked for. */
export const tensorflowIsSetUp = (): boolean => installedPackage()?.addon !== undefined;
