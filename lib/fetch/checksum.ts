/** Checksums of files of any size. */
import { createHash } from "node:crypto";

/**
 * Returns a file's checksum, of the same kind as `like`: `sha256:…` or `md5:…` of its bytes, or `git:…`, the
 * SHA-1 of its git blob. `onBytes` is called with the number of bytes read each time.
 */
export async function checksumOf(
  path: string,
  like: string,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?(count: number): void } = {},
): Promise<string> {
  using file = await Deno.open(path);
  const [kind] = like.split(":");
  const hash = createHash(kind === "git" ? "sha1" : kind);
  if (kind === "git") hash.update(`blob ${(await file.stat()).size}\0`);
  const buffer = new Uint8Array(2 ** 20);
  for (let count; (count = await file.read(buffer)) !== null;) {
    signal?.throwIfAborted();
    hash.update(buffer.subarray(0, count));
    onBytes?.(count);
  }
  return `${kind}:${hash.digest("hex")}`;
}
