/** Finds models in Hugging Face's own cache, where its Python libraries keep what they fetched. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { badInput } from "../errors.ts";

/** A snapshot of a model in the cache. */
export interface Snapshot {
  folder: string;
  /** What was assumed. */
  note: string;
}

/** Returns a variable of the environment, or undefined if it is not set or may not be read. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

const home = () => variable("HOME") ?? variable("USERPROFILE");

/** Returns a path with the home folder in place of `~`. */
const whole = (path: string): string => path.replace(/^~(?=[\\/]|$)/, (tilde) => home() ?? tilde);

/** Returns the folder of Hugging Face's libraries as they find it; undefined without a home folder. */
function huggingFaceHome(): string | undefined {
  const of = variable("HF_HOME");
  if (of) return whole(of);
  const own = home(), caches = variable("XDG_CACHE_HOME") ?? (own && join(own, ".cache"));
  return caches && join(whole(caches), "huggingface");
}

/** Returns the folder of the cache as Hugging Face's libraries find it; undefined without a home folder. */
export function hubCache(): string | undefined {
  const said = variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE");
  if (said) return whole(said);
  const home = huggingFaceHome();
  return home && join(home, "hub");
}

/** Returns the file in which Hugging Face's libraries keep the token of `hf auth login`. */
export function tokenFile(): string | undefined {
  const said = variable("HF_TOKEN_PATH"), home = huggingFaceHome();
  return said ? whole(said) : home && join(home, "token");
}

/** Whether a folder is a model's folder in the cache: it holds snapshots and no model of its own. */
const isCached = (folder: string): boolean =>
  existsSync(join(folder, "snapshots")) && !existsSync(join(folder, "config.json"));

/**
 * Returns the snapshot in the cache's folder of a model (`models--owner--name`): the one that `refs/main`
 * names, or the only one; undefined if the folder is no such folder or has none. Throws UndertoneError if
 * there are several and none is named.
 */
export async function snapshotIn(folder: string): Promise<Snapshot | undefined> {
  if (!isCached(folder)) return;
  const has = (commit: string) => existsSync(join(folder, "snapshots", commit, "config.json"));
  const main = await Deno.readTextFile(join(folder, "refs", "main")).then((text) => text.trim(), () => "");
  const commits = (await Array.fromAsync(Deno.readDir(join(folder, "snapshots")))).map(({ name }) => name);
  const isNamed = main !== "" && basename(main) === main && has(main);
  const whole = isNamed ? [main] : commits.filter(has).sort();
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
  await requireLinks(join(snapshot, "config.json"));
  const why = isNamed ? "which refs/main names" : "the only one, as refs/main names none";
  return { folder: snapshot, note: `The model is read from Hugging Face's cache: ${snapshot}, ${why}.` };
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
export const cachedModel = async (name: string, cache = hubCache()): Promise<Snapshot | undefined> =>
  cache ? await snapshotIn(join(cache, `models--${name.replaceAll("/", "--")}`)) : undefined;
