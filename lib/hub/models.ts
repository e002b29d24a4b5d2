/** The models that were added: which there are, and whether they are whole. */
import { join } from "node:path";
import { existsSync } from "node:fs";
import { z } from "zod";
import { readJson } from "../files/mod.ts";
import { checksumOf } from "./checksum.ts";
import { type Manifest, readManifest, sizeOf } from "./manifest.ts";
import { MODELS } from "./place.ts";

/** A model in a folder. */
export interface AddedModel {
  folder: string;
  manifest: Manifest;
  /** `model_type` of its configuration, where that is there. */
  architecture?: string;
  /** Bytes of all its files when whole. */
  size: number;
  /** Files that are not there, and those that are not as they should be. */
  missing: string[];
  damaged: string[];
}

const configuration = z.object({ model_type: z.string() });

/** The models in `models`, by size alone; folders that hold none are passed over. Throws UndertoneError. */
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

/** The model in `folder`, by size alone; undefined where none was added. Throws UndertoneError for a damaged manifest. */
export async function lookAt(folder: string): Promise<AddedModel | undefined> {
  const manifest = await readManifest(folder);
  if (!manifest) return;
  const sizes = new Map<string, number | undefined>();
  for (const { path } of manifest.files) sizes.set(path, await sizeOf(join(folder, path)));
  const config = configuration.safeParse(await readJson(join(folder, "config.json")).catch(() => undefined));
  return {
    folder,
    manifest,
    architecture: config.data?.model_type,
    size: manifest.files.reduce((sum, { size }) => sum + size, 0),
    missing: manifest.files.filter(({ path }) => sizes.get(path) === undefined).map(({ path }) => path),
    damaged: manifest.files.filter(({ path, size }) => (sizes.get(path) ?? size) !== size).map(({ path }) =>
      path
    ),
  };
}

/** The same by checksum: every byte is read. */
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
