/** How much a test does of a trial that has a full size: a little, a fifteenth, or all. */

/** Share of full trials that `deno task test-long` does. */
const LONG_SHARE = 1 / 15;

const long = Deno.env.get("UNDERTONE_LONG_TESTS");

/** True in `deno task test-long` and `deno task soak`. */
export const isLong = long !== undefined;

/** The share of full trials: 0 in `deno task test`; `deno task soak` sets it, 1 by default. */
const share = long === undefined ? 0 : Number(Deno.env.get("UNDERTONE_SOAK") ?? LONG_SHARE);

/** Returns the share of `full` that this run does, at least `quick`, as a whole number. */
export const amount = (quick: number, full: number): number => Math.max(quick, Math.round(full * share));
