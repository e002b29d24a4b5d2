/** Requests to a model hub: retried if that may help, refused with a clear error otherwise. */
import { badInput, type Expectation, type UndertoneError } from "../errors.ts";

/** A hub's address and how to talk to it. */
export interface Hub {
  /** URL without a trailing slash. */
  endpoint: string;
  /** Access token, sent to the endpoint only, never to a host that it redirects to. */
  token?: string;
  /** Milliseconds without data after which a connection counts as broken. */
  silence: number;
  /** Waits `time` milliseconds before the next try. */
  pause(time: number, signal?: AbortSignal): Promise<void>;
  /** Called before each retry with the reason and the wait in milliseconds. */
  onPause?(why: string, time: number): void;
}

/**
 * Returns Hugging Face's hub, or the one in HF_ENDPOINT, with the token in HF_TOKEN if set. Throws
 * UndertoneError.
 */
export function hubFromEnvironment(): Hub {
  const endpoint = (Deno.env.get("HF_ENDPOINT") || "https://huggingface.co").replace(/\/+$/, "");
  if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint)) {
    throw badInput({
      expected: "the address of a hub",
      found: `'${endpoint}'`,
      at: "HF_ENDPOINT",
      todo: "Write a full address such as https://huggingface.co, or unset it.",
    });
  }
  return { endpoint, token: Deno.env.get("HF_TOKEN")?.trim() || undefined, silence: 60_000, pause };
}

/** Milliseconds to wait before the second try, the third, and so on. */
const PAUSES = [1000, 2000, 4000, 8000, 16_000];
/** The longest wait, in milliseconds, that a server's Retry-After may ask for. */
const LONGEST_PAUSE = 120_000;

/**
 * A failure that may pass: another try can succeed. `wait` is the server's Retry-After in milliseconds, if
 * known.
 */
export class Passing extends Error {
  /** The error to throw if every try fails. */
  readonly sentence: UndertoneError;
  constructor(why: Expectation, readonly wait?: number, cause?: unknown) {
    super(why.found);
    this.sentence = badInput(why, cause);
  }
}

/** Returns the result of `work`. Retries after each `Passing` failure and throws at the sixth. */
export async function retrying<T>(hub: Hub, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let failures = 0;; failures++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Passing)) throw error;
      if (failures === PAUSES.length) throw error.sentence;
      const time = Math.min(error.wait ?? PAUSES[failures], LONGEST_PAUSE);
      hub.onPause?.(error.message, time);
      await hub.pause(time, signal);
    }
  }
}

/** The model and revision that a request is about; errors name them. */
export interface Subject {
  /** Name of the model. */
  model: string;
  revision: string;
}

/**
 * Sends a GET request and returns what `read` makes of the response. `read` calls `alive` whenever data
 * arrives. Throws `Passing` if the connection breaks or the hub is busy, and UndertoneError if the hub
 * refuses.
 */
export async function request<T>(
  hub: Hub,
  url: string,
  subject: Subject,
  read: (response: Response, alive: () => void) => Promise<T>,
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<T> {
  const silent = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(new Error(`no data for ${hub.silence / 1000} s`)), hub.silence);
  };
  const own = new URL(url).origin === new URL(hub.endpoint).origin;
  try {
    alive();
    const response = await fetch(url, {
      headers: {
        "accept-encoding": "identity", // sizes and ranges count the file's own bytes
        ...(hub.token && own ? { authorization: `Bearer ${hub.token}` } : {}),
        ...headers,
      },
      signal: AbortSignal.any([silent.signal, ...(signal ? [signal] : [])]),
    });
    if (response.ok) return await read(response, alive);
    await response.body?.cancel();
    throw refusal(hub, response, subject);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TypeError || error === silent.signal.reason) {
      throw new Passing(broken(url, error as Error), undefined, error);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function broken(url: string, { message, cause }: Error): Expectation {
  const told = cause instanceof Error ? cause.message : message;
  return {
    expected: "a connection that lasts",
    found: `none (${told.replace(/^error sending request for url \(.*?\): /, "")})`,
    at: new URL(url).origin,
    todo:
      "Check the network, or name a proxy with HTTPS_PROXY or a mirror with HF_ENDPOINT. Then try again: " +
      "what was fetched is kept.",
  };
}

/** Returns the error for a response that is not ok: `Passing` if a retry may help, else UndertoneError. */
function refusal({ endpoint, token }: Hub, response: Response, { model, revision }: Subject): Error {
  const { status, statusText, headers } = response;
  const code = headers.get("x-error-code"), message = headers.get("x-error-message") ?? "";
  const page = `${endpoint}/${model}`;
  if (code === "GatedRepo") {
    return badInput({
      expected: "a model that is free to fetch",
      found: token
        ? "one that this token may not read (gated)"
        : "one whose owner asks for an agreement first (gated)",
      at: page,
      todo: "Agree to its terms on that page, and set HF_TOKEN to a token of the account that did.",
    });
  }
  if (status === 401 && message.startsWith("Invalid credentials")) {
    return badInput({
      expected: "a token that the hub knows",
      found: "one that it rejects",
      at: "HF_TOKEN",
      todo: "Set HF_TOKEN to a valid token, or unset it: public models need none.",
    });
  }
  if (code === "RevisionNotFound") {
    return badInput({
      expected: "a branch, tag or commit of the model",
      found: `'${revision}', which it does not have,`,
      at: page,
      todo: "Choose another --revision, or leave it out for main.",
    });
  }
  if (code === "RepoNotFound" || status === 401 || status === 403 || (status === 404 && !code)) {
    return badInput({
      expected: "a model of the hub",
      found: `none called '${model}', or a private one,`,
      at: endpoint,
      todo: "Check the name; for a private model set HF_TOKEN to a token that may read it.",
    });
  }
  const why = {
    expected: "an answer from the hub",
    found: `status ${status}${statusText ? ` (${statusText})` : ""}`,
    at: response.url || page,
    todo: "Try again later: what was fetched is kept.",
  };
  if (status !== 429 && status < 500) return badInput(why);
  const seconds = Number(headers.get("retry-after") ?? NaN);
  return new Passing(why, Number.isFinite(seconds) ? 1000 * seconds : undefined);
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
