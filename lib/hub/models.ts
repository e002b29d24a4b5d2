/** Lists the added models and checks that their files are complete. */
import { join } from "node:path";
import { existsSync } from "node:fs";
import { z } from "zod";
import { readJson } from "../files/mod.ts";
import { checksumOf, sizeOf } from "../fetch/mod.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { MODELS } from "./place.ts";

/** A model in a folder. */
export interface AddedModel {
  folder: string;
  manifest: Manifest;
  /** `model_type` of its config.json, `undertone` for a run; absent if that can't be read. */
  architecture?: string;
  /** Size of all its files in bytes, by the manifest. */
  size: number;
  /** Files of the manifest that do not exist. */
  missing: string[];
  /** Files whose size or checksum differs from the manifest. */
  damaged: string[];
}

/** Configurations of transformers' models, and of this project's runs. */
const configuration = z.union([
  z.object({ model_type: z.string() }),
  z.object({ method: z.string() }).transform(() => ({ model_type: "undertone" })),
]);

/**
 * Returns the models in the folder `models`, checked by file size only. Skips folders without a manifest.
 * Throws UndertoneError.
 */
export async function addedModels(models = MODELS): Promise<AddedModel[]> {
  if (!existsSync(models)) return [];
  const names = (await Array.fromAsync(Deno.readDir(models))).map(({ name }) => name).sort();
  const found: AddedModel[] = [];
  for (const name of names) {
    const model = await lookAt(join(models, name));
    if (model) found.push(model);
  }
  return found;
}

/**
 * Returns the model in `folder`, checked by file size only, or undefined if none was added there. Throws
 * UndertoneError for a damaged manifest.
 */
export async function lookAt(folder: string): Promise<AddedModel | undefined> {
  const manifest = await readManifest(folder);
  if (!manifest) return;
  const sizes = new Map<string, number | undefined>();
  for (const { path } of manifest.files) sizes.set(path, await sizeOf(join(folder, path)));
  return {
    folder,
    manifest,
    architecture: await architectureOf(folder),
    size: manifest.files.reduce((sum, { size }) => sum + size, 0),
    missing: manifest.files.filter(({ path }) => sizes.get(path) === undefined).map(({ path }) => path),
    damaged: manifest.files.filter(({ path, size }) => (sizes.get(path) ?? size) !== size).map(({ path }) =>
      path
    ),
  };
}

/** Returns the `model_type` of a model in a folder, `undertone` for a run; undefined if it can't be read. */
export async function architectureOf(folder: string): Promise<string | undefined> {
  const config = await readJson(join(folder, "config.json")).catch(() => undefined);
  return configuration.safeParse(config).data?.model_type;
}

/** Checks a model by checksum: reads every byte and returns the model with its damaged files. */
export async function checkModel(
  model: AddedModel,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?(have: number): void } = {},
): Promise<AddedModel> {
  const damaged = [...model.damaged];
  let have = 0;
  for (const { path, checksum } of model.manifest.files) {
    if (model.missing.includes(path) || model.damaged.includes(path)) continue;
    const onRead = (count: number) => onBytes?.(have += count);
    if (await checksumOf(join(model.folder, path), checksum, { signal, onBytes: onRead }) !== checksum) {
      damaged.push(path);
    }
  }
  return { ...model, damaged };
}
