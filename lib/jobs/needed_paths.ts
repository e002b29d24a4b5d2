/** The files and folders that a node of a cluster needs, beside the project. */
import { existsSync } from "node:fs";
import { partsOf } from "../encoders/mod.ts";
import { fromProject } from "../paths.ts";

/** Returns the paths of data, encoders and the user's modules. Names that are no paths are left out. */
export function neededPaths(
  { data, encoders, use }: { data: string; encoders: readonly string[]; use: readonly string[] },
): string[] {
  const folders = encoders.flatMap(partsOf).map((name) => name.replace(/^[\w-]+:/, "").replace(/#\w+$/, ""));
  return [...new Set([data.replace(/^[\w-]+:/, ""), ...folders, ...use].map(fromProject))].filter(existsSync);
}
