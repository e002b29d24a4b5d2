/**
 * Signs of life: files on this host's own disk that a process holds locked. The lock ends with the
 * process.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** A sign of life of this process. */
export interface SignOfLife {
  path: string;
  /** Removes it. */
  end(): void;
}

/** Whether this process has removed old signs of others. */
let isSwept = false;

/**
 * Makes a sign of life. The first one of a process also removes those of processes that were killed. Returns
 * undefined if there is no place for it.
 */
export function signOfLife(): SignOfLife | undefined {
  try {
    const path = Deno.makeTempFileSync({ prefix: "undertone-", suffix: ".alive" });
    if (!isSwept) removeOldSigns(dirname(path));
    isSwept = true;
    const file = Deno.openSync(path, { write: true });
    file.lockSync(true);
    return {
      path,
      end: () => {
        file.close();
        try {
          Deno.removeSync(path);
        } catch {
          // somebody has cleaned the temporary folder
        }
      },
    };
  } catch {
    return undefined;
  }
}

/**
 * Returns whether the process of a sign of life is known to have ended. Signs of other hosts are not
 * known.
 */
export function hasDied(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    using sign = Deno.openSync(path, { write: true });
    return sign.tryLockSync(true);
  } catch {
    return false; // another user's
  }
}

/**
 * Age after which the sign of a process that has ended is removed, in ms. A sign proves at once that its
 * process has ended. Without it, locks and claims expire within two minutes.
 */
const OLD = 24 * 3600_000;

/** Removes old signs of processes that have ended: nobody has taken their work over. */
export function removeOldSigns(folder: string, now: number = Date.now()): void {
  for (const { name } of Deno.readDirSync(folder)) {
    if (!/^undertone-.*\.alive$/.test(name)) continue;
    const path = join(folder, name);
    try {
      if (now - Number(Deno.statSync(path).mtime) > OLD && hasDied(path)) Deno.removeSync(path);
    } catch {
      // another process was faster, or it is another user's
    }
  }
}
