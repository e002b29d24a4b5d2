/** Checksums as the hub gives them, of files of any size. */
import { createHash } from "node:crypto";

/**
 * `sha256:…` of a file's bytes, or `git:…`, the SHA-1 by which git names it as a blob: of whichever kind `like` is.
 * `onBytes` hears how many bytes were read.
 */
export async function checksumOf(
  path: string,
  like: string,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?(count: number): void } = {},
): Promise<string> {
  using file = await Deno.open(path);
  const [kind] = like.split(":");
  const hash = createHash(kind === "git" ? "sha1" : "sha256");
  if (kind === "git") hash.update(`blob ${(await file.stat()).size}\0`);
  const buffer = new Uint8Array(2 ** 20);
  for (let count; (count = await file.read(buffer)) !== null;) {
    signal?.throwIfAborted();
    hash.update(buffer.subarray(0, count));
    onBytes?.(count);
  }
  return `${kind}:${hash.digest("hex")}`;
}
