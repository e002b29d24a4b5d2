/**
 * Modules of the user's own (`--use my_head.ts`): they register methods, encoders, data sources, metrics or losses when
 * they are imported. A run keeps their names, hashes and a copy. Code that a run names is never imported by itself.
 */
import { createHash } from "node:crypto";
import { dirname, extname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { badInput, UndertoneError } from "../errors.ts";
import { writeFileAtomic } from "../files/mod.ts";
import { inLibrary, LIBRARY } from "../library.ts";
import { registrations } from "../registry.ts";

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
}

const imported = new Map<string, UserModule>();

/**
 * Imports modules, each once, and says what they are made of. Throws UndertoneError for a path that leads to no module,
 * one that does not load, and one that registers nothing.
 */
export async function useModules(paths: readonly string[]): Promise<UserModule[]> {
  const modules: UserModule[] = [];
  for (const path of paths) {
    const absolute = resolve(path);
    const known = imported.get(absolute);
    if (!known) imported.set(absolute, await load(path, absolute));
    modules.push({ ...imported.get(absolute)!, path });
  }
  return modules;
}

async function load(path: string, absolute: string): Promise<UserModule> {
  const files = await filesOf(absolute, path);
  const before = registrations();
  try {
    await import(pathToFileURL(absolute).href);
  } catch (error) {
    if (error instanceof UndertoneError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw badInput({
      expected: "a module that can be imported",
      found: `one that throws '${found}'`,
      at: path,
      todo: "Mend the module.",
    }, error);
  }
  if (registrations() === before) {
    throw badInput({
      expected: "a module that registers something when it is imported",
      found: "one that registers nothing",
      at: path,
      todo: `Call registerFusionMethod or another register function of '${LIBRARY}' at its top level.`,
    });
  }
  return { path, sha256: hashOf(files, absolute), files };
}

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
        todo: "Check the path.",
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
