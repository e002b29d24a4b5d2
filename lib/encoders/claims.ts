/**
 * Claims on blocks of inputs, so that several processes share the encoding of one data set. A claim is a file
 * that its process renews. One that is not renewed counts no more, so that nothing waits for a process that
 * has died. Claims only save work: if two processes encode the same block, the cache stays right.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { hasDied, signOfLife } from "../files/mod.ts";

/**
 * Time after which a claim that was not renewed counts no more, in ms. It is renewed after each batch, which
 * a large speech encoder may take a minute for.
 */
const LEASE = 120_000;

/** A claim of this process. */
export interface Claim {
  /** Says that this process still works on the block. */
  renew(): Promise<void>;
  /** Gives the block free. */
  release(): Promise<void>;
}

/**
 * Claims a block of inputs in the cache's folder; undefined if another process works on it. A folder that
 * can't be written has no claims: each process then works alone. `sign` is the path of this process's sign of
 * life.
 */
export async function claim(
  folder: string,
  block: string,
  { sign = "", lease = LEASE }: { sign?: string; lease?: number } = {},
): Promise<Claim | undefined> {
  const path = join(folder, `${block}.claim`);
  try {
    if (!await create(path, sign)) {
      const dead = await Deno.readTextFile(path).catch(() => "");
      if (!await isStale(path, lease)) return undefined;
      await Deno.remove(path).catch(() => {}); // another process may be faster
      if (dead !== "" && hasDied(dead)) await Deno.remove(dead).catch(() => {}); // its only claim is gone
      if (!await create(path, sign)) return undefined;
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

/** The claims of this process while it encodes. Disposing of them gives all blocks free. */
export interface Claims extends AsyncDisposable {
  /**
   * Yields each block with the claim on it, which this process has until `release`. Blocks of other processes
   * come last, when these give them free or have died; `onWait` is called about every second meanwhile.
   */
  take<T>(
    blocks: readonly Block<T>[],
    options?: { signal?: AbortSignal; onWait?: () => Promise<void> },
  ): AsyncGenerator<{ inputs: readonly T[]; release: Claim["release"] }, void>;
  /** Says that this process still works on its blocks. */
  renew(): Promise<void>;
}

/** Returns this process's claims in a cache's folder. Without a folder, it works alone. */
export function openClaims(folder: string | undefined): Claims {
  const sign = folder === undefined ? undefined : signOfLife(), held = new Set<Claim>();
  const release = async (claim: Claim) => {
    held.delete(claim);
    await claim.release();
  };
  return {
    async *take(blocks, { signal, onWait } = {}) {
      for (let left = blocks.filter(({ inputs }) => inputs.length > 0); left.length > 0;) {
        const others: typeof left = [];
        for (const block of left) {
          const own = folder === undefined
            ? { ...ALONE }
            : await claim(folder, block.name, { sign: sign?.path });
          if (!own) others.push(block);
          else {
            held.add(own);
            yield { inputs: block.inputs, release: () => release(own) };
          }
        }
        if (others.length === left.length) {
          await pause(signal);
          await onWait?.();
        }
        left = others;
      }
    },
    renew: async () => void await Promise.all([...held].map((claim) => claim.renew())),
    async [Symbol.asyncDispose]() {
      for (const claim of [...held]) await release(claim);
      sign?.end();
    },
  };
}

/** The claim of a process that works alone. */
const ALONE: Claim = { renew: () => Promise.resolve(), release: () => Promise.resolve() };

/** Waits a second, or until the signal. */
async function pause(signal?: AbortSignal): Promise<void> {
  await delay(1000, undefined, { signal }).catch(() => {});
  signal?.throwIfAborted();
}

/** Creates a claim's file, which names the process's sign of life. Returns false if it exists. */
async function create(path: string, sign: string): Promise<boolean> {
  try {
    await Deno.writeTextFile(path, sign, { createNew: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** Returns whether a claim's process has ended on this host, or has not renewed it in time. */
async function isStale(path: string, lease: number): Promise<boolean> {
  try {
    const sign = await Deno.readTextFile(path), { mtime } = await Deno.stat(path);
    return (sign !== "" && hasDied(sign)) || Date.now() - Number(mtime) > lease;
  } catch {
    return true; // it was given free
  }
}
