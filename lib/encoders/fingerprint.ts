import { createHash } from "node:crypto";

/** Returns the first 16 hex digits of the SHA-256 over all parts. It identifies an encoder or an input. */
export function fingerprint(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 16);
}
