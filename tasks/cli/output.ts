/** What a task shows besides its result, as the flags --quiet and --verbose say. All of it goes to stderr. */

/** Set by `runTask` for the task that runs. */
export const shown = { quiet: false, verbose: false };

/** Writes a line about the progress, unless --quiet is given. */
export function tell(line: string): void {
  if (!shown.quiet) console.error(line);
}
