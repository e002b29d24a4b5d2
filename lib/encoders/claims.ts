/**
 * Claims on blocks of inputs, so that several processes share the encoding of one data set. A claim is a file
 * that its process renews. One that is not renewed counts no more, so that nothing waits for a process that
 * has died. Claims only save work: if two processes encode the same block, the cache stays right.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Time after which a claim that was not renewed counts no more, in ms. It is renewed after each batch. */
const LEASE = 30_000;

/** A claim of this process. */
export interface Claim {
  /** Says that this process still works on the block. */
  renew(): Promise<void>;
  /** Gives the block free. */
  release(): Promise<void>;
}

/**
 * Claims a block of inputs in the cache's folder; undefined if another process works on it. A folder that
 * can't be written has no claims: each process then works alone.
 */
export async function claim(folder: string, block: string, lease = LEASE): Promise<Claim | undefined> {
  const path = join(folder, `${block}.claim`);
  try {
    if (!await create(path)) {
      if (!await isStale(path, lease)) return undefined;
      await Deno.remove(path).catch(() => {}); // another process may be faster
      if (!await create(path)) return undefined;
    }
  } catch {
    return ALONE;
  }
  return {
    renew: () => Deno.utime(path, new Date(), new Date()).catch(() => {}),
    release: () => Deno.remove(path).catch(() => {}),
  };
}

/** Inputs that one process encodes at a time. */
interface Block<T> {
  /** Names the block in every process. */
  name: string;
  inputs: readonly T[];
}

/**
 * Yields each block while this process has the claim on it. Blocks of other processes come last, when these
 * give them free or have died. Without a folder there are no claims.
 */
export async function* claimed<T>(
  blocks: readonly Block<T>[],
  folder: string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<{ inputs: readonly T[]; renew: Claim["renew"] }, void> {
  for (let left = blocks.filter(({ inputs }) => inputs.length > 0); left.length > 0;) {
    const others: Block<T>[] = [];
    for (const block of left) {
      const held = folder === undefined ? ALONE : await claim(folder, block.name);
      if (!held) others.push(block);
      else {
        try {
          yield { inputs: block.inputs, renew: held.renew };
        } finally {
          await held.release();
        }
      }
    }
    if (others.length === left.length) await pause(signal);
    left = others;
  }
}

/** The claim of a process that works alone. */
const ALONE: Claim = { renew: () => Promise.resolve(), release: () => Promise.resolve() };

/** Waits a second, or until the signal. */
async function pause(signal?: AbortSignal): Promise<void> {
  await delay(1000, undefined, { signal }).catch(() => {});
  signal?.throwIfAborted();
}

/** Creates a file. Returns false if it exists. */
async function create(path: string): Promise<boolean> {
  try {
    await Deno.writeTextFile(path, `${boot()} ${Deno.pid}`, { createNew: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** Returns whether a claim's process has ended on this machine, or has not renewed it in time. */
async function isStale(path: string, lease: number): Promise<boolean> {
  try {
    const [host, pid] = (await Deno.readTextFile(path)).split(" "), { mtime } = await Deno.stat(path);
    const hasEnded = host !== "" && host === boot() && pid !== undefined && !existsSync(`/proc/${pid}`);
    return hasEnded || Date.now() - Number(mtime) > lease;
  } catch {
    return true; // it was given free
  }
}

/** Returns a name of this machine since its start. It is empty where the system has none. */
function boot(): string {
  try {
    return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  } catch {
    return "";
  }
}
