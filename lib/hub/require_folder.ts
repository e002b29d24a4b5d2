/** Refuses a path that is no folder of a model, and says which folder may have been meant. */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { badInput, few } from "../errors.ts";
import { nearestBeside } from "../files/mod.ts";

/** What every model's folder holds, its own or an adapter's. */
const hasConfig = (folder: string): boolean =>
  ["config.json", "adapter_config.json"].some((name) => existsSync(join(folder, name)));

const HOW = "docs/ENCODERS.md says what such a folder holds, and 'deno task models add <name>' fetches one.";

/**
 * Throws UndertoneError if there is no folder at `path`, or for `hf` one without a configuration. A path that
 * can't be looked at is left to its reader.
 */
export async function requireModelFolder(path: string, encoder: string): Promise<void> {
  const named = (folder: string) => `${encoder}:${folder}`;
  const refused = (found: string, todo: string) =>
    badInput({ expected: "a model's folder", found, at: path, todo });
  const kind = await kindOf(path);
  if (kind === "nothing") {
    const meant = nearFolder(path);
    throw refused("nothing", `Check the path. ${meant ? `Did you mean ${named(meant)}?` : HOW}`);
  }
  if (kind === "file") {
    const holds = hasConfig(dirname(path));
    throw refused("a file", holds ? `Name its folder: ${named(dirname(path))}.` : `Name a folder. ${HOW}`);
  }
  if (kind !== "folder" || encoder !== "hf" || hasConfig(path)) return;
  const names = (await readdir(path)).sort(), models = names.filter((name) => hasConfig(join(path, name)));
  throw refused(
    names.length === 0 ? "an empty folder" : `no config.json beside ${few(names)}`,
    models.length > 0
      ? `Name a model in it: ${models.slice(0, 3).map((name) => named(join(path, name))).join(", ")}.`
      : `Check the path. ${HOW}`,
  );
}

/** Returns the folder beside a path whose name is nearest to the path's, or undefined. */
export function nearFolder(path: string): string | undefined {
  const meant = nearestBeside(path, (entry) => !entry.isFile());
  return meant && join(dirname(path), meant);
}

/** Returns what is at a path; undefined if that can't be told. */
async function kindOf(path: string): Promise<"folder" | "file" | "nothing" | undefined> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    const { code } = error as { code?: string };
    return code === "ENOENT" || code === "ENOTDIR" ? "nothing" : undefined;
  }
}
