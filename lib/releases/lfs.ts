/** Fetches the files that a git repository holds as git-lfs pointers, several at a time. */
import { join } from "node:path";
import { checksumOf, fetchMirrored, type Http, sizeOf } from "../fetch/mod.ts";
import type { LfsPointer } from "../files/mod.ts";

export interface LfsOptions {
  http?: Http;
  signal?: AbortSignal;
  onFault?(url: string, why: string, next: string): void;
  /** Called with the bytes of all files that are there. */
  onBytes?(have: number, total: number, path: string): void;
}

/** Files that are fetched at the same time. */
const AT_ONCE = 8;

/**
 * Fetches the files behind pointers, by path, from the first of the bases (URLs to which the path is added)
 * that has them. Files that are there with the right checksum are left alone. A base that fails is asked
 * last from then on. Throws UndertoneError.
 */
export async function fetchPointers(
  pointers: ReadonlyMap<string, LfsPointer>,
  bases: readonly string[],
  folder: string,
  { http, signal, onFault, onBytes }: LfsOptions = {},
): Promise<void> {
  const total = pointers.values().reduce((sum, { size }) => sum + size, 0), queue = pointers.entries();
  let order = [...bases], have = 0, failed = false;
  const work = async () => {
    for (const [path, { size, checksum }] of queue) {
      signal?.throwIfAborted();
      const to = join(folder, path);
      if (await sizeOf(to) !== size || await checksumOf(to, checksum) !== checksum) {
        const address = path.split("/").map(encodeURIComponent).join("/");
        await fetchMirrored(order.map((base) => ({ url: base + address, size, checksum })), to, {
          http,
          signal,
          onFault(url, why, next) {
            const base = order.find((base) => url === base + address)!;
            if (order[0] === base) onFault?.(url, why, next); // told once, not for each file
            order = [...order.filter((other) => other !== base), base];
          },
        });
      }
      onBytes?.(have += size, total, path);
      if (failed) return; // what others had begun is finished, and no more is begun
    }
  };
  const workers = Array.from({ length: AT_ONCE }, () =>
    work().catch((error) => {
      failed = true;
      throw error;
    }));
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
