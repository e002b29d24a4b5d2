/** Finds the file of a clip as its row names it, also if another system wrote the path. */
import { clipPath } from "./utterance.ts";

/** A clip's file: its path relative to the root, or the reason why it can't be used. */
export type FoundClip = { path: string; fault?: undefined } | { path?: undefined; fault: string };

/** How a path was read if no file has exactly its name, as a note tells it. */
type Reading = "backslashes as folders" | "by their Unicode form" | "by their name in other case";

export interface ClipFinder {
  /** Returns the file of a clip. Looks for each path once. */
  find(audio: string): FoundClip;
  /**
   * Returns a note on paths that were not read as they are written, with an example. Empty if there are none.
   */
  notes(): string[];
}

/**
 * Returns a finder of clips below `root`. A path without a file is read again with its backslashes as `/`.
 * Each folder and file name in it may then differ in Unicode form (NFC, NFD) or, failing that, in case, if
 * exactly one name there fits.
 */
export function clipFinder(root: string): ClipFinder {
  const known = new Map<string, FoundClip>(), listings = new Map<string, readonly string[]>();
  const readings = new Map<Reading, { count: number; first: string; as: string }>();
  const namesIn = (folder: string) => {
    if (!listings.has(folder)) listings.set(folder, namesOf(folder));
    return listings.get(folder)!;
  };
  const look = (audio: string): FoundClip => {
    const fault = faultOf(clipPath(root, audio));
    if (fault === undefined) return { path: audio };
    if (fault !== MISSING) return { fault: `${fault}: ${audio}` };
    const slashed = Deno.build.os === "windows" ? audio : audio.replaceAll("\\", "/");
    const forms: [Reading, string | undefined][] = [
      ["backslashes as folders", slashed],
      ["by their Unicode form", alike(root, slashed, namesIn, (name) => name.normalize("NFC"))],
      [
        "by their name in other case",
        alike(root, slashed, namesIn, (name) => name.normalize("NFC").toLowerCase()),
      ],
    ];
    for (const [reading, path] of forms) {
      if (path === undefined || path === audio || faultOf(clipPath(root, path)) !== undefined) continue;
      const before = readings.get(reading);
      readings.set(reading, { first: audio, as: path, ...before, count: (before?.count ?? 0) + 1 });
      return { path };
    }
    return { fault: `${MISSING}: ${audio}` };
  };
  return {
    find(audio) {
      if (!known.has(audio)) known.set(audio, look(audio));
      return known.get(audio)!;
    },
    notes: () =>
      [...readings].map(([reading, { count, first, as }]) =>
        `Read the paths of ${count} clips ${reading}, e.g. ${first} as ${as}.`
      ),
  };
}

const MISSING = "clip missing";

/**
 * Returns why a path is not a file that can be read, or undefined. Opens nothing, so it can't wait for a
 * pipe.
 */
function faultOf(path: string): string | undefined {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    return isFile ? undefined : `clip is ${isDirectory ? "a folder" : "no file (a device or a pipe)"}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return MISSING;
    return `clip can't be accessed (${reasonOf(error)})`;
  }
}

/** Returns the system's words for an error, without the path, which can be very long. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^(.*?)(?: \(os error \d+\))?(?:: |$)/.exec(message)![1].slice(0, 100);
}

/** Returns the path below `root` whose names are equal after `form`, or undefined if not exactly one is. */
function alike(
  root: string,
  path: string,
  namesIn: (folder: string) => readonly string[],
  form: (name: string) => string,
): string | undefined {
  const found: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === "." || name === "..") {
      found.push(name);
      continue;
    }
    const names = namesIn(clipPath(root, found.join("/") || (path.startsWith("/") ? "/" : ".")));
    const same = names.includes(name) ? [name] : names.filter((each) => form(each) === form(name));
    if (same.length !== 1) return undefined;
    found.push(same[0]);
  }
  return found.join("/");
}

/** Returns the names in a folder; none if it can't be read. */
function namesOf(folder: string): readonly string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return [];
  }
}
