/**
 * The user's own modules (`--use my_head.ts`), which register methods,
 * encoders, data sources, metrics or losses on import. A run keeps their names,
 * hashes and copies. Code that a run names is never imported automatically.
 */
import { createHash } from "node:crypto";
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { badInput, UndertoneError } from "../errors.ts";
import { writeFileAtomic } from "../files/mod.ts";
import { inLibrary, LIBRARY } from "../library.ts";
import { fromProject } from "../paths.ts";
import { type Registration, registrations } from "../registry.ts";

/** A module that a run used, as its folder and checkpoints record it. */
export interface UsedModule {
  /** The path as the user wrote it. */
  path: string;
  /** SHA-256 in hex of the module and everything that it imports by relative path. */
  sha256: string;
}

/** An imported module with its files. */
export interface UserModule extends UsedModule {
  /** The text of each file by absolute path; the module itself comes first. */
  files: ReadonlyMap<string, string>;
  /** The entries that the module registered. */
  registers: readonly Registration[];
}

type ReadModule = Omit<UserModule, "registers">;

/** Imports by absolute path, including those in progress. */
const imports = new Map<string, Promise<UserModule>>();

/** Completed imports. */
const imported: UserModule[] = [];

/** Returns every module that this process has imported. */
export const importedModules = (): readonly UserModule[] => imported;

/**
 * Imports each module once and returns them with their files. A copy of an imported
 * module is not imported again. Throws UndertoneError if a path is no module, or if
 * a module does not load, registers nothing, or has changed since its import.
 */
export async function useModules(paths: readonly string[] = []): Promise<UserModule[]> {
  const modules = new Map<string, UserModule>();
  for (const path of paths) {
    const absolute = resolve(fromProject(path)), module = await read(path, absolute);
    if (!imports.has(absolute)) {
      const same = imported.find(({ sha256 }) => sha256 === module.sha256);
      imports.set(absolute, same ? Promise.resolve(same) : load(module, absolute));
    }
    const { sha256, registers } = await imports.get(absolute)!.catch((error) => {
      imports.delete(absolute);
      throw error;
    });
    if (sha256 !== module.sha256) throw changedSince(module, sha256);
    modules.set(sha256, { ...module, registers });
  }
  return [...modules.values()];
}

/** Reads a module's files and hashes them without running them. */
async function read(path: string, absolute: string): Promise<ReadModule> {
  const files = await filesOf(absolute, path);
  return { path, sha256: hashOf(files, absolute), files };
}

async function load(module: ReadModule, absolute: string): Promise<UserModule> {
  const before = registrations().length, at = module.path;
  try {
    await import(pathToFileURL(absolute).href);
  } catch (error) {
    if (error instanceof UndertoneError) throw error;
    throw badInput({
      expected: "a module that can be imported",
      found: `an error, '${usefulLine(error)}',`,
      at,
      todo: "Fix it in the module; --verbose shows where it was thrown.",
    }, error);
  }
  const registers = registrations().slice(before);
  if (registers.length === 0) {
    throw badInput({
      expected: "a module that registers something when it is imported",
      found: "one that registers nothing",
      at,
      todo: `Call registerFusionMethod or another register function of '${LIBRARY}' at its top level.`,
    });
  }
  const whole = { ...module, registers };
  imported.push(whole);
  return whole;
}

/** Returns the useful line of an error. Deno's syntax errors give the place only in a later line. */
function usefulLine(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  const place = /\bat (file:\S+:\d+:\d+)/.exec(message)?.[1];
  const [line] = message.split("\n");
  return place && !line.includes(place) ? `${line} at ${place}` : line;
}

const changedSince = ({ path, sha256 }: UsedModule, before: string) =>
  badInput({
    expected: `the module as it was imported (SHA-256 ${before})`,
    found: `one that has changed since (${sha256})`,
    at: path,
    todo: "Restart the kernel or the process: a process imports code only once.",
  });

