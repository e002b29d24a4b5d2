/** Finds the files of the packages that a run needs, by watching which ones it opens. */
import { join, relative } from "node:path";
import { badInput } from "../../lib/errors.ts";
import { inProject } from "../../lib/paths.ts";

/** Bytes up to which a package that was used is taken whole, because it may load more of itself later. */
const WHOLE = 2 ** 21;

/** Files that no run reads. */
const UNREAD = /\.d\.[cm]?ts$|\.map$|\.html$|\.md$|\/(test|tests|docs|example|examples)\//i;

/**
 * Runs a program under strace. Returns the files of `node_modules` that it needs, as paths from the project's
 * folder: those that it opened, and the rest of the small packages among them.
 */
export async function usedFiles(program: string, signal?: AbortSignal): Promise<string[]> {
  const log = await Deno.makeTempFile({ prefix: "undertone-pack" });
  try {
    await traced(program, log, signal);
    return [...await withWholePackages(await opened(await Deno.readTextFile(log)))].sort();
  } finally {
    await Deno.remove(log);
  }
}

async function traced(program: string, log: string, signal?: AbortSignal): Promise<void> {
  const watch = ["-f", "--seccomp-bpf", "-qq", "-e", "trace=openat,open", "-e", "signal=none", "-o", log];
  const run = [Deno.execPath(), "run", "--quiet", "--no-prompt", "-A", program];
  const lacks = (found: string, cause?: unknown) =>
    badInput({
      expected: "strace, which tells the files that a run opens",
      found,
      at: "deno task pack",
      todo: "Install it (Debian: apt-get install strace), on a machine that allows ptrace.",
    }, cause);
  let output: Deno.CommandOutput;
  try {
    const command = new Deno.Command("strace", {
      args: [...watch, ...run],
      cwd: inProject("."),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal,
    });
    output = await command.output();
  } catch (cause) {
    throw lacks("none", cause);
  }
  signal?.throwIfAborted();
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr).trim().split("\n").at(-1);
  throw lacks(`a run that failed (${said || `exit code ${output.code}`})`);
}

/** Reads the log of strace: the files of `node_modules` that were opened, where they really lie. */
async function opened(log: string): Promise<Set<string>> {
  const files = new Set<string>(), seen = new Set<string>(), root = inProject(".");
  for (const [, path] of log.matchAll(/"([^"]*node_modules\/[^"]*)"[^\n]*\) = \d/g)) {
    if (seen.has(path)) continue;
    seen.add(path);
    const real = await Deno.realPath(join(root, relative(root, path))).catch(() => undefined);
    if (real?.startsWith(join(root, "node_modules/")) && (await Deno.stat(real)).isFile) {
      files.add(relative(root, real));
    }
  }
  return files;
}

async function withWholePackages(files: Set<string>): Promise<Set<string>> {
  const all = new Set(files);
  for (const folder of new Set([...files].map(packageOf))) {
    if (!folder) continue;
    const own = await filesBelow(folder);
    if (own.reduce((sum, { bytes }) => sum + bytes, 0) <= WHOLE) own.forEach(({ path }) => all.add(path));
  }
  return all;
}

/** Returns the folder of the package of a file: `node_modules/.deno/<name>@<version>/node_modules/<name>`. */
const packageOf = (path: string): string | undefined =>
  path.match(/^node_modules\/\.deno\/[^/]+\/node_modules\/(@[^/]+\/)?[^/]+(?=\/)/)?.[0];

async function filesBelow(folder: string): Promise<{ path: string; bytes: number }[]> {
  const found: { path: string; bytes: number }[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(inProject(folder))) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await filesBelow(path));
    else if (isFile && !UNREAD.test(path)) {
      found.push({ path, bytes: (await Deno.stat(inProject(path))).size });
    }
  }
  return found;
}
