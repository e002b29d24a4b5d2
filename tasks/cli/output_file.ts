/**
 * A file that a task writes where a flag says: never over one of its inputs, nor silently over another file.
 */
import { dirname, resolve } from "node:path";
import { badInput } from "../../lib/errors.ts";
import { requireWritable } from "../../lib/files/mod.ts";

/**
 * Throws bad input unless a file can be written at `path`: an input of the task is never replaced, whatever
 * its spelling, and another file only with `overwrite`.
 */
export async function requireOutput(
  path: string,
  { flag, overwrite, inputs }: { flag: string; overwrite: boolean; inputs: readonly string[] },
): Promise<void> {
  const there = await Deno.stat(path).catch(() => undefined);
  if (there) {
    const own = await Deno.realPath(path);
    // An input may name its kind before the path: features:states.npz.
    for (const input of inputs.flatMap((input) => [input, input.replace(/^[a-z][\w-]+:/i, "")])) {
      const isSame = own === await Deno.realPath(input).catch(() => resolve(input)) ||
        isOneFile(there, await Deno.stat(input).catch(() => undefined));
      if (isSame) throw taken("a file that the task reads", path, `Choose another path with ${flag}.`);
    }
    if (there.isDirectory) throw taken("a folder", path, `Name a file with ${flag}.`);
    if (!overwrite) {
      const todo = `Choose another path with ${flag}, or replace the file with --overwrite.`;
      throw taken("an existing file", path, todo);
    }
  }
  await requireWritable(dirname(resolve(path)));
}

/** Two names of one file, by a hard link. Systems without numbers of files give none. */
const isOneFile = (a: Deno.FileInfo, b?: Deno.FileInfo) =>
  b !== undefined && !!a.ino && a.ino === b.ino && a.dev === b.dev;

const taken = (found: string, at: string, todo: string) =>
  badInput({ expected: "a path without a file", found, at, todo });
