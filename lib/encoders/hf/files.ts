/** Reads the JSON files of a Hugging Face folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../files/mod.ts";
import type { EncoderFiles } from "../encoder.ts";

export interface FileNames {
  required: readonly string[];
  optional: readonly string[];
  /** Required files that can be made from others, by name. */
  made?: Readonly<Record<string, Made>>;
}

/** A file that can be made from other files of a folder. */
export interface Made {
  isPossible(folder: string): boolean;
  /** Makes it; `base` is the folder of the model's config.json. Adds to `notes` what was assumed. */
  make(folder: string, base: string, notes: string[]): Promise<unknown>;
}

const canMake = (folder: string, name: string, { made }: FileNames): boolean =>
  !existsSync(join(folder, name)) && (made?.[name]?.isPossible(folder) ?? false);

/**
 * Reads and parses these files of `folder`, or makes them; optional files that do not exist are absent. Adds
 * to `notes` what was assumed. Throws UndertoneError.
 */
export async function readFiles(
  folder: string,
  names: FileNames,
  { base = folder, notes = [] }: { base?: string; notes?: string[] } = {},
): Promise<EncoderFiles> {
  const there = names.optional.filter((name) => existsSync(join(folder, name)));
  const files: EncoderFiles = {};
  for (const name of [...names.required, ...there]) {
    files[name] = canMake(folder, name, names)
      ? await names.made![name].make(folder, base, notes)
      : await readJson(join(folder, name));
  }
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
      .map((list) => list.filter((name) => existsSync(join(place, name)) || canMake(place, name, names)));
    return required.length === names.required.length && required.length + optional.length > 0;
  };
  const config = await readFiles(base, { required: ["config.json"], optional: [] });
  const isOwn = folder !== base && has(folder), notes: string[] = [];
  const files = await readFiles(isOwn ? folder : base, names, { base, notes });
  if (isOwn && has(base) && JSON.stringify(await readFiles(base, names)) !== JSON.stringify(files)) {
    notes.push(
      `${
        Object.keys(files).join(" and ")
      } beside the adapter differ from its model's: the adapter's were read.`,
    );
  }
  return { files: { ...config, ...files }, isOwn, notes };
}
