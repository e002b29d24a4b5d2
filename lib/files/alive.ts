/**
 * Signs of life: files on this host's own disk that a process holds locked. The lock ends with the
 * process.
 */
import { existsSync } from "node:fs";

/** A sign of life of this process. */
export interface SignOfLife {
  path: string;
  /** Removes it. */
  end(): void;
}

/** Makes a sign of life. Returns undefined if there is no place for it. */
export function signOfLife(): SignOfLife | undefined {
  try {
    const path = Deno.makeTempFileSync({ prefix: "undertone-", suffix: ".alive" });
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
