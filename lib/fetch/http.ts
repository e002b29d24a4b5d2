/** HTTP requests, tried again while that may help. */
import { badInput, type Expectation, type UndertoneError } from "../errors.ts";

/** How to wait for a server. */
export interface Http {
  /** Milliseconds without data after which a connection counts as broken. */
  silence: number;
  /** Waits `time` milliseconds before the next try. */
  pause(time: number, signal?: AbortSignal): Promise<void>;
  /** Called before each retry with the reason and the wait in milliseconds. */
  onPause?(why: string, time: number): void;
}

/** Patience for servers of the internet. */
export const HTTP: Http = { silence: 60_000, pause };

/**
 * A failure at the other end of a connection. Its message is the `found` of `sentence`, the error to throw.
 */
export class RemoteFault extends Error {
  readonly sentence: UndertoneError;
  constructor(why: Expectation, cause?: unknown) {
    super(why.found);
    this.sentence = badInput(why, cause);
  }
}

/**
 * A failure that may pass: another try can succeed. `wait` is the server's Retry-After in milliseconds, if
 * known.
 */
export class Passing extends RemoteFault {
  constructor(why: Expectation, readonly wait?: number, cause?: unknown) {
    super(why, cause);
  }
}

/** Milliseconds to wait before the second try, the third, and so on. */
const PAUSES = [1000, 2000, 4000, 8000, 16_000];
/** The longest wait, in milliseconds, that a server's Retry-After may ask for. */
const LONGEST_PAUSE = 120_000;

/** Returns the result of `work`. Retries after each `Passing` failure and throws it at the sixth. */
export async function retrying<T>(http: Http, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let failures = 0;; failures++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Passing) || failures === PAUSES.length) throw error;
      const time = Math.min(error.wait ?? PAUSES[failures], LONGEST_PAUSE);
      http.onPause?.(error.message, time);
      await http.pause(time, signal);
    }
  }
}

export interface Asking {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Returns the error for an answer that is neither a success nor 416 (range not satisfiable). */
  refusal(response: Response): Error;
  /** What the user can do if the connection breaks. */
  todo: string;
}

/**
 * Sends a GET request and returns what `read` makes of the response. `read` calls `alive` whenever data
 * arrives. Throws `Passing` if the connection breaks, and what `refusal` returns.
 */
export async function request<T>(
  http: Http,
  url: string,
  read: (response: Response, alive: () => void) => Promise<T>,
  { headers, signal, refusal, todo }: Asking,
): Promise<T> {
  const silent = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(new Error(`no data for ${http.silence / 1000} s`)), http.silence);
  };
  try {
    alive();
    const response = await fetch(url, {
      // Sizes and ranges count the file's own bytes.
      headers: { "accept-encoding": "identity", ...headers },
      signal: AbortSignal.any([silent.signal, ...(signal ? [signal] : [])]),
    });
    if (response.ok || response.status === 416) return await read(response, alive);
    await response.body?.cancel();
    throw refusal(response);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TypeError || error === silent.signal.reason) {
      throw new Passing(broken(url, error as Error, todo), undefined, error);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the milliseconds that a response asks to wait, in seconds or until a date. */
export function retryAfter({ headers }: Response, now = Date.now()): number | undefined {
  const told = headers.get("retry-after") ?? "";
  const time = /^\d+$/.test(told) ? 1000 * Number(told) : Date.parse(told) - now;
  return Number.isFinite(time) ? Math.max(0, time) : undefined;
}

/** Formats the status of a response: `status 503 (Service Unavailable)`. */
export const statusOf = ({ status, statusText }: Response): string =>
  `status ${status}${statusText ? ` (${statusText})` : ""}`;

function broken(url: string, { message, cause }: Error, todo: string): Expectation {
  const told = cause instanceof Error ? cause.message : message;
  return {
    expected: "a connection that lasts",
    found: `no connection (${told.replace(/^error sending request for url \(.*?\): /, "")})`,
    at: new URL(url).origin,
    todo,
  };
}

function pause(time: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, time);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
