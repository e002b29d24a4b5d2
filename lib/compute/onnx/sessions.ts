import type { MemoryUse, Session } from "./runtime.ts";

/** Bounds on what is kept of compiled graphs. */
export interface SessionLimits {
  /** How many. */
  count: number;
  /** Bytes of their arenas in all. */
  arenaBytes: number;
}

/** Compiled graphs by signature; the least recently used ones make room. */
export interface Sessions {
  has(signature: string): boolean;
  /** The graph, to be run now. */
  get(signature: string): Session | undefined;
  /** Keeps what `compile` makes; it is told what memory there is for a graph that needs so many bytes. */
  add(signature: string, bytes: number, compile: (memory: MemoryUse) => Session): Session;
  size(): number;
  /** Bytes of all arenas. */
  arenaBytes(): number;
}

/** An arena whose graph has not run for so many runs of others may go for one that is needed now. */
const STALE = 500;

/** A plan lays all values out in one block, beside the arena of the first run, which had none: twice the bytes. */
const MOST_PLANNED = 2 ** 28;

interface Kept {
  session: Session;
  /** Bytes of its arena, about; 0 without one. */
  arena: number;
  /** Number of the run in which it was last used. */
  used: number;
}

/**
 * A store within limits. A graph with an arena finds its memory where it left it; without one it asks the system for pages
 * at each run, which takes an eighth to a quarter longer and keeps nothing. So those that come first have one, as long as
 * there is room.
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
