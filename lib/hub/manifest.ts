/** `undertone.json`: what a folder of an added model should hold, and from where it is. */
import { join } from "node:path";
import { existsSync } from "node:fs";
import { z } from "zod";
import { readJson, writeJsonAtomic } from "../files/mod.ts";
import { parseWith } from "../schema.ts";

const FILE = "undertone.json";

/** Inside the folder, whoever wrote the manifest. */
const inside = z.string().regex(/^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/, "the path of a file in the folder");

const manifest = z.strictObject({
  model: z.string(),
  endpoint: z.string(),
  /** As it was asked for, and the commit that it was then. */
  revision: z.string(),
  commit: z.string(),
  files: z.array(z.strictObject({
    path: inside,
    size: z.int().min(0),
    checksum: z.string().regex(/^(sha256|git):[0-9a-f]+$/, "a checksum"),
  })),
});

export type Manifest = z.infer<typeof manifest>;

/** The manifest in `folder`; undefined where there is none. Throws UndertoneError where it is damaged. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, FILE);
  return existsSync(path) ? parseWith(manifest, await readJson(path), path) : undefined;
}

export const writeManifest = (folder: string, value: Manifest): Promise<void> =>
  writeJsonAtomic(join(folder, FILE), value);

/** Size in bytes of what is at a path; undefined where nothing is. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
