/**
 * Locks a folder, so that only one process writes there. The lock is a file of the folder, `lock.<number>`,
 * and works on shared file systems too. Its holder renews it every few seconds. A lock that is not renewed
 * expires, and the next process takes the folder over with the next number.
 */
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { badInput } from "../errors.ts";
import { hasDied, signOfLife, unwritable } from "../files/mod.ts";

/** Time after the last heartbeat when a lock expires, in ms. */
export const EXPIRES = 60_000;

/** The process that holds a lock, as the file describes it. */
interface Owner {
  id: string;
  pid: number;
  host: string;
  since: string;
  /** A file on the host's own disk that the process holds locked. Its lock ends with the process. */
  alive?: string;
}

/** Time as locks see it; tests give their own. */
export interface Clock {
  /** Returns the time of the folder's file system in ms. It dates all locks there, whatever the host. */
  now(folder: string): Promise<number>;
  /** Waits some milliseconds. */
  wait(ms: number): Promise<void>;
  /** Time between two heartbeats in ms. */
  beat: number;
}

const CLOCK: Clock = {
  async now(folder) {
    try {
      const probe = await Deno.makeTempFile({ dir: folder, prefix: ".clock" });
      const { mtime } = await Deno.stat(probe);
      await Deno.remove(probe);
      return Number(mtime);
    } catch {
      return Date.now(); // the folder can't be written: the host's own clock has to do
    }
  },
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  beat: 5_000,
};

/** A lock that this process holds. Disposing of it frees the folder. */
export interface Lock extends AsyncDisposable {
  /** Throws UndertoneError if the folder is gone, or another process has taken it over. */
  requireHeld(): Promise<void>;
  /** Tells the lock that its folder was renamed. */
  moved(folder: string): void;
}

/** Locks a folder that exists. Throws UndertoneError that names the owner if another process holds it. */
export async function lockFolder(folder: string, clock = CLOCK): Promise<Lock> {
  const expired = await expiredIn(folder, clock), number = Math.max(0, ...expired.keys()) + 1;
  const path = pathOf(folder, number), id = crypto.randomUUID();
  const sign = signOfLife();
  const owner: Owner = {
    id,
    pid: Deno.pid,
    host: hostname(),
    since: new Date().toISOString(),
    alive: sign?.path,
  };
  const content = JSON.stringify(owner);
  try {
    await create(folder, number, content, expired, clock);
  } catch (error) {
    sign?.end();
    throw error;
  }
  for (const [old, content] of expired) {
    await Deno.remove(pathOf(folder, old)).catch(() => {});
    await removeSign(content); // only now: until then, it proves to others that the lock's process has ended
  }
  const heart = new Worker(new URL("./heartbeat.ts", import.meta.url), {
    workerData: { path, content, every: clock.beat },
  });
  await new Promise((resolve) => heart.once("message", resolve).on("error", resolve)); // before the work
  heart.unref();
  let place = folder;
  return {
    moved: (folder) => void (place = folder),
    async requireHeld() {
      if (await contentOf(pathOf(place, number)) !== content) throw await lost(place, clock);
    },
    async [Symbol.asyncDispose]() {
      await heart.terminate();
      const own = pathOf(place, number);
      if (await contentOf(own) === content) await Deno.remove(own).catch(() => {});
      sign?.end();
    },
  };
}

/**
 * Creates a lock beside those that have expired. Throws UndertoneError if another process has been faster:
 * of two that create a lock, at least one sees the other's.
 */
async function create(
  folder: string,
  number: number,
  content: string,
  expired: ReadonlyMap<number, string>,
  clock: Clock,
): Promise<void> {
  const path = pathOf(folder, number);
  try {
    await Deno.writeTextFile(path, content, { createNew: true });
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) throw await held(folder, path, clock);
    throw unwritable("a folder", folder, cause);
  }
  for (const other of await numbersIn(folder)) {
    if (other === number || await contentOf(pathOf(folder, other)) === expired.get(other)) continue;
    await Deno.remove(path);
    throw await held(folder, pathOf(folder, other), clock);
  }
}

/** Throws UndertoneError that names the owner if a process holds the folder. A missing folder is free. */
export async function requireUnlocked(folder: string, clock = CLOCK): Promise<void> {
  await expiredIn(folder, clock);
}

/** Returns the content of the folder's locks by number. Throws UndertoneError unless all have expired. */
async function expiredIn(folder: string, clock: Clock): Promise<ReadonlyMap<number, string>> {
  const expired = new Map<number, string>();
  for (const number of await numbersIn(folder)) {
    const path = pathOf(folder, number), content = await contentOf(path);
    if (content === undefined) continue; // it was freed
    if (!await hasExpired(folder, path, clock)) throw await held(folder, path, clock);
    expired.set(number, content);
  }
  return expired;
}

