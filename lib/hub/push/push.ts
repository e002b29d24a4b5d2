/** Uploads files to a model on the hub, in one commit, by Hugging Face's own client. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { parseWith } from "../../schema.ts";
import { isModelName } from "../place.ts";
import { sender, uploadFault } from "./sending.ts";
import type { WritableHub } from "./token.ts";

/** A file to upload. */
export interface PushFile {
  /** Path in the model's repository. */
  path: string;
  /** Path on this machine. */
  from: string;
  /** Size in bytes. */
  size: number;
}

/** What is on the hub under a name: nothing, or a model. */
export interface Destination {
  exists: boolean;
  /** Whether only its owner sees it; undefined if it does not exist. */
  isPrivate?: boolean;
}

const repository = z.object({ private: z.boolean() });

/** Throws UndertoneError unless a name is that of an owner's model: `user/name`. */
export function requireOwned(name: string | undefined): asserts name is string {
  if (name?.includes("/") && isModelName(name)) return;
  throw badInput({
    expected: "an owner and a name, such as jane/emotions",
    found: name === undefined ? "nothing" : `'${name}'`,
    at: "--to",
    todo: "Write --to <your account>/<name>.",
  });
}

/** Asks the hub what is under a name. Throws UndertoneError. */
export async function destinationOf(
  hub: WritableHub,
  name: string,
  signal?: AbortSignal,
): Promise<Destination> {
  const url = `${hub.endpoint}/api/models/${name}`, headers = { authorization: `Bearer ${hub.token}` };
  const response = await sender(hub, signal)(url, { headers });
  if (response.ok) {
    const { private: isPrivate } = parseWith(repository, await response.json().catch(() => undefined), url);
    return { exists: true, isPrivate };
  }
  const statusCode = response.status, message = await response.text();
  if (statusCode === 404) return { exists: false };
  throw uploadFault(Object.assign(new Error(message), { statusCode }), hub, name);
}

/**
 * Uploads files to a model, which is made first if it does not exist. Either all files arrive or none, and a
 * second call sends only what the hub lacks. Throws UndertoneError.
 */
export async function pushFiles(
  hub: WritableHub,
  name: string,
  files: readonly PushFile[],
  { to, isPrivate, title, signal, onBytes }: {
    to: Destination;
    /** Visibility of a new model. */
    isPrivate: boolean;
    /** Title of the commit. */
    title: string;
    signal?: AbortSignal;
    /** Called with the bytes that are sent or were there already, and the file of the newest. */
    onBytes?(have: number, path: string): void;
  },
): Promise<{ commit: string; url: string }> {
  // Loaded here, because only uploads need it.
  const { commitIter, createRepo } = await import("@huggingface/hub");
  const repo = { type: "model" as const, name };
  const common = { repo, accessToken: hub.token, hubUrl: hub.endpoint, fetch: sender(hub, signal) };
  try {
    if (!to.exists) await createRepo({ ...common, visibility: isPrivate ? "private" : "public" });
    const sizes = new Map(files.map(({ path, size }) => [path, size])), sent = new Map<string, number>();
    const events = commitIter({
      ...common,
      title,
      abortSignal: signal,
      operations: files.map(({ path, from }) => ({
        operation: "addOrUpdate",
        path,
        content: pathToFileURL(resolve(from)),
      })),
    });
    for (;;) {
      const { done, value } = await events.next();
      if (done) {
        if (value) return { commit: value.commit.oid, url: `${hub.endpoint}/${name}` };
        throw new TypeError("the hub's client tells no commit");
      }
      if (value.event !== "fileProgress" || value.state === "hashing") continue;
      sent.set(value.path, Math.round(value.progress * (sizes.get(value.path) ?? 0)));
      onBytes?.([...sent.values()].reduce((sum, bytes) => sum + bytes, 0), value.path);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw uploadFault(error, hub, name);
  }
}
