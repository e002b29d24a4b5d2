/** Fingerprints of the user's modules that a run keeps copies of. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { MODULES } from "../run_folder.ts";

/** Returns the SHA-256 of each copied module by its path, shortened as git shortens it. */
export function codeIn(path: string): Record<string, string> {
  const folder = join(path, MODULES);
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true }).map(String).toSorted();
  return Object.fromEntries(
    files.filter((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.isFile()).map((file) => [
      `code of ${file}`,
      createHash("sha256").update(readFileSync(join(folder, file))).digest("hex").slice(0, 12),
    ]),
  );
}
