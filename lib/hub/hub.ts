/** Requests to a model hub: retried if that may help, refused with a clear error otherwise. */
import { badInput } from "../errors.ts";
import * as http from "../fetch/mod.ts";
import { HTTP, type Http, Passing, RemoteFault, retryAfter, statusOf } from "../fetch/mod.ts";

/** A hub's address and how to talk to it. */
export interface Hub extends Http {
  /** URL without a trailing slash. */
  endpoint: string;
  /** Access token, sent to the endpoint only, never to a host that it redirects to. */
  token?: string;
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
  return { endpoint, token: Deno.env.get("HF_TOKEN")?.trim() || undefined, ...HTTP };
}

/** Retries as `http.retrying` does. Throws UndertoneError. */
export async function retrying<T>(hub: Hub, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await http.retrying(hub, work, signal);
  } catch (error) {
    throw error instanceof RemoteFault ? error.sentence : error;
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
export function request<T>(
  hub: Hub,
  url: string,
  subject: Subject,
  read: (response: Response, alive: () => void) => Promise<T>,
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<T> {
  const own = new URL(url).origin === new URL(hub.endpoint).origin;
  return http.request(hub, url, read, {
    headers: { ...(hub.token && own ? { authorization: `Bearer ${hub.token}` } : {}), ...headers },
    signal,
    refusal: (response) => refusal(hub, response, subject),
    todo:
      "Check the network, or name a proxy with HTTPS_PROXY or a mirror with HF_ENDPOINT. Then try again: " +
      "what was fetched is kept.",
  });
}

/** Returns the error for a response that is not ok: `Passing` if a retry may help, else UndertoneError. */
function refusal({ endpoint, token }: Hub, response: Response, { model, revision }: Subject): Error {
  const { status, headers } = response;
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
    found: statusOf(response),
    at: response.url || page,
    todo: "Try again later: what was fetched is kept.",
  };
  if (status !== 429 && status < 500) return badInput(why);
  return new Passing(why, retryAfter(response));
}
