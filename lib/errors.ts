/** What went wrong, for whom: `input` is the user's to mend, `internal` is ours. */
export type ErrorCode = "input" | "internal";

/** The one error class of the library; a task prints its message alone. */
export class UndertoneError extends Error {
  /** Tells it from other errors. */
  override name = "UndertoneError";
  /** An error with this message; `code` says whose fault it is. */
  constructor(
    message: string,
    /** Whose fault it is. */ readonly code: ErrorCode = "input",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The parts of the sentence that every bad input gets. */
export interface Expectation {
  /** What should have been there: "a CSV with the columns id,split,label". */
  expected: string;
  /** What was there instead: "no column 'split'". */
  found: string;
  /** File, row, flag or tensor: "data/meld.csv, line 3". */
  at: string;
  /** What to do about it, as a whole sentence: "Add the column or pass --split." */
  todo: string;
}

/** `Expected <what> but found <what> at <where>. <What to do.>` as an error of the user's. */
export function badInput({ expected, found, at, todo }: Expectation, cause?: unknown): UndertoneError {
  return new UndertoneError(`Expected ${expected} but found ${found} at ${at}. ${todo}`, "input", { cause });
}

/** The candidate closest to `name` by edit distance, whatever the case, if any is near enough to be what was meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({
    candidate,
    distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
  })).sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(name.length / 2)) ? best.candidate : undefined;
}

/** `name` if it is one of `known`; else refused with the nearest. `what` is a noun with its article. */
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

/** Levenshtein distance. */
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
