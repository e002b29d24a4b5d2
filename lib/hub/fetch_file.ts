/** Fetches one file of a commit from the hub. */
import { type Asker, fetchFile as fetchRemote, type FetchOptions, RemoteFault } from "../fetch/mod.ts";
import { addressOf, type HubFile } from "./api.ts";
import { type Hub, request, type Subject } from "./hub.ts";

/**
 * Fetches a file of a commit to `path`. An interruption leaves either a part, from which the next call
 * resumes, or the whole file. Throws UndertoneError if the hub refuses, the disk can't be written, or the
 * checksum is wrong.
 */
export async function fetchFile(
  hub: Hub,
  subject: Subject,
  { path: name, size, checksum }: HubFile,
  path: string,
  options: FetchOptions = {},
): Promise<void> {
  const asker: Asker = {
    http: hub,
    request: (url, read, options) => request(hub, url, subject, read, options),
    todo: "Something on the network changes the file: try again, or use another proxy or mirror " +
      "(HTTPS_PROXY, HF_ENDPOINT).",
  };
  try {
    await fetchRemote(asker, { url: addressOf(hub, subject, name), size, checksum }, path, options);
  } catch (error) {
    throw error instanceof RemoteFault ? error.sentence : error;
  }
}
