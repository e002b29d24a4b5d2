/** Where added models lie, and which folder a name means: the only place that knows. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { badInput } from "../errors.ts";
import { readManifest, sizeOf } from "./manifest.ts";

/** Holds a folder per model. */
export const MODELS = fileURLToPath(new URL("../../outputs/models", import.meta.url));

const NAME = /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/;

/** Whether a word may be the name of a model on the hub: `roberta-base`, `microsoft/wavlm-base`. */
export const isModelName = (name: string): boolean => NAME.test(name);

/** The folder that a model of the hub is put in unless told otherwise. */
export const placeOf = (name: string, models = MODELS): string => join(models, name.replace("/", "__"));

/** A path as it is shortest from here. */
export const shown = (path: string): string => {
  const short = relative("", path);
  return short.length < path.length ? short : path;
};

/**
 * The folder that `<encoder>:<name>` means (encoder: hf or hf-onnx): one of that path, or else that of an added model of
 * that name. Throws UndertoneError where a name of the hub has not been added, or not wholly.
 */
export async function modelFolder(encoder: string, name: string, models = MODELS): Promise<string> {
  if (existsSync(name) || !isModelName(name)) return name;
  const folder = placeOf(name, models);
  const command = `deno task models add ${name}${encoder === "hf-onnx" ? " --onnx" : ""}`;
  const manifest = await readManifest(folder);
  if (!manifest) {
    throw badInput({
      expected: "the folder of a model or the name of an added one",
      found: "neither",
      at: name,
      todo: `Run '${command}', which fetches it from the hub into ${shown(folder)}: ` +
        `then ${encoder}:${name}, or ${encoder}:${shown(folder)}, is it.`,
    });
  }
  for (const { path, size } of manifest.files) {
    if (await sizeOf(join(folder, path)) === size) continue;
    throw badInput({
      expected: "a model that was wholly fetched",
      found: `no whole ${path}`,
      at: shown(folder),
      todo: `Run '${command}' again: it goes on from there.`,
    });
  }
  return folder;
}
