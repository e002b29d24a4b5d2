/** Adds a place to the errors of a work that is one of many: a cell, a trial, a fold. */
import { UndertoneError } from "../errors.ts";

/** Passes on events. An error of bad input begins with the place: "In fold 2: …". */
export async function* inPlace<T>(place: string, events: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    yield* events;
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    throw new UndertoneError(`In ${place}: ${error.message}`, error.code, { cause: error });
  }
}
