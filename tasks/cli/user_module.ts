/** Modules of the user's that register something when they are imported. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { badInput, UndertoneError } from "../../lib/errors.ts";

/**
 * Imports a module from a path. Throws bad input where there is no such file, where it can't be parsed or its imports can't
 * be found, and where it throws; what it is told by Undertone itself is passed on.
 */
export async function importModule(path: string): Promise<void> {
  const whole = resolve(path);
  if (!existsSync(whole)) {
    throw badInput({
      expected: "a module that registers something",
      found: "no file",
      at: path,
      todo: "Check the path; relative ones are read from the project's folder.",
    });
  }
  try {
    await import(pathToFileURL(whole).href);
  } catch (error) {
    if (error instanceof UndertoneError) throw error;
    throw badInput({
      expected: "a module that can be imported",
      found: `an error, '${told(error)}',`,
      at: path,
      todo: "Mend it there; --verbose shows where it was thrown.",
    }, error);
  }
}

/** The first line of an error that is of use: Deno's of what can't be parsed ends with the place. */
function told(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  const place = /\bat (file:\S+:\d+:\d+)/.exec(message)?.[1];
  const [line] = message.split("\n");
  return place && !line.includes(place) ? `${line} at ${place}` : line;
}
