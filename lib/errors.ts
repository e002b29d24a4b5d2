/** Whose fault an error is: `input` is for the user to fix, `internal` is a bug of the library. */
export type ErrorCode = "input" | "internal";

/** The only error class of the library. A task prints just its message. */
export class UndertoneError extends Error {
  /** Distinguishes it from other errors. */
  override name = "UndertoneError";
  /** Creates an error with this message; `code` says whose fault it is. */
  constructor(
    message: string,
    /** Whose fault it is. */ readonly code: ErrorCode = "input",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The parts of the message that every bad input gets. */
export interface Expectation {
  /** The input that the code needs: "a CSV with the columns id,split,label". */
  expected: string;
  /** The fault of the input: "no column 'split'". */
  found: string;
  /** File, row, flag or tensor: "data/meld.csv, line 3". */
  at: string;
  /** The advice to the user, as a whole sentence: "Add the column or pass --split." */
  todo: string;
}

/** Returns the error `Expected … but found … at …. What to do.` with the code `input`. */
export function badInput({ expected, found, at, todo }: Expectation, cause?: unknown): UndertoneError {
  return new UndertoneError(`Expected ${expected} but found ${found} at ${at}. ${todo}`, "input", { cause });
}

/**
 * Returns the candidate closest to `name` by edit distance, ignoring case. Returns undefined if none is close
 * enough to be a typo.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({
    candidate,
    distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
  })).sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  const most = Math.min(name.length - 1, Math.max(2, Math.floor(name.length / 2))); // something stays of the name
  return best && best.distance <= most ? best.candidate : undefined;
}

/**
 * Returns `name` if it is in `known`. Otherwise throws UndertoneError with the nearest name. `what` is a noun
 * with its article.
 */
export function requireKnown<T extends string>(
  what: string,
  name: string,
  known: readonly T[],
  at: string,
): T {
  if ((known as readonly string[]).includes(name)) return name as T;
  const meant = nearest(name, known);
  const todo = meant ? `Did you mean ${meant}?` : `Choose one of ${known.join(", ")}.`;
  throw badInput({ expected: what, found: `'${name}'`, at, todo });
}

/** Returns the Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}

const PROJECT = ["./", "../tasks/"].map((folder) => decoded(new URL(folder, import.meta.url).href));

/** Returns a URL as a reader writes it. Some frames of a stack trace are encoded, and some are not. */
function decoded(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url; // a name with a percent sign of its own
  }
}

/**
 * Returns the innermost place of an error's stack trace that is in a module of the user's: "my_head.ts:12:5".
 * Returns undefined if only this project and its packages are in the trace.
 */
export function userPlace(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const places = stack.split("\n").flatMap((frame) =>
    (/file:\/\/\/.+?:\d+:\d+/.exec(frame) ?? []).map(decoded)
  );
  const own = places.find((place) =>
    !PROJECT.some((folder) => place.startsWith(folder)) && !place.includes("/node_modules/")
  );
  return own?.slice(own.lastIndexOf("/") + 1);
}

/** Formats a count: `1 row`, `2 rows`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** Lists the first three names and how many more there are. */
export const few = (names: readonly string[]): string =>
  names.slice(0, 3).map((name) => `'${name.slice(0, 100)}'`).join(", ") +
  (names.length > 3 ? ` and ${names.length - 3} more` : "");