/** Matches `from "./x.ts"`, `import "./x.ts"` and `import("./x.ts")`. */
const RELATIVE = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/** Reads the module and, recursively, everything that it imports by relative path. */
async function filesOf(start: string, asWritten: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const waiting = [start];
  while (waiting.length) {
    const path = waiting.pop()!;
    if (files.has(path)) continue;
    const text = await Deno.readTextFile(path).catch((error) => {
      if (path !== start) return undefined; // a match in a comment; a real import fails on its own
      throw badInput({
        expected: "a TypeScript or JavaScript module",
        found: error instanceof Deno.errors.NotFound ? "no file" : `an unreadable one (${error.message})`,
        at: asWritten,
        todo: `Check the path${isAbsolute(asWritten) ? "" : `, which is read from ${fromProject(".")}`}.`,
      }, error);
    });
    if (text === undefined) continue;
    files.set(path, text);
    if (extname(path) === ".json") continue;
    for (const [, specifier] of text.matchAll(RELATIVE)) {
      const target = resolve(dirname(path), specifier);
      if (inLibrary(target)) {
        throw badInput({
          expected: `an import of the library by name, so that a copy of the module works anywhere`,
          found: `'${specifier}'`,
          at: path,
          todo: `Import from '${LIBRARY}' or '${LIBRARY}/nn'.`,
        });
      }
      waiting.push(target);
    }
  }
  return files;
}

/** Hashes file names relative to the module, so that a copy elsewhere has the same hash. */
function hashOf(files: ReadonlyMap<string, string>, start: string): string {
  const hash = createHash("sha256");
  const named = [...files].map(([path, text]) => [relative(dirname(start), path), text] as const);
  for (const [name, text] of named.sort(([a], [b]) => a < b ? -1 : 1)) {
    hash.update(`${name}\0${text.length}\0`).update(text);
  }
  return hash.digest("hex");
}

/** Copies each module and its imports into a numbered folder of `folder`. Returns the paths of the copies. */
export async function keepModules(modules: readonly UserModule[], folder: string): Promise<string[]> {
  const kept: string[] = [];
  for (const [i, { files }] of modules.entries()) {
    const paths = [...files.keys()], root = commonFolder(paths);
    for (const [path, text] of files) {
      await writeFileAtomic(join(folder, `${i + 1}`, relative(root, path)), text);
    }
    kept.push(join(folder, `${i + 1}`, relative(root, paths[0])));
  }
  return kept;
}

/** Returns the deepest folder that contains all paths. */
function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]);
  while (!paths.every((path) => path.startsWith(folder.endsWith("/") ? folder : `${folder}/`))) {
    folder = dirname(folder);
  }
  return folder;
}

/** Finds copies of these modules under `folder`. Returns undefined for one that is missing or changed. */
export const keptModules = (
  modules: readonly UsedModule[],
  folder: string,
): Promise<(string | undefined)[]> =>
  Promise.all(modules.map(async ({ path, sha256 }) => {
    for await (const copy of filesNamed(basename(path), folder)) {
      if (await isThere({ path: copy, sha256 })) return copy;
    }
  }));

/** Returns whether the module at a path has this hash, without running it. */
export async function isThere({ path, sha256 }: UsedModule): Promise<boolean> {
  try {
    return (await read(path, resolve(path))).sha256 === sha256;
  } catch (error) {
    if (error instanceof UndertoneError) return false;
    throw error;
  }
}

async function* filesNamed(name: string, folder: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* filesNamed(name, path);
    else if (entry.name === name) yield path;
  }
}

/** Returns paths as `--use` flags, quoted for the shell. */
export const useFlags = (paths: readonly string[]): string =>
  paths.map((path) =>
    /^[\w@%+=:./-]+$/.test(path)
      ? `--use ${path}`
      : `--use '${JSON.stringify([path]).replaceAll("'", `'\\''`)}'` // a JSON list, since a comma splits
  ).join(" ");
