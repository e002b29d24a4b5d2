/** The only place that knows where added models are kept and which folder a name means. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { badInput } from "../errors.ts";
import { cachedModel, type Snapshot, snapshotIn } from "./hf_cache.ts";
import { hubCache } from "./hf_home.ts";
import { sizeOf } from "../fetch/mod.ts";
import { readManifest } from "./manifest.ts";
import { nearFolder, requireModelFolder } from "./require_folder.ts";

/** The folder of all added models; each has a folder of its own in it. */
export const MODELS = fileURLToPath(new URL("../../outputs/models", import.meta.url));

const NAME = /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/;

/** Whether a string has the form of a model name on the hub: `roberta-base`, `microsoft/wavlm-base`. */
export const isModelName = (name: string): boolean => NAME.test(name);

/** Returns the default folder of a model from the hub. */
export const placeOf = (name: string, models = MODELS): string => join(models, name.replace("/", "__"));

/** Returns a path relative to the working folder, if that is shorter. */
export const shown = (path: string): string => {
  const short = relative("", path);
  return short.length < path.length ? short : path;
};

/** Where a model is. */
export interface ModelPlace {
  folder: string;
  /** What was assumed in the search. */
  notes: string[];
}

/**
 * Returns the place that `<encoder>:<name>` means (encoder: hf or hf-onnx): the path itself if it exists,
 * else the added model of that name, else that model in Hugging Face's cache. A folder of that cache means
 * its snapshot. Throws UndertoneError if a path is no model's folder, or if a model was not added completely.
 */
export async function modelPlace(
  encoder: string,
  name: string,
  { models = MODELS, cache = hubCache() }: { models?: string; cache?: string } = {},
): Promise<ModelPlace> {
  const placed = (snapshot: Snapshot) => ({ folder: snapshot.folder, notes: [snapshot.note] });
  if (existsSync(name) || !isModelName(name)) {
    const snapshot = await snapshotIn(name, encoder);
    if (snapshot) return placed(snapshot);
    await requireModelFolder(name, encoder);
    return { folder: name, notes: [] };
  }
  const folder = placeOf(name, models);
  const command = `deno task models add ${name}${encoder === "hf-onnx" ? " --onnx" : ""}`;
  const manifest = await readManifest(folder);
  if (!manifest) {
    const cached = await cachedModel(name, cache, encoder);
    if (cached) return placed(cached);
    const added = nearFolder(folder), meant = nearFolder(name) ?? (added && shown(added));
    throw badInput({
      expected: "a model's folder, or the name of an added model",
      found: "neither",
      at: name,
      todo: (meant ? `Did you mean ${encoder}:${meant}? If not, run` : "Run") +
        ` '${command}', which fetches it from the hub into ${shown(folder)}. ` +
        `Then name it ${encoder}:${name} or ${encoder}:${shown(folder)}.`,
    });
  }
  for (const { path, size } of manifest.files) {
    if (await sizeOf(join(folder, path)) === size) continue;
    throw badInput({
      expected: "a model that was completely fetched",
      found: `no complete ${path}`,
      at: shown(folder),
      todo: `Run '${command}' again: it resumes where it stopped.`,
    });
  }
  return { folder, notes: [] };
}
