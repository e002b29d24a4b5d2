/** Sends what @huggingface/hub asks for: with retries, whole bodies, and the hub's token to the hub alone. */
import { badInput, UndertoneError } from "../../errors.ts";
import { Passing, retryAfter, statusOf } from "../../fetch/mod.ts";
import { retrying } from "../hub.ts";
import type { WritableHub } from "./token.ts";

/** Slowest upload that does not count as broken, in bytes per millisecond. */
const SLOWEST = 10;

const AGAIN = "Run the same command again: files that the hub already has are not sent again.";

/**
 * Returns a `fetch` for uploads. Requests are tried again after a broken connection and while the hub is
 * busy. A commit is tried again only if the hub refused it: after a broken connection it may have arrived.
 * Throws UndertoneError if that does not help.
 */
export function sender(hub: WritableHub, signal?: AbortSignal): typeof fetch {
  return async (input, init = {}) => {
    const url = String(input instanceof Request ? input.url : input), isCommit = /\/commit\/[^/]+$/.test(url);
    const headers = new Headers(init.headers);
    const isOwn = new URL(url).origin === new URL(hub.endpoint).origin;
    if (!isOwn && headers.get("authorization") === `Bearer ${hub.token}`) headers.delete("authorization");
    // Stores want the length of a body, which a stream does not tell.
    const body = init.body instanceof Blob ? await new Response(init.body.stream()).bytes() : init.body;
    const attempt = () => once(url, { ...init, headers, body }, { hub, isCommit, signal });
    return await retrying(hub, attempt, signal);
  };
}

async function once(
  url: string,
  init: RequestInit,
  { hub, isCommit, signal }: { hub: WritableHub; isCommit: boolean; signal?: AbortSignal },
): Promise<Response> {
  const slow = new AbortController(), time = hub.silence + sizeOf(init.body) / SLOWEST;
  const timer = setTimeout(() => slow.abort(new Error("no answer in time")), time);
  const signals = [slow.signal, ...[signal, init.signal].flatMap((each) => each ?? [])];
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
    if (response.status !== 429 && response.status < 500) return response;
    await response.body?.cancel();
    const found = statusOf(response), expected = "an answer from the hub";
    throw new Passing({ expected, found, at: withoutQuery(url), todo: AGAIN }, retryAfter(response));
  } catch (error) {
    signal?.throwIfAborted();
    const isBroken = error instanceof TypeError || error === slow.signal.reason;
    if (!isBroken || error instanceof Deno.errors.NotCapable) throw error;
    const found = `no connection (${reasonOf(error as Error)})`, at = new URL(url).origin;
    const why = { expected: "a connection that lasts", found, at, todo: AGAIN };
    if (!isCommit) throw new Passing(why, undefined, error);
    throw badInput(
      { ...why, todo: `The commit may have arrived: look at the model's page. ${AGAIN}` },
      error,
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Returns the error for a failed upload. Addresses lose their queries, which may hold signatures, and a token
 * that somebody sent back is cut out. `UndertoneError` and missing permissions stay as they are.
 */
export function uploadFault(error: unknown, hub: WritableHub, name: string): unknown {
  if (error instanceof UndertoneError || error instanceof Deno.errors.NotCapable) return error;
  const { statusCode: status } = error as { statusCode?: number };
  const page = `${hub.endpoint}/${name}`;
  if (status === 401) {
    return badInput({
      expected: "a token that the hub knows",
      found: "one that it rejects",
      at: hub.endpoint,
      todo: `Make a token with write access at ${hub.endpoint}/settings/tokens, and set HF_TOKEN to it.`,
    });
  }
  if (status === 403) {
    return badInput({
      expected: `a token that may write to ${name}`,
      found: "one that may not",
      at: page,
      todo: `Name a model of your own account or organisation, and use a token with write access.`,
    });
  }
  const { data, message = String(error) } = error as {
    data?: { error?: unknown; message?: unknown };
    message?: string;
  };
  const said = cleaned(String(data?.error ?? data?.message ?? message), hub) || "without a reason";
  const found = status === undefined ? `an error (${said})` : `status ${status} (${said})`;
  const isRefused = status !== undefined && status >= 400 && status < 500;
  const todo = isRefused ? `Mend what the hub names. ${AGAIN}` : AGAIN;
  return badInput({ expected: "an upload that the hub accepts", found, at: page, todo });
}

const cleaned = (message: string, { token }: WritableHub): string =>
  withoutQuery(message.replaceAll(token, "…")).replaceAll(/\s+/g, " ").replaceAll(/\p{Cc}/gu, "").slice(
    0,
    300,
  );

const withoutQuery = (text: string): string => text.replaceAll(/\?[^\s"')]*/g, "");

const reasonOf = ({ message, cause }: Error): string =>
  withoutQuery(
    (cause instanceof Error ? cause.message : message).replace(
      /^error sending request for url \(.*?\): /,
      "",
    ),
  );

function sizeOf(body: BodyInit | null | undefined): number {
  if (typeof body === "string") return body.length;
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body.byteLength : 0;
}
