/** Frees what running calls share, once none of them needs it. */

/**
 * Returns how to free something that asynchronous calls share. After `release`, `end` is called as soon as no
 * call of `during` runs. Calls that start in between still find it, and `end` waits for them too.
 */
export function afterUse(end: () => void): {
  during<T>(call: () => Promise<T>): Promise<T>;
  release(): void;
} {
  let running = 0, isDue = false;
  const endIfUnused = () => {
    if (!isDue || running > 0) return;
    isDue = false;
    end();
  };
  return {
    async during(call) {
      running++;
      try {
        return await call();
      } finally {
        running--;
        endIfUnused();
      }
    },
    release() {
      isDue = true;
      endIfUnused();
    },
  };
}
