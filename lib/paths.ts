/**
 * Relative paths start at the project's folder, wherever the process runs: a notebook runs in its own folder.
 */
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Returns the absolute path of a path inside the project.
 *
 * @example
 * ```ts
 * import { inProject } from "@undertone/undertone";
 *
 * const runs = inProject("outputs"); // <project>/outputs
 * ```
 */
export const inProject = (path: string): string => join(fileURLToPath(new URL("../", import.meta.url)), path);

/** Returns a path as a process in the project's folder has it. In that folder, it stays as it is. */
export function fromProject(path: string): string {
  const isLocal = import.meta.url.startsWith("file:"); // a package from a registry has no folder
  if (!isLocal || isAbsolute(path) || Deno.cwd() === join(inProject("."))) return path;
  return inProject(path);
}