/** Returns whether a lock's process has ended, or has not renewed the lock in time. */
async function hasExpired(folder: string, path: string, clock: Clock): Promise<boolean> {
  const owner = await ownerOf(path), beaten = await heartbeatOf(path);
  if (beaten === undefined || (owner && hasEnded(owner))) return true;
  if (Math.abs(await clock.now(folder) - beaten) <= EXPIRES) return false;
  // The file system's clock can jump, so silence decides: a lock without new heartbeats has expired.
  await clock.wait(2 * clock.beat);
  const later = await heartbeatOf(path);
  return later === undefined || later === beaten;
}

/** A process that works in a folder. */
export interface Holder {
  /** Number of the process; absent if it has not written itself yet. */
  pid?: number;
  /** Its host. */
  host?: string;
  /** When it began there. */
  since?: string;
  /** Time of its last heartbeat, in ms. */
  beaten: number;
}

/**
 * Returns the process that works in a folder, and writes nothing. A lock counts for 60 s of this host's clock
 * after its last heartbeat; `lockFolder` is exact.
 */
export async function holderOf(folder: string, now: number = Date.now()): Promise<Holder | undefined> {
  for (const number of await numbersIn(folder)) {
    const path = pathOf(folder, number), owner = await ownerOf(path), beaten = await heartbeatOf(path);
    const isSilent = beaten === undefined || Math.abs(now - beaten) > EXPIRES;
    if (!isSilent && !(owner && hasEnded(owner))) {
      return { ...owner && { pid: owner.pid, host: owner.host, since: owner.since }, beaten };
    }
  }
}

/**
 * Waits until the lock of a process that has died expires: a scheduler may start a part on another host right
 * after it killed it on the first. Returns at once if no process works in the folder, and at the next
 * heartbeat of one that lives.
 */
export async function awaitExpiry(folder: string, signal?: AbortSignal, beat = CLOCK.beat): Promise<void> {
  const first = await holderOf(folder);
  for (let holder = first; holder && holder.beaten === first?.beaten; holder = await holderOf(folder)) {
    await delay(beat / 2, undefined, { signal }).catch(() => {});
    signal?.throwIfAborted(); // with the signal's reason, which tells a stop from an error
  }
}

const pathOf = (folder: string, number: number): string => join(folder, `lock.${number}`);

/** Returns the numbers of the folder's locks in ascending order. */
async function numbersIn(folder: string): Promise<number[]> {
  if (!existsSync(folder)) return [];
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => /^lock\.(\d+)$/.exec(name)?.[1]);
  return names.filter((number) => number !== undefined).map(Number).sort((a, b) => a - b);
}

/** Returns a lock's text, or undefined if the lock was freed. */
const contentOf = (path: string): Promise<string | undefined> =>
  Deno.readTextFile(path).catch(() => undefined);

/** Returns the owner of a lock, or undefined if it has not written itself yet. */
const ownerOf = async (path: string): Promise<Owner | undefined> => ownerIn(await contentOf(path) ?? "");

/** Returns the owner that a lock's text names, if it is whole. */
function ownerIn(content: string): Owner | undefined {
  try {
    return JSON.parse(content) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Removes the sign of life of a lock's process that has ended on this host. */
async function removeSign(content: string): Promise<void> {
  const owner = ownerIn(content);
  if (owner?.alive && hasEnded(owner)) await Deno.remove(owner.alive).catch(() => {});
}

/** Returns the time of a lock's last heartbeat. Opening the file makes a network file system look again. */
async function heartbeatOf(path: string): Promise<number | undefined> {
  try {
    using file = await Deno.open(path);
    return Number((await file.stat()).mtime);
  } catch {
    return undefined; // it was freed
  }
}

/** Returns whether a process of this host is known to have ended. */
const hasEnded = ({ host, alive }: Owner): boolean =>
  host === hostname() && alive !== undefined && hasDied(alive);

/** Returns the error for a folder that another process holds. */
async function held(folder: string, path: string, clock: Clock): Promise<Error> {
  const owner = await ownerOf(path), beaten = await heartbeatOf(path);
  const age = Math.max(0, await clock.now(folder) - (beaten ?? 0));
  const since = owner && `, which began ${owner.since}`;
  const who = owner === undefined
    ? "one that another process works in"
    : owner.pid === Deno.pid && owner.host === hostname()
    ? `one that this process works in already${since}`
    : `one that process ${owner.pid} on ${owner.host} works in${since}`;
  return badInput({
    expected: "a folder that no other process works in",
    found: `${who} (last heartbeat ${Math.round(age / 1000)} s ago)`,
    at: folder,
    todo: `Wait until it ends, or stop it. If it died, its lock expires ${EXPIRES / 1000} s after its ` +
      "last heartbeat.",
  });
}

/** Returns the error for a folder that this process does not hold any more. */
async function lost(folder: string, clock: Clock): Promise<Error> {
  const number = (await numbersIn(folder)).at(-1);
  if (number !== undefined) return await held(folder, pathOf(folder, number), clock);
  return badInput({
    expected: "the folder that this process works in",
    found: existsSync(folder) ? "one without its lock" : "nothing: it was removed or renamed",
    at: folder,
    todo: "If it was renamed, resume it there. Otherwise start again, and leave the folder in place.",
  });
}
