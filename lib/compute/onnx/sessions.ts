import type { MemoryUse, Session } from "./runtime.ts";

/** Limits of the session store. */
export interface SessionLimits {
  /** Number of sessions. */
  count: number;
  /** Total bytes of their arenas. */
  arenaBytes: number;
}

/** Compiled graphs by signature. If the store is full, the least recently used one is dropped. */
export interface Sessions {
  has(signature: string): boolean;
  /** Returns a graph to run now, and marks it as recently used. */
  get(signature: string): Session | undefined;
  /** Compiles and keeps a graph. `compile` receives the memory to use for a graph that needs `bytes`. */
  add(signature: string, bytes: number, compile: (memory: MemoryUse) => Session): Session;
  size(): number;
  /** Total bytes of all arenas. */
  arenaBytes(): number;
}

/** After this many runs of other graphs, an unused arena may be dropped for a graph that needs one now. */
const STALE = 500;

/**
 * Largest arena that is planned. A planned block comes on top of the arena of the first, unplanned run: twice
 * the bytes.
 */
const MOST_PLANNED = 2 ** 28;

interface Kept {
  session: Session;
  /** Approximate bytes of its arena; 0 without one. */
  arena: number;
  /** Number of the run that last used it. */
  used: number;
}

/**
 * Creates a store within these limits. A graph with an arena reuses its memory. A graph without one asks the
 * system for pages at each run, which takes an eighth to a quarter longer but keeps nothing. So graphs get
 * arenas in order of arrival, as long as there is room.
 */
export function sessionStore({ count, arenaBytes }: SessionLimits): Sessions {
  const kept = new Map<string, Kept>(); // in order of use
  let arenas = 0, runs = 0;

  const drop = (signature: string) => {
    const { session, arena } = kept.get(signature)!;
    kept.delete(signature);
    arenas -= arena;
    session.dispose();
  };
  const evictFor = (bytes: number) => {
    for (const [signature, { arena, used }] of kept) {
      if (arenas + bytes <= arenaBytes || runs - used < STALE) return;
      if (arena) drop(signature);
    }
  };

  return {
    has: (signature) => kept.has(signature),
    get(signature) {
      const found = kept.get(signature);
      if (!found) return undefined;
      kept.delete(signature);
      kept.set(signature, found);
      found.used = ++runs;
      return found.session;
    },
    add(signature, bytes, compile) {
      const planned = bytes <= MOST_PLANNED, wanted = planned ? 2 * bytes : bytes;
      evictFor(wanted);
      const arena = arenas + wanted <= arenaBytes ? wanted : 0;
      const session = compile(arena ? (planned ? "planned" : "arena") : "system");
      kept.set(signature, { session, arena, used: ++runs });
      arenas += arena;
      if (kept.size > count) drop(kept.keys().next().value!);
      return session;
    },
    size: () => kept.size,
    arenaBytes: () => arenas,
  };
}
