/** Finds the file of a clip as its row names it, also if another system wrote the path. */
import { basename } from "node:path";
import { clipPath } from "./utterance.ts";

/** A clip's file: its path relative to the root, or the reason why it can't be used. */
export type FoundClip = { path: string; fault?: undefined } | { path?: undefined; fault: string };

/** How a path was read if no file has exactly its name, as a note tells it. */
type Reading =
  | ("backslashes as folders" | "by their Unicode form" | "by their name in other case")
  | ("in other folders" | "with an ending");

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
 * exactly one name there fits. Failing that, it is the only file below `root` that ends as the path does or,
 * for a path of another machine, with which the path ends; and the same with an ending, if it has none.
 */
export function clipFinder(root: string): ClipFinder {
  const known = new Map<string, FoundClip>(), listings = new Map<string, readonly string[]>();
  const readings = new Map<Reading, { count: number; first: string; as: string }>();
  const namesIn = (folder: string) => {
    if (!listings.has(folder)) listings.set(folder, namesOf(folder));
    return listings.get(folder)!;
  };
  let index: ReadonlyMap<string, readonly string[]> | undefined;
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
    const below = (name: string) => (index ??= filesBelow(root)).get(name) ?? [];
    const isThere = ([, path]: [Reading, string | undefined]) =>
      path !== undefined && path !== audio && faultOf(clipPath(root, path)) === undefined;
    const [reading, path] = forms.find(isThere) ?? elsewhere(slashed, root, below) ?? [];
    if (reading === undefined || path === undefined) return { fault: `${MISSING}: ${audio}` };
    const before = readings.get(reading);
    readings.set(reading, { first: audio, as: path, ...before, count: (before?.count ?? 0) + 1 });
    return { path };
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

/** Deepest folder, and most files, in which a clip is looked for that does not lie where its row says. */
const DEEPEST = 3, MOST_FILES = 500_000;

/**
 * Returns the files below a folder by their name, and by their name without its ending. Empty if there are
 * too many.
 */
function filesBelow(root: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let files = 0;
  const add = (name: string, path: string) => {
    if (!found.has(name)) found.set(name, []);
    found.get(name)!.push(path);
  };
  const list = (folder: string, depth: number) => {
    for (const { name, isDirectory } of entriesOf(clipPath(root, folder || "."))) {
      const path = folder + name;
      if (name.startsWith(".") || files > MOST_FILES) continue;
      if (isDirectory) {
        if (depth > 0) list(`${path}/`, depth - 1);
        continue;
      }
      files++;
      for (const each of new Set([name, name.replace(/\.\w{1,5}$/, "")])) add(each, path);
    }
  };
  list("", DEEPEST);
  return files > MOST_FILES ? new Map() : found;
}

/**
 * Returns the only file below `root` that a path can mean: one that ends as the path does, perhaps with an
 * ending, or one in whose folder a path of another machine ends.
 */
function elsewhere(
  given: string,
  root: string,
  below: (name: string) => readonly string[],
): [Reading, string] | undefined {
  const path = given.replace(/^(\.\/|[a-z]:)+/i, ""), isForeign = /^(\/|[a-z]:)/i.test(given);
  const bare = (file: string) => file.replace(/\.\w{1,5}$/, ""), home = basename(root);
  const fits = (file: string): boolean =>
    `/${file}`.endsWith(`/${path}`) || `/${bare(file)}`.endsWith(`/${path}`) ||
    (isForeign &&
      [file, bare(file)].some((each) => path.endsWith(each.includes("/") ? `/${each}` : `/${home}/${each}`)));
  const [file, other] = below(path.slice(path.lastIndexOf("/") + 1)).filter(fits);
  if (file === undefined || other !== undefined || faultOf(clipPath(root, file)) !== undefined) {
    return undefined;
  }
  const named = path.slice(path.lastIndexOf("/") + 1) === file.slice(file.lastIndexOf("/") + 1);
  return [named ? "in other folders" : "with an ending", file];
}

/** Returns the names in a folder; none if it can't be read. */
const namesOf = (folder: string): readonly string[] => entriesOf(folder).map(({ name }) => name);

function entriesOf(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
}
