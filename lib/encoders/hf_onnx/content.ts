import { requireNoPointer } from "../../files/mod.ts";

/** Throws UndertoneError if git-lfs has not fetched a file yet. */
export async function requireContent(path: string): Promise<void> {
  using file = await Deno.open(path);
  const start = new Uint8Array(128);
  requireNoPointer(start.subarray(0, await file.read(start) ?? 0), path);
}
