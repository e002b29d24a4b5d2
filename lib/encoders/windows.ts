/** Overlapping windows over an input that is too long for one pass. */

/** One window, in states of the whole input: where it starts, and which states are kept, `from` to `to`. */
export interface Window {
  /** The window's first state. */
  start: number;
  /** The first state that is kept. */
  from: number;
  /** The state after the last one that is kept. */
  to: number;
}

/**
 * Returns windows of `length` states that cover `total` states, which must be more. Neighbours overlap by at
 * least half, and each keeps the states up to the middle of the overlap: those that hear most around them.
 */
export function windowsOver(total: number, length: number): Window[] {
  const hop = Math.max(1, Math.floor(length / 2)), starts: number[] = [];
  for (let start = 0; start + length < total; start += hop) starts.push(start);
  starts.push(total - length);
  const middle = (i: number) => Math.floor((starts[i] + starts[i - 1] + length) / 2);
  return starts.map((start, i) => ({
    start,
    from: i === 0 ? 0 : middle(i),
    to: i === starts.length - 1 ? total : middle(i + 1),
  }));
}
