/** The record of a fetched release, `undertone-data.json`: its files and where they are from. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../errors.ts";
import { sizeOf } from "../fetch/mod.ts";
import { readJson, writeJsonAtomic } from "../files/mod.ts";
import { parseWith } from "../schema.ts";

const FILE = "undertone-data.json";

const record = z.strictObject({
  release: z.string(),
  /** Archives with the URL that each came from, and the checksum that was verified. */
  archives: z.array(z.strictObject({ name: z.string(), url: z.string(), checksum: z.string().nullable() })),
  /** Every file with its size in bytes. Absent until the release is complete. */
  files: z.record(z.string(), z.int().min(0)).optional(),
  /** Clips whose sound could not be read, with the reason. */
  faults: z.record(z.string(), z.string()).default({}),
});

export type ReleaseRecord = z.infer<typeof record>;

/** Returns the record in a folder, or undefined. Throws UndertoneError if it is damaged. */
export async function readRecord(folder: string): Promise<ReleaseRecord | undefined> {
  const path = join(folder, FILE);
  return existsSync(path) ? parseWith(record, await readJson(path), path) : undefined;
}

export const writeRecord = (folder: string, value: ReleaseRecord): Promise<void> =>
  writeJsonAtomic(join(folder, FILE), value);

/** Returns whether the record's files are all there, in their sizes. */
export async function isComplete(folder: string, { files }: ReleaseRecord): Promise<boolean> {
  if (files === undefined) return false;
  for (const [path, size] of Object.entries(files)) {
    if (await sizeOf(join(folder, path)) !== size) return false;
  }
  return true;
}

/** Throws UndertoneError if a folder holds something else than the release. */
export async function requireFolderFor(id: string, folder: string, before?: ReleaseRecord): Promise<void> {
  const isEmpty = !existsSync(folder) || (await Array.fromAsync(Deno.readDir(folder))).length === 0;
  const found = before
    ? before.release === id ? "" : `the release '${before.release}'`
    : isEmpty
    ? ""
    : "other files";
  if (found === "") return;
  throw badInput({
    expected: `a folder that is empty, new, or holds what was fetched of '${id}'`,
    found,
    at: folder,
    todo: "Name another folder with --to.",
  });
}
