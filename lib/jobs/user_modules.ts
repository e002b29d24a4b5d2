/**
 * Modules of the user's own (`--use my_head.ts`): they register methods, encoders, data sources, metrics or losses when
 * they are imported. A run keeps their names, hashes and a copy. Code that a run names is never imported by itself.
 */
import { createHash } from "node:crypto";
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { badInput, UndertoneError } from "../errors.ts";
import { writeFileAtomic } from "../files/mod.ts";
import { inLibrary, LIBRARY } from "../library.ts";
import { type Registration, registrations } from "../registry.ts";

/** A module that a run used, as its folder and checkpoints name it. */
export interface UsedModule {
  /** As the user wrote it. */
  path: string;
  /** SHA-256 in hex over the module and all that it imports by relative path. */
  sha256: string;
}

/** A module that has been imported, with its files. */
export interface UserModule extends UsedModule {
  /** The files' text by absolute path, the module's own first. */
  files: ReadonlyMap<string, string>;
  /** What it registered. */
  registers: readonly Registration[];
}

type ReadModule = Omit<UserModule, "registers">;

/** Imports by absolute path, those under way among them. */
const imports = new Map<string, Promise<UserModule>>();

/** Those that are done. */
const imported: UserModule[] = [];

/** Every module that this process has imported. */
export const importedModules = (): readonly UserModule[] => imported;

/**
 * Imports modules, each once, and says what they are made of; a copy of one that is imported counts as that one. Throws
 * UndertoneError for a path that leads to no module, a module that does not load or registers nothing, and one that has
 * changed since it was imported.
 */
export async function useModules(paths: readonly string[] = []): Promise<UserModule[]> {
  const modules = new Map<string, UserModule>();
  for (const path of paths) {
    const absolute = resolve(path), module = await read(path, absolute);
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

/** A module's files and their hash, before any of its code runs. */
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
      found: `an error, '${told(error)}',`,
      at,
      todo: "Mend it there; --verbose shows where it was thrown.",
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

/** The first line of an error that is of use: Deno's of what can't be parsed ends with the place. */
function told(error: unknown): string {
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
    todo: "Restart the kernel or the process: code is imported once.",
  });

/** `from "./x.ts"`, `import "./x.ts"` and `import("./x.ts")`. */
const RELATIVE = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/** The module and what it imports by relative path, again and again. */
async function filesOf(start: string, asWritten: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const waiting = [start];
  while (waiting.length) {
    const path = waiting.pop()!;
    if (files.has(path)) continue;
    const text = await Deno.readTextFile(path).catch((error) => {
      if (path !== start) return undefined; // words in a comment; a real import fails by itself
      throw badInput({
        expected: "a TypeScript or JavaScript module",
        found: error instanceof Deno.errors.NotFound ? "no file" : `an unreadable one (${error.message})`,
        at: asWritten,
        todo: `Check the path${isAbsolute(asWritten) ? "" : `, which is read from ${Deno.cwd()}`}.`,
      }, error);
    });
    if (text === undefined) continue;
    files.set(path, text);
    if (extname(path) === ".json") continue;
    for (const [, specifier] of text.matchAll(RELATIVE)) {
      const target = resolve(dirname(path), specifier);
      if (inLibrary(target)) {
        throw badInput({
          expected: `an import of the library by its name, so that a copy of the module works anywhere`,
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

/** Names count relative to the module, so that a copy elsewhere has the same hash. */
function hashOf(files: ReadonlyMap<string, string>, start: string): string {
  const hash = createHash("sha256");
  const named = [...files].map(([path, text]) => [relative(dirname(start), path), text] as const);
  for (const [name, text] of named.sort(([a], [b]) => a < b ? -1 : 1)) {
    hash.update(`${name}\0${text.length}\0`).update(text);
  }
  return hash.digest("hex");
}

/** Copies modules into `folder`, each with its imports under a number of its own. Returns the copies' paths. */
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

/** The deepest folder that holds all paths. */
function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]);
  while (!paths.every((path) => path.startsWith(folder.endsWith("/") ? folder : `${folder}/`))) {
    folder = dirname(folder);
  }
  return folder;
}

/** Paths of copies of these modules under `folder`, undefined for one that is not there as it was. */
export const keptModules = (
  modules: readonly UsedModule[],
  folder: string,
): Promise<(string | undefined)[]> =>
  Promise.all(modules.map(async ({ path, sha256 }) => {
    for await (const copy of filesNamed(basename(path), folder)) {
      if (await isThere({ path: copy, sha256 })) return copy;
    }
  }));

/** Whether the module at a path is the one of this hash. Nothing of it is run. */
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

/** Paths of modules as flags that a shell takes as they stand. */
export const useFlags = (paths: readonly string[]): string =>
  paths.map((path) =>
    /^[\w@%+=:./-]+$/.test(path)
      ? `--use ${path}`
      : `--use '${JSON.stringify([path]).replaceAll("'", `'\\''`)}'` // a list, for a comma would split it
  ).join(" ");
