/** Threads that run one loop together, each over a part of the arrays. */
import type { Bound } from "./module.ts";

/** Another thread of this process. */
export interface Helper {
  /**
   * Asks for a run of a loop on a memory that both threads share. Returns a function that waits for its end.
   * If the helper has not begun by then, it won't, and the function returns false.
   */
  ask(loop: Bound, args: readonly number[]): () => boolean;
}

const helpers = new WeakMap<WebAssembly.Memory, readonly Helper[]>();

/** Lets helpers take part in elementwise loops on a memory. An empty list ends that. */
export const helpWith = (memory: WebAssembly.Memory, those: readonly Helper[]): void =>
  void helpers.set(memory, those);

/** Bytes of an array from which on another thread takes a part: waking it takes 40 µs. */
const LARGE = 2 ** 18;

/** Bytes at which parts begin: whole iterations and cache lines. */
const LINE = 2 ** 8;

/**
 * Returns a loop that helpers share. Its first argument is the length of its arrays in bytes, the next ones
 * are where they start, `arrays` of them.
 */
export function inParts(loop: Bound, arrays: number): Bound["run"] {
  const { memory, run } = loop;
  const part = ([, ...rest]: readonly number[], from: number, to: number) => [
    to - from,
    ...rest.map((arg, i) => i < arrays ? arg + from : arg),
  ];
  return (...args) => {
    const [bytes] = args, others = bytes < LARGE ? undefined : helpers.get(memory);
    if (!others?.length) return run(...args);
    const edge = (i: number) =>
      i > others.length ? bytes : LINE * Math.round(i * bytes / (others.length + 1) / LINE);
    const parts = others.map((_, i) => part(args, edge(i + 1), edge(i + 2)));
    const waits = others.map((helper, i) => helper.ask(loop, parts[i]));
    run(...part(args, 0, edge(1)));
    waits.forEach((wait, i) => wait() || run(...parts[i]));
    return 0;
  };
}
