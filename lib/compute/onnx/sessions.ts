import type { MemoryUse, Session } from "./runtime.ts";

/** Limits of the session store. */
export interface SessionLimits {
  /** Number of sessions. */
  count: number;
  /** Total bytes of their arenas. */
  arenaBytes: number;
}

/** Bytes that a graph needs. */
export interface Needs {
  /** Intermediate values that live at once. */
  values: number;
  /** Inputs: parameters and the batch. */
  inputs: number;
}

/** Compiled graphs by signature. If the store is full, the least recently used one is dropped. */
export interface Sessions {
  has(signature: string): boolean;
  /** Returns a graph to run now, and marks it as recently used. */
  get(signature: string): Session | undefined;
  /** Compiles and keeps a graph. `compile` receives the memory to use for a graph with these needs. */
  add(signature: string, needs: Needs, compile: (memory: MemoryUse) => Session): Session;
  /** Counts an arena as grown to these values, and returns true; false if there is no room for it. */
  grow(signature: string, values: number): boolean;
  /** Ends a graph, if it is kept. */
  drop(signature: string): void;
  size(): number;
  /** Total bytes of all arenas. */
  arenaBytes(): number;
}

/** After this many runs of other graphs, an unused arena may be dropped for a graph that needs one now. */
const STALE = 500;

/**
 * Least inputs of a planned graph, as a multiple of its values. The planned block comes on top of the arena
 * of the first, unplanned run. It saves BERT base a twentieth of its time for a twentieth more memory. Where
 * values take more than parameters, as in attention over cached states, it saves no time and doubles the
 * memory.
 */
const LEAST_INPUTS = 2;

/** Whether a graph with these needs is planned, if there is room. */
export const isPlanned = ({ values, inputs }: Needs): boolean => inputs >= LEAST_INPUTS * values;

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
    const found = kept.get(signature);
    if (!found) return;
    const { session, arena } = found;
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
    drop,
    grow(signature, values) {
      const found = kept.get(signature)!, more = Math.max(0, values - found.arena);
      if (!found.arena) return true; // it has none
      if (arenas + more > arenaBytes) return false;
      found.arena += more;
      arenas += more;
      return true;
    },
    add(signature, needs, compile) {
      const planned = isPlanned(needs), wanted = planned ? 2 * needs.values : needs.values;
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
