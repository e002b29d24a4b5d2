/** Reads the JSON files of a Hugging Face folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../files/mod.ts";
import type { EncoderFiles } from "../encoder.ts";

export interface FileNames {
  required: readonly string[];
  optional: readonly string[];
}

/**
 * Reads and parses these files of `folder`; optional files that do not exist are absent. Throws
 * UndertoneError.
 */
export async function readFiles(
  folder: string,
  { required, optional }: FileNames,
): Promise<EncoderFiles> {
  const there = optional.filter((name) => existsSync(join(folder, name)));
  const files: EncoderFiles = {};
  for (const name of [...required, ...there]) files[name] = await readJson(join(folder, name));
  return files;
}

/**
 * Reads `config.json` of the model in `base` and the named files. If `folder` is an adapter's and has these
 * files, they are read from there (`isOwn`), else from `base`; `notes` says if the two differ. Throws
 * UndertoneError.
 */
export async function readFilesFor(
  folder: string,
  base: string,
  names: FileNames,
): Promise<{ files: EncoderFiles; isOwn: boolean; notes: string[] }> {
  const has = (place: string) => {
    const [required, optional] = [names.required, names.optional]
      .map((list) => list.filter((name) => existsSync(join(place, name))));
    return required.length === names.required.length && required.length + optional.length > 0;
  };
  const config = await readFiles(base, { required: ["config.json"], optional: [] });
  const isOwn = folder !== base && has(folder), notes: string[] = [];
  const files = await readFiles(isOwn ? folder : base, names);
  if (isOwn && has(base) && JSON.stringify(await readFiles(base, names)) !== JSON.stringify(files)) {
    notes.push(
      `${
        Object.keys(files).join(" and ")
      } beside the adapter differ from its model's: the adapter's were read.`,
    );
  }
  return { files: { ...config, ...files }, isOwn, notes };
}
