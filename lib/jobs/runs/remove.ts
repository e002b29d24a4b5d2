/** Removes folders of results that nobody works in. */
import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { badInput } from "../../errors.ts";
import { unwritable } from "../../files/mod.ts";
import { lockFolder, requireUnlocked } from "../lock.ts";
import { findRun } from "./find.ts";
import { kindOf } from "./kinds.ts";
import type { RunSummary } from "./summary.ts";

/**
 * Returns the folders of results of these names, each once. Throws UndertoneError if any can't be removed: it
 * is none, or a link, or a process works in it, above it or below it.
 */
export async function removable(names: readonly string[], out: string): Promise<RunSummary[]> {
  const found = new Map<string, RunSummary>();
  for (const name of names) {
    const run = await findRun(name, out);
    if (lstatSync(run.path).isSymbolicLink()) {
      throw badInput({
        expected: "the folder of a run",
        found: "a link to one",
        at: run.path,
        todo: "Name the folder that the link points to, and remove the link yourself.",
      });
    }
    await requireIdle(run.path);
    found.set(resolve(run.path), run);
  }
  const isInside = (path: string) => ancestorsOf(path).some((above) => found.has(above));
  // A run inside another folder goes with that folder.
  return [...found].flatMap(([path, run]) => isInside(path) ? [] : [run]);
}

/** Removes one folder of results. Throws UndertoneError if a process works in it by now. */
export async function removeRun({ path }: RunSummary): Promise<void> {
  await requireIdle(path);
  const lock = await lockFolder(path);
  try {
    await Deno.remove(path, { recursive: true });
  } catch (cause) {
    throw unwritable("a folder that can be removed", path, cause);
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

/** Throws UndertoneError if a process works in a folder, in one below it, or in one of ours above it. */
async function requireIdle(path: string): Promise<void> {
  for (const above of ancestorsOf(path)) if (kindOf(above)) await requireUnlocked(above);
  // `.name.replaced` is kept for the run that replaces it.
  const replacing = /^\.(.+)\.replaced$/.exec(basename(path))?.[1];
  if (replacing) await requireUnlocked(join(dirname(path), replacing));
  await requireIdleBelow(path);
}

/** Returns the folders around a path that can hold it as a part: a matrix holds runs five levels below. */
function ancestorsOf(path: string): string[] {
  const folders: string[] = [];
  for (let above = dirname(resolve(path)); folders.length < 6; above = dirname(above)) folders.push(above);
  return folders;
}

async function requireIdleBelow(path: string): Promise<void> {
  await requireUnlocked(path);
  for (const each of readdirSync(path).map((name) => join(path, name))) {
    if (existsSync(each) && statSync(each).isDirectory() && !lstatSync(each).isSymbolicLink()) {
      await requireIdleBelow(each);
    }
  }
}
