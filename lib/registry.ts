/**
 * A registry of named entries of one kind: the built-in ones and those that a user's module or notebook adds.
 */
import { badInput, nearest } from "./errors.ts";

export interface Registry<T extends { id: string }> {
  /** Adds an entry. Throws UndertoneError if the id is malformed or taken; see `RegisterOptions`. */
  add(entry: T, options?: RegisterOptions): void;
  /**
   * Returns the entry with this id or alias. Throws UndertoneError that
   * suggests the nearest name. `at` says where the name was given.
   */
  get(name: string, at: string): T;
  /** Returns whether an entry has this id or alias. */
  has(name: string): boolean;
  /** A live view of all entries in the order of registration: it also shows later ones. */
  readonly entries: readonly T[];
  /** Returns a copy of the current entries. */
  all(): T[];
}

/** Options of a registration. */
export interface RegisterOptions {
  /** Replace an entry that was added before, e.g. when a notebook cell runs again. Default false. */
  replace?: boolean;
}

/** An entry that is not built in. `what` names its kind with an article ("a fusion method"). */
export interface Registration {
  what: string;
  id: string;
}

const log: Registration[] = [];

/** Returns everything that was added to any registry so far, except the built-in entries. */
export const registrations = (): readonly Registration[] => log;

/**
 * Creates a registry. `what` names one entry with its article ("a fusion method"), `aliases` maps other names
 * to ids, and the `builtIn` entries can't be replaced.
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
        expected: `${what} whose id has only lower-case letters, digits, '_' and '-'`,
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
          : "Choose another id, or pass { replace: true } to replace the old one.",
      });
    }
    entries[place < 0 ? entries.length : place] = entry;
    log.push({ what, id });
  };
  for (const entry of builtIn) {
    entries.push(entry); // its id may also have a version: acoustic@2
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

/** Throws UndertoneError if an entry lacks one of its parts. `what` names it with its article: "a loss". */
export function requireParts<T extends { id: string }>(
  what: string,
  entry: T,
  parts: readonly (keyof T & string)[],
): void {
  const missing = parts.filter((part) => entry[part] === undefined || entry[part] === "");
  if (missing.length === 0) return;
  throw badInput({
    expected: `${what} with id, ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`,
    found: `no ${missing.join(", ")}`,
    at: `the registration of '${entry.id}'`,
    todo: `Add ${missing.join(", ")}.`,
  });
}
