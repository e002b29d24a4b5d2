/** Finds models in Hugging Face's own cache, where its Python libraries keep what they fetched. */
import { existsSync, lstatSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { badInput, UndertoneError } from "../errors.ts";
import { choose, SMALL } from "./choose.ts";
import { hubCache } from "./hf_home.ts";

/** A snapshot of a model in the cache. */
export interface Snapshot {
  folder: string;
  /** What was assumed. */
  note: string;
}

/** Whether a folder is a model's folder in the cache: it holds snapshots and no model of its own. */
const isCached = (folder: string): boolean =>
  existsSync(join(folder, "snapshots")) && !existsSync(join(folder, "config.json"));

/** Whether there is an entry of this name, even a link that leads nowhere. */
const hasEntry = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Returns the commits of a cached model that have a configuration, and the commit that `refs/main` names. */
async function commitsIn(folder: string): Promise<{ commits: string[]; main?: string }> {
  const names = (await Array.fromAsync(Deno.readDir(join(folder, "snapshots")))).map(({ name }) => name);
  const main = await Deno.readTextFile(join(folder, "refs", "main")).then((text) => text.trim(), () => "");
  const isName = main !== "" && basename(main) === main;
  return {
    commits: names.filter((name) => hasEntry(join(folder, "snapshots", name, "config.json"))).sort(),
    ...isName && { main },
  };
}

/**
 * Returns the snapshot in the cache's folder of a model (`models--owner--name`): the one that `refs/main`
 * names, or the only one; undefined if the folder is no such folder or has none. `encoder` says which files
 * it must have: weights (hf), or an ONNX export (hf-onnx). Throws UndertoneError if there are several and
 * none is named, or if files of it are gone.
 */
export async function snapshotIn(folder: string, encoder = "hf"): Promise<Snapshot | undefined> {
  if (!isCached(folder)) return;
  const { commits, main } = await commitsIn(folder), isNamed = main !== undefined && commits.includes(main);
  const whole = isNamed ? [main] : commits;
  if (whole.length > 1) {
    throw badInput({
      expected: "a cached model whose refs/main names one of its snapshots",
      found: `${whole.length} snapshots: ${whole.slice(0, 3).join(", ")}`,
      at: folder,
      todo: `Name one of them: ${join(folder, "snapshots", whole[0])}.`,
    });
  }
  if (!whole.length) return;
  const snapshot = join(folder, "snapshots", whole[0]);
  const gone = await requireFiles(snapshot, nameOf(folder), encoder);
  await requireLinks(join(snapshot, "config.json"));
  const why = isNamed ? "which refs/main names" : "the only one, as refs/main names none";
  const note = `The model is read from Hugging Face's cache: ${snapshot}, ${why}.`;
  const lost = gone.length ? ` Other files of it are gone: ${gone.join(", ")}.` : "";
  return { folder: snapshot, note: note + lost };
}

/** Returns the model's name that a folder of the cache stands for. */
const nameOf = (folder: string): string => basename(folder).replace(/^models--/, "").replaceAll("--", "/");

/** Returns the files of a snapshot with their sizes; undefined for links that lead nowhere. */
export async function filesIn(snapshot: string): Promise<{ path: string; size?: number }[]> {
  const files: { path: string; size?: number }[] = [];
  for (const path of (await readdir(snapshot, { recursive: true })).sort()) {
    const found = statSync(join(snapshot, path), { throwIfNoEntry: false });
    if (!found?.isDirectory()) files.push({ path: path.replaceAll("\\", "/"), size: found?.size });
  }
  return files;
}

/** Returns the files of a snapshot that are gone. Throws UndertoneError if an encoder needs one of them. */
async function requireFiles(snapshot: string, name: string, encoder: string): Promise<string[]> {
  const files = await filesIn(snapshot), gone = files.filter(({ size }) => size === undefined);
  if (gone.length === 0) return [];
  const needed = neededOf(name, files, encoder), lost = gone.map(({ path }) => path);
  const missing = lost.filter((path) => needed.has(path));
  if (missing.length === 0) return lost;
  throw badInput({
    expected: "a whole snapshot of the model",
    found: `links to files that are gone: ${missing.join(", ")}`,
    at: snapshot,
    todo:
      `Fetch it again with 'deno task models add ${name}${
        encoder === "hf-onnx" ? " --onnx" : ""
      }', or with ` +
      `'hf download ${name}'.`,
  });
}

/**
 * Returns the files that an encoder reads; of an export, whose precision is not known here, the small
 * ones.
 */
function neededOf(name: string, files: readonly { path: string }[], encoder: string): ReadonlySet<string> {
  const listing = files.map(({ path }) => ({ path, size: 0, checksum: "" }));
  const small = listing.map(({ path }) => path).filter((path) => SMALL.includes(path));
  if (encoder !== "hf") return new Set(small);
  try {
    return new Set(choose(name, listing).map(({ path }) => path));
  } catch (error) {
    if (error instanceof UndertoneError) return new Set(small); // its encoder says better what it lacks
    throw error;
  }
}

/** Throws UndertoneError if a copy of the cache holds the paths of its links as text. */
async function requireLinks(path: string): Promise<void> {
  using file = await Deno.open(path);
  const start = new Uint8Array(64), length = await file.read(start) ?? 0;
  if (!new TextDecoder().decode(start.subarray(0, length)).startsWith("../../blobs/")) return;
  throw badInput({
    expected: "a link to the cache's file",
    found: "the link's path as text",
    at: path,
    todo: "Copy the cache again with its links, or with the files that they point to (cp -rL).",
  });
}

/** Returns the snapshot of the model `name` in the cache, or undefined. Throws UndertoneError. */
export const cachedModel = async (
  name: string,
  cache = hubCache(),
  encoder = "hf",
): Promise<Snapshot | undefined> =>
  cache ? await snapshotIn(join(cache, `models--${name.replaceAll("/", "--")}`), encoder) : undefined;

/** A snapshot in the cache, for lists. */
export interface CachedModel {
  /** Name of the model. */
  model: string;
  commit: string;
  /** Whether the model's name means this snapshot: `refs/main` names it, or it is the only one. */
  isMain: boolean;
  folder: string;
  /** Size in bytes of the files that are there. */
  size: number;
  /** Links that lead nowhere. */
  missing: string[];
}

/** Returns the snapshots of all models in the cache that have a configuration, by name. */
export async function cachedModels(cache = hubCache()): Promise<CachedModel[]> {
  if (!cache || !existsSync(cache)) return [];
  const names = (await Array.fromAsync(Deno.readDir(cache))).map(({ name }) => name).sort();
  const found: CachedModel[] = [];
  for (const folder of names.filter((name) => name.startsWith("models--")).map((name) => join(cache, name))) {
    if (!isCached(folder)) continue;
    const { commits, main } = await commitsIn(folder);
    for (const commit of commits) {
      const snapshot = join(folder, "snapshots", commit), files = await filesIn(snapshot);
      found.push({
        model: nameOf(folder),
        commit,
        isMain: commits.length === 1 || commit === main,
        folder: snapshot,
        size: files.reduce((sum, { size = 0 }) => sum + size, 0),
        missing: files.filter(({ size }) => size === undefined).map(({ path }) => path),
      });
    }
  }
  return found;
}
