/** Options of working one value ahead. */
interface AheadOptions<T> {
  /** Aborts the call, which throws the signal's reason instead of the next value. */
  signal?: AbortSignal;
  /** Whether the next value may be made while this one is used. Default: always. */
  mayOverlap?(value: T): boolean;
}

/**
 * Yields what a generator yields, and lets it make its next value while the caller uses one. What the
 * generator throws comes after the values before it. It is told by its signal when no more is wanted.
 */
export async function* oneAhead<T>(
  generator: (signal: AbortSignal) => AsyncGenerator<T, void>,
  { signal, mayOverlap = () => true }: AheadOptions<NoInfer<T>> = {},
): AsyncGenerator<T, void> {
  const end = new AbortController();
  const values = generator(signal ? AbortSignal.any([signal, end.signal]) : end.signal);
  const take = () => {
    const next = values.next();
    next.catch(() => {}); // thrown when its turn comes, if it comes
    return next;
  };
  try {
    for (let next = take();;) {
      const { value, done } = await next;
      signal?.throwIfAborted();
      if (done) return;
      const early = mayOverlap(value) ? take() : undefined;
      yield value;
      next = early ?? take();
    }
  } finally {
    end.abort();
    await values.return().catch(() => {});
  }
}
