import type { Session } from "./runtime.ts";

/** A compiled graph and the memory that its intermediates take, in bytes. */
export interface Compiled {
  session: Session;
  bytes: number;
}

/** Compiled graphs by signature, the least recently used ones dropped beyond a count and a sum of bytes. */
export interface Sessions {
  get(signature: string): Session | undefined;
  set(signature: string, compiled: Compiled): void;
  size(): number;
  bytes(): number;
  clear(): void;
}

/** An empty store; the newest session stays even if it is larger than the bound by itself. */
export function sessionStore(limits: { count: number; bytes: number }): Sessions {
  const sessions = new Map<string, Compiled>(); // in order of use
  let bytes = 0;
  const drop = (signature: string, compiled: Compiled) => {
    sessions.delete(signature);
    bytes -= compiled.bytes;
    compiled.session.dispose();
  };
  return {
    get(signature) {
      const compiled = sessions.get(signature);
      if (!compiled) return undefined;
      sessions.delete(signature);
      sessions.set(signature, compiled);
      return compiled.session;
    },
    set(signature, compiled) {
      sessions.set(signature, compiled);
      bytes += compiled.bytes;
      for (const [oldest, old] of sessions) {
        if (oldest === signature || sessions.size <= limits.count && bytes <= limits.bytes) break;
        drop(oldest, old);
      }
    },
    size: () => sessions.size,
    bytes: () => bytes,
    clear: () => sessions.forEach((compiled, signature) => drop(signature, compiled)),
  };
}
