/** Named things of one kind: the built-in ones, and those that a user's module or notebook adds. */
import { badInput, nearest } from "./errors.ts";

export interface Registry<T extends { id: string }> {
  /** Adds an entry. Throws UndertoneError if its id or an alias of that name is taken; see `RegisterOptions`. */
  add(entry: T, options?: RegisterOptions): void;
  /** The entry of this id or alias. Throws UndertoneError with the nearest name; `at` is where it was given. */
  get(name: string, at: string): T;
  /** Whether there is such an entry. */
  has(name: string): boolean;
  /** All entries, in the order in which they were added; those that come later, too. */
  readonly entries: readonly T[];
  /** All entries as they are now. */
  all(): T[];
}

/** How something is registered. */
export interface RegisterOptions {
  /** Take the place of an entry that was added before, e.g. when a notebook cell runs again. Default false. */
  replace?: boolean;
}

/** An entry that is not built in: what it is, with its article, and its id. */
export interface Registration {
  what: string;
  id: string;
}

const log: Registration[] = [];

/** All that was added to any registry so far, the built-in entries apart. */
export const registrations = (): readonly Registration[] => log;

/**
 * An empty registry. `what` names one entry with its article ("a fusion method"); `aliases` maps other names to ids;
 * `builtIn` are entries that nothing may replace.
 */
export function registry<T extends { id: string }>(
  what: string,
  { builtIn = [], aliases = {} }: { builtIn?: readonly T[]; aliases?: Record<string, string> } = {},
): Registry<T> {
  const entries: T[] = [], protectedIds = new Set<string>();
  const placeOf = (name: string) => {
    const id = Object.hasOwn(aliases, name) ? aliases[name] : name;
    return entries.findIndex((entry) => entry.id === id);
  };

  const add = (entry: T, { replace = false }: RegisterOptions = {}) => {
    const { id } = entry;
    if (typeof id !== "string" || !/^[a-z][\w-]*$/.test(id)) {
      throw badInput({
        expected: `${what} whose id is lower-case letters, digits, '_' and '-'`,
        found: JSON.stringify(id) ?? "nothing",
        at: "its registration",
        todo: "Change the id, e.g. to 'my_method'.",
      });
    }
    const isProtected = protectedIds.has(id) || Object.hasOwn(aliases, id), place = placeOf(id);
    if (isProtected || (place >= 0 && !replace)) {
      throw badInput({
        expected: `${what} with a new id`,
        found: `'${id}', which ${isProtected ? "is built in" : "is registered already"}`,
        at: "its registration",
        todo: isProtected
          ? "Choose another id."
          : "Choose another id, or pass { replace: true } to put it in the place of the old one.",
      });
    }
    entries[place < 0 ? entries.length : place] = entry;
    log.push({ what, id });
  };
  for (const entry of builtIn) {
    add(entry);
    log.pop();
    protectedIds.add(entry.id);
  }
  return {
    add,
    entries,
    has: (name) => placeOf(name) >= 0,
    all: () => [...entries],
    get(name, at) {
      const entry = entries[placeOf(name)];
      if (entry) return entry;
      const ids = entries.map(({ id }) => id), meant = nearest(name, [...ids, ...Object.keys(aliases)]);
      throw badInput({
        expected: what,
        found: `'${name}'`,
        at,
        todo: meant ? `Did you mean ${meant}?` : `Known are ${ids.join(", ")}.`,
      });
    },
  };
}
