import type { Session } from "./runtime.ts";

/** Compiled graphs by signature; beyond `limit` the least recently used one is dropped. */
export interface Sessions {
  get(signature: string): Session | undefined;
  set(signature: string, session: Session): void;
  size(): number;
}

export function sessionStore(limit: number): Sessions {
  const sessions = new Map<string, Session>(); // in order of use
  return {
    get(signature) {
      const session = sessions.get(signature);
      if (session) {
        sessions.delete(signature);
        sessions.set(signature, session);
      }
      return session;
    },
    set(signature, session) {
      sessions.set(signature, session);
      if (sessions.size <= limit) return;
      const [[oldest, unused]] = sessions;
      sessions.delete(oldest);
      unused.dispose();
    },
    size: () => sessions.size,
  };
}
