/** A hub of models, and requests to it: tried again where that may help, refused in sentences. */
import { badInput, type Expectation, type UndertoneError } from "../errors.ts";

/** Where a hub is and how it is spoken to. */
export interface Hub {
  /** Without a slash at its end. */
  endpoint: string;
  /** Goes to the endpoint alone, never to a host that it redirects to. */
  token?: string;
  /** Milliseconds without a sign of life after which a connection counts as broken. */
  silence: number;
  /** Waits before the next try, in milliseconds. */
  pause(time: number, signal?: AbortSignal): Promise<void>;
  /** Hears what went wrong, and after how many milliseconds it is tried again. */
  onPause?(why: string, time: number): void;
}

/** Hugging Face's hub, or the one that HF_ENDPOINT names, with the token in HF_TOKEN if any. Throws UndertoneError. */
export function hubFromEnvironment(): Hub {
  const endpoint = (Deno.env.get("HF_ENDPOINT") || "https://huggingface.co").replace(/\/+$/, "");
  if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint)) {
    throw badInput({
      expected: "the address of a hub",
      found: `'${endpoint}'`,
      at: "HF_ENDPOINT",
      todo: "Write it as https://huggingface.co is, or unset it.",
    });
  }
  return { endpoint, token: Deno.env.get("HF_TOKEN")?.trim() || undefined, silence: 60_000, pause };
}

/** Before the second try, the third, and so on. */
const PAUSES = [1000, 2000, 4000, 8000, 16_000];
/** A server may ask for more patience, up to this. */
const LONGEST_PAUSE = 120_000;

/** A failure that the next try may not meet, and after how many ms that is to be, where it is known. */
export class Passing extends Error {
  /** What to say if all tries meet it. */
  readonly sentence: UndertoneError;
  constructor(why: Expectation, readonly wait?: number, cause?: unknown) {
    super(why.found);
    this.sentence = badInput(why, cause);
  }
}

/** The result of `work`, which is done again after each `Passing` failure until there have been six. */
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

/** What is asked for, for the sentences. */
export interface Subject {
  /** Name of the model. */
  model: string;
  revision: string;
}

/**
 * Gives the answer to a GET of `url` to `read`, which says `alive` whenever something came. Throws `Passing` where the
 * connection breaks or the hub is busy, UndertoneError where it refuses.
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
    timer = setTimeout(() => silent.abort(new Error(`no word for ${hub.silence / 1000} s`)), hub.silence);
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
    todo: "See to the network, name a proxy with HTTPS_PROXY or a mirror with HF_ENDPOINT, then try again: " +
      "what was fetched is kept.",
  };
}

/** Why the hub said no, in our words; `Passing` where it may not say so again. */
function refusal({ endpoint, token }: Hub, response: Response, { model, revision }: Subject): Error {
  const { status, statusText, headers } = response;
  const code = headers.get("x-error-code"), message = headers.get("x-error-message") ?? "";
  const page = `${endpoint}/${model}`;
  if (code === "GatedRepo") {
    return badInput({
      expected: "a model that is free to fetch",
      found: token ? "one that this token may not read (gated)" : "one whose owner asks who wants it (gated)",
      at: page,
      todo: "Agree to its terms on that page, and set HF_TOKEN to a token of the account that did.",
    });
  }
  if (status === 401 && message.startsWith("Invalid credentials")) {
    return badInput({
      expected: "a token that the hub knows",
      found: "another one",
      at: "HF_TOKEN",
      todo: "Set it to a valid one, or unset it: public models need none.",
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
