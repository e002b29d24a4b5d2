/**
 * Tries a reader with many damaged files. Each file must be read, or refused in a sentence, within 2 s.
 */
import { UndertoneError } from "../errors.ts";
import { amount, isLong } from "./amount.ts";
import { ok } from "./assert.ts";

/** Milliseconds that a reader may take for one small file, also on a busy machine. */
export const PATIENCE = 2000;
/** Most characters of a refusal. */
const LONGEST_SENTENCE = 700;

/** A kind of damaged files, and their reader. */
export interface Mutants<T> {
  /** The kind's name in messages. */
  of: string;
  /** Files in a quick test. */
  quick: number;
  /** Files in a full trial, which `deno task soak` runs. */
  full: number;
  /** Makes file number `index`. */
  make(index: number): T | Promise<T>;
  /** Reads a file, and throws anything but an UndertoneError if what it read is wrong. */
  read(mutant: T, index: number): unknown;
}

/** What came of a trial. */
export interface Trial {
  count: number;
  read: number;
  refused: number;
  /** Milliseconds of the slowest file. */
  slowest: number;
}

/**
 * Reads each mutant. Throws if one crashes its reader, is refused without a proper sentence, or takes longer
 * than 2 s. Long trials print their figures.
 */
export async function tryMutants<T>({ of, quick, full, make, read }: Mutants<T>): Promise<Trial> {
  const trial: Trial = { count: amount(quick, full), read: 0, refused: 0, slowest: 0 };
  for (let index = 0; index < trial.count; index++) {
    const mutant = await make(index), began = performance.now();
    try {
      await read(mutant, index);
      trial.read++;
    } catch (error) {
      requireSentence(error, `mutant ${index} of ${of}`);
      trial.refused++;
    }
    const took = performance.now() - began;
    ok(took < PATIENCE, `mutant ${index} of ${of} took ${took} ms`);
    trial.slowest = Math.max(trial.slowest, took);
  }
  if (isLong) {
    const { count, read, refused, slowest } = trial;
    console.log(
      `${count} mutants of ${of}: ${read} read, ${refused} refused, slowest ${Math.ceil(slowest)} ms`,
    );
  }
  return trial;
}

/** Throws unless an error is a refusal of bad input in one short sentence with advice. */
function requireSentence(error: unknown, what: string): void {
  if (!(error instanceof UndertoneError && error.code === "input")) throw new Error(what, { cause: error });
  ok(/^Expected .* but found .* at .*\. \S.*[.?]$/s.test(error.message), `${what}: ${error.message}`);
  ok(error.message.length < LONGEST_SENTENCE, `${what}: ${error.message}`);
}
