/** Named things of one kind: the built-in ones, and those that a user's module or notebook adds. */
import { badInput, nearest } from "./errors.ts";

export interface Registry<T extends { id: string }> {
  /** Adds an entry. Throws UndertoneError if its id or an alias of that name is taken; see `RegisterOptions`. */
  add(entry: T, options?: RegisterOptions): void;
  /** The entry of this id or alias. Throws UndertoneError with the nearest name; `at` is where it was given. */
  get(name: string, at: string): T;
  /** Whether there is such an entry. */
  has(name: string): boolean;
  /** All entries, in the order in which they were added. */
  all(): T[];
}

/** How something is registered. */
export interface RegisterOptions {
  /** Take the place of an entry that was added before, e.g. when a notebook cell runs again. Default false. */
  replace?: boolean;
}

/** How often anything was added anywhere, so that a module that adds nothing can be noticed. */
let additions = 0;
export const registrations = (): number => additions;

/**
 * An empty registry. `what` names one entry with its article ("a fusion method"); `aliases` maps other names to ids;
 * `builtIn` are entries that nothing may replace.
 */
export function registry<T extends { id: string }>(
  what: string,
  { builtIn = [], aliases = {} }: { builtIn?: readonly T[]; aliases?: Record<string, string> } = {},
): Registry<T> {
  const entries = new Map<string, T>(), protectedIds = new Set<string>();
  const idOf = (name: string) => Object.hasOwn(aliases, name) ? aliases[name] : name;

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
    const isProtected = protectedIds.has(id) || Object.hasOwn(aliases, id);
    if (isProtected || (entries.has(id) && !replace)) {
      throw badInput({
        expected: `${what} with a new id`,
        found: `'${id}', which ${isProtected ? "is built in" : "is registered already"}`,
        at: "its registration",
        todo: isProtected
          ? "Choose another id."
          : "Choose another id, or pass { replace: true } to put it in the place of the old one.",
      });
    }
    entries.set(id, entry);
    additions++;
  };
  for (const entry of builtIn) {
    add(entry);
    protectedIds.add(entry.id);
  }
  return {
    add,
    has: (name) => entries.has(idOf(name)),
    all: () => [...entries.values()],
    get(name, at) {
      const entry = entries.get(idOf(name));
      if (entry) return entry;
      const ids = [...entries.keys()], meant = nearest(name, [...ids, ...Object.keys(aliases)]);
      throw badInput({
        expected: what,
        found: `'${name}'`,
        at,
        todo: meant ? `Did you mean ${meant}?` : `Known are ${ids.join(", ")}.`,
      });
    },
  };
}
