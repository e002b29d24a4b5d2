/** The JSON files of a Hugging Face folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../files/json.ts";
import type { EncoderFiles } from "../encoder.ts";

export interface FileNames {
  required: readonly string[];
  optional: readonly string[];
}

/** These files of `folder`, parsed; optional ones that are not there are absent. Throws UndertoneError. */
export async function readFiles(
  folder: string,
  { required, optional }: FileNames,
): Promise<EncoderFiles> {
  const there = optional.filter((name) => existsSync(join(folder, name)));
  const files: EncoderFiles = {};
  for (const name of [...required, ...there]) files[name] = await readJson(join(folder, name));
  return files;
}
