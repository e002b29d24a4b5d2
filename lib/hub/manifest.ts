/** The manifest of an added model, `undertone.json`: the files its folder should hold, and their origin. */
import { join } from "node:path";
import { existsSync } from "node:fs";
import { z } from "zod";
import { readJson, writeJsonAtomic } from "../files/mod.ts";
import { parseWith } from "../schema.ts";

const FILE = "undertone.json";

/** A relative path that can't leave the folder, even in a manifest that was tampered with. */
const inside = z.string().regex(/^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/, "the path of a file in the folder");

const manifest = z.strictObject({
  model: z.string(),
  endpoint: z.string(),
  /** The revision as requested, and the commit that it pointed to then. */
  revision: z.string(),
  commit: z.string(),
  files: z.array(z.strictObject({
    path: inside,
    size: z.int().min(0),
    checksum: z.string().regex(/^(sha256|git):[0-9a-f]+$/, "a checksum"),
  })),
});

export type Manifest = z.infer<typeof manifest>;

/**
 * Returns the manifest in `folder`, or undefined if there is none. Throws UndertoneError if it is damaged.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, FILE);
  return existsSync(path) ? parseWith(manifest, await readJson(path), path) : undefined;
}

export const writeManifest = (folder: string, value: Manifest): Promise<void> =>
  writeJsonAtomic(join(folder, FILE), value);
