/**
 * Creates the folder of a run, and holds it: no other process writes there, and a replaced run is not lost.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { TrainConfig } from "../config/mod.ts";
import { badInput, UndertoneError } from "../errors.ts";
import { explained, isFileError } from "../explain.ts";
import { unwritable } from "../files/mod.ts";
import { lockFolder, requireUnlocked } from "./lock.ts";
import { CHECKPOINTS, type RunFolder, runFolder } from "./run_folder.ts";

/**
 * Throws UndertoneError if the wanted name is taken. A run may be replaced only
 * with `overwrite` and if no process trains it, and other folders never. A run that
 * was killed before it had anything to keep does not take its name.
 */
export async function requireFree(
  out: string,
  { name, overwrite }: { name?: string; overwrite: boolean },
): Promise<void> {
  const path = name && join(out, name);
  if (!path || !existsSync(path) || isEmpty(path)) return;
  const isRun = existsSync(join(path, CHECKPOINTS));
  if (isRun && (overwrite || isStub(path))) return await requireUnlocked(path);
  throw badInput({
    expected: "a new run name",
    found: isRun ? `the run '${name}'` : "something that is not a run",
    at: path,
    todo: isRun
      ? "Choose another --name, continue it with --resume, or replace it with --overwrite."
      : "Choose another --name.",
  });
}

/** A run that this process trains. Disposing of it frees the folder. */
export interface HeldRun extends AsyncDisposable {
  folder: RunFolder;
  /** Throws UndertoneError if the folder is gone, or another process has taken it over. */
  requireHeld(): Promise<void>;
  /** Removes the run that this one replaces. Until then, disposing restores that run. */
  settle(): Promise<void>;
}

/**
 * Creates the folder `out/name`, and holds it. A fallback name gets a number if it is taken. A replaced run
 * is moved aside, to `.<name>.replaced`, until the new one is settled. Throws UndertoneError.
 */
export async function createRun(
  out: string,
  wanted: { name?: string; fallback: string; overwrite: boolean },
): Promise<HeldRun> {
  await requireFree(out, wanted);
  // The fallback includes the data set's name, which can have any character.
  const wish = join(out, wanted.name ?? wanted.fallback.replaceAll(/[^\w.-]+/g, "_"));
  const aside = wanted.name && existsSync(wish) ? await moveAside(wish) : undefined;
  try {
    return await holdRun(await newFolder(wish, { numbered: !aside }), { aside, isNew: true });
  } catch (error) {
    if (!aside) throw error;
    if (existsSync(wish)) throw replaceFailed(wish, aside, error);
    await Deno.rename(aside, wish);
    throw error;
  }
}

/** Creates a run's folder at `wish`, or at `wish-2` and so on if it is taken and `numbered`. */
async function newFolder(wish: string, { numbered }: { numbered: boolean }): Promise<RunFolder> {
  try {
    await Deno.mkdir(dirname(wish), { recursive: true });
    let path = wish;
    for (let i = 2; !await made(path, { mayExist: numbered }); i++) path = `${wish}-${i}`;
    await Deno.mkdir(join(path, CHECKPOINTS));
    return runFolder(path);
  } catch (cause) {
    throw unwritable("a folder", wish, cause);
  }
}

/**
 * Holds a run's folder. `aside` is where the run is that it replaces. A new folder is removed in the end if
 * the run failed before its first checkpoint. Throws UndertoneError.
 */
export async function holdRun(
  folder: RunFolder,
  { aside, isNew = false }: { aside?: string; isNew?: boolean } = {},
): Promise<HeldRun> {
  const lock = await lockFolder(folder.path);
  let replaced = aside;
  return {
    folder,
    requireHeld: () => lock.requireHeld(),
    async settle() {
      const old = replaced;
      replaced = undefined;
      if (old) await Deno.remove(old, { recursive: true }).catch(() => {});
    },
    async [Symbol.asyncDispose]() {
      const isOurs = await lock.requireHeld().then(() => true, () => !existsSync(folder.path));
      await lock[Symbol.asyncDispose]();
      if (!isOurs) return;
      if (replaced) await restore(folder.path, replaced);
      else if (isNew && isEmptyRun(folder.path)) await Deno.remove(folder.path, { recursive: true });
    },
  };
}

