/** Asks a yes-or-no question on a terminal. */

/** Returns whether the user answers yes. Unlike `confirm`, it ends at Ctrl-C. Throws its reason. */
export async function agrees(question: string, signal: AbortSignal): Promise<boolean> {
  Deno.stderr.writeSync(new TextEncoder().encode(`${question} [y/N] `));
  const buffer = new Uint8Array(64), { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const count = await Promise.race([Deno.stdin.read(buffer), stopped]);
    return /^y(es)?\s*$/i.test(new TextDecoder().decode(buffer.subarray(0, count ?? 0)));
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
