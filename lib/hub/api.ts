/** Asks the hub's API for the commit behind a model's revision and for the files of a commit. */
import { z } from "zod";
import { badInput } from "../errors.ts";
import { parseWith } from "../schema.ts";
import { Passing } from "../fetch/mod.ts";
import { type Hub, request, retrying, type Subject } from "./hub.ts";

/** A file of a commit. `checksum` is `sha256:…` of its bytes, or `git:…`, the SHA-1 of its git blob. */
export interface HubFile {
  path: string;
  size: number;
  checksum: string;
}

/** Most pages of a list of files (a page has 1,000), and most characters of an answer. */
const MOST_PAGES = 200, MOST_CHARACTERS = 2 ** 26;

const COMMIT = /^[0-9a-f]{40}$/;
const revisionAnswer = z.object({ sha: z.string().regex(COMMIT, "a commit of 40 digits") });
const treeAnswer = z.array(z.object({
  type: z.string(),
  path: z.string(),
  size: z.int().min(0),
  oid: z.string(),
  lfs: z.object({ oid: z.string(), size: z.int().min(0) }).nullish(), // the file; `oid` is its pointer
}));

/** Returns the commit that `revision` (a branch, tag or commit) points to now. Throws UndertoneError. */
export async function commitOf(hub: Hub, subject: Subject, signal?: AbortSignal): Promise<string> {
  const url = `${apiOf(hub, subject)}/revision/${encodeURIComponent(subject.revision)}`;
  const { value } = await json(hub, url, subject, signal);
  return parseWith(revisionAnswer, value, url).sha;
}

/** Returns all files of a commit. Throws UndertoneError. */
export async function filesOf(hub: Hub, subject: Subject, signal?: AbortSignal): Promise<HubFile[]> {
  const files: HubFile[] = [], seen = new Set<string>();
  let url: string | undefined = `${apiOf(hub, subject)}/tree/${subject.revision}?recursive=true`;
  while (url) {
    if (seen.has(url) || seen.size === MOST_PAGES) throw endless(url, seen.has(url));
    seen.add(url);
    const { value, next }: Page = await json(hub, url, subject, signal);
    for (const { type, path, size, oid, lfs } of parseWith(treeAnswer, value, url)) {
      if (type !== "file") continue;
      files.push(
        lfs
          ? { path, size: lfs.size, checksum: `sha256:${lfs.oid}` }
          : { path, size, checksum: `git:${oid}` },
      );
    }
    url = next;
  }
  return files;
}

const endless = (url: string, again: boolean) =>
  badInput({
    expected: "a list of files that ends",
    found: again ? "a page that was read before" : `more than ${MOST_PAGES} pages`,
    at: url,
    todo: "Check HF_ENDPOINT: this hub or mirror does not answer as Hugging Face's does.",
  });

/** The URL of a file's bytes. */
export const addressOf = (hub: Hub, { model, revision }: Subject, path: string): string =>
  `${hub.endpoint}/${model}/resolve/${revision}/${path.split("/").map(encodeURIComponent).join("/")}`;

const apiOf = ({ endpoint }: Hub, { model }: Subject) => `${endpoint}/api/models/${model}`;

interface Page {
  value: unknown;
  /** URL of the next page. */
  next?: string;
}

function json(hub: Hub, url: string, subject: Subject, signal?: AbortSignal): Promise<Page> {
  const read = async (response: Response, alive: () => void): Promise<Page> => {
    const text = await textOf(response, alive, url);
    const next = response.headers.get("link")?.match(/<([^>]+)>;\s*rel="?next"?/)?.[1];
    try {
      return { value: JSON.parse(text), next: next && new URL(next, url).href };
    } catch (cause) {
      throw new Passing(
        {
          expected: "a hub that answers with JSON",
          found: "something else",
          at: url,
          todo: "Check that HF_ENDPOINT is a hub and that no log-in page intercepts the request.",
        },
        undefined,
        cause,
      );
    }
  };
  return retrying(hub, () => request(hub, url, subject, read, { signal }), signal);
}

/** Returns the text of an answer. Throws UndertoneError if it is too long to be one of the hub's. */
async function textOf(response: Response, alive: () => void, url: string): Promise<string> {
  let text = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    alive();
    text += part;
    if (text.length <= MOST_CHARACTERS) continue;
    throw badInput({
      expected: `an answer of at most ${MOST_CHARACTERS / 2 ** 20} MB`,
      found: "a longer one",
      at: url,
      todo: "Check HF_ENDPOINT: this hub or mirror does not answer as Hugging Face's does.",
    });
  }
  return text;
}