/**
 * Passes on the events of a run that trains. An error of the system says what asked for memory, and what is
 * kept of the run.
 */
export async function* telling<T>(
  { folder, requireHeld }: HeldRun,
  { batch_size }: TrainConfig,
  events: AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  try {
    yield* events;
  } catch (error) {
    const told = explained(error, `training with ${batch_size} rows per batch`, LESS_MEMORY);
    if (!(told instanceof UndertoneError && isFileError(told))) throw told;
    await requireHeld(); // a folder that is gone is a better reason
    if (!existsSync(folder.last)) throw told;
    const kept = `The last checkpoint is kept: continue then with --resume ${folder.path}.`;
    throw new UndertoneError(`${told.message} ${kept}`, told.code, { cause: told });
  }
}

const LESS_MEMORY =
  "Halve --batch-size and double --accumulate, which keeps the update the same, or shorten the inputs with " +
  "--max-text-length and --max-audio-length.";

/** Returns where a run is kept while another replaces it. No run has such a name. */
const asideOf = (path: string): string => join(dirname(path), `.${basename(path)}.replaced`);

/** Returns where the run is that a killed process was about to replace, if the new run has no checkpoint. */
export function replacedRun({ path, last }: RunFolder): string | undefined {
  const aside = asideOf(path);
  return existsSync(aside) && !existsSync(last) ? aside : undefined;
}

/** Moves a run or an empty folder aside, if no process holds it. Returns where the run is now. */
async function moveAside(path: string): Promise<string | undefined> {
  if (isEmpty(path)) return void await Deno.remove(path);
  const lock = await lockFolder(path), aside = asideOf(path);
  const isKept = replacedRun(runFolder(path)) !== undefined, nothing = isStub(path);
  try {
    // A process that was killed in its replacing left the old run aside, and nothing worth keeping here.
    if (isKept || nothing) await Deno.remove(path, { recursive: true });
    else {
      if (existsSync(aside)) await Deno.remove(aside, { recursive: true });
      await Deno.rename(path, aside);
      lock.moved(aside);
    }
  } catch (cause) {
    throw unwritable("a run", path, cause);
  } finally {
    await lock[Symbol.asyncDispose]();
  }
  return nothing ? undefined : aside;
}

/** Removes a run without a checkpoint, and puts the run that it was to replace into its place. */
async function restore(path: string, aside: string): Promise<void> {
  try {
    if (existsSync(path)) await Deno.remove(path, { recursive: true });
    await Deno.rename(aside, path);
  } catch (cause) {
    throw replaceFailed(path, aside, cause);
  }
}

const replaceFailed = (path: string, aside: string, cause: unknown) =>
  badInput({
    expected: "a run that can be replaced or put back",
    found: `another error: ${(cause as Error).message}`,
    at: path,
    todo: `The old run is complete in ${aside}: rename it.`,
  }, cause);

/** Returns whether a folder is empty: a killed process can leave an empty run folder. */
const isEmpty = (path: string) => Deno.statSync(path).isDirectory && [...Deno.readDirSync(path)].length === 0;

/** Returns whether a run has neither a checkpoint nor a result: it failed or was killed early. */
const isEmptyRun = (path: string): boolean =>
  existsSync(join(path, CHECKPOINTS)) && !existsSync(runFolder(path).metrics) &&
  [...Deno.readDirSync(join(path, CHECKPOINTS))].every(({ name }) => !name.endsWith(".safetensors"));

/** Returns whether a run has nothing worth keeping, and was not about to replace one that has. */
export const isStub = (path: string): boolean =>
  isEmptyRun(path) && replacedRun(runFolder(path)) === undefined;

/** Creates a folder. Returns false if it exists, so that only one of several processes gets it. */
async function made(path: string, { mayExist }: { mayExist: boolean }): Promise<boolean> {
  try {
    await Deno.mkdir(path);
    return true;
  } catch (error) {
    if (mayExist && error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}
