/** What a task shows besides its result, as the flags --quiet and --verbose say. All of it goes to stderr. */

/** Set by `runTask` for the task that runs. */
export const shown = { quiet: false, verbose: false };

/** Writes a line about the progress, unless --quiet is given. */
export function tell(line: string): void {
  if (!shown.quiet) console.error(line);
}

const told = new Set<string>();

/** Writes notes, each once in a task however many of its steps have it. They stay with --quiet. */
export function tellNotes(notes: Iterable<string>): void {
  for (const note of notes) {
    if (!told.has(note)) console.error(`note: ${note}`);
    told.add(note);
  }
}

/** Lets the next task tell its own notes. `runTask` calls it. */
export const forgetNotes = (): void => told.clear();
