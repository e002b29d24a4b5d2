/** Which names of an archive's entries are unpacked, and where. */
import { RemoteFault } from "./http.ts";

/** Files that macOS and Windows add to archives. */
const LITTER = /(^|\/)(__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|Icon\r$)/i;

/** Longest part of a path that common file systems allow, in bytes. */
const LONGEST_PART = 255;

/**
 * Returns the relative path of an entry, or undefined if it is a folder or was added by an operating system.
 * Throws RemoteFault if the path would lead out of a folder, or could be read as one that does.
 */
export function entryPath(name: string, archive: string): string | undefined {
  if (LITTER.test(name)) return undefined;
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  const isBad = /^\/|^[a-z]:/i.test(name) || parts.some((part) =>
    // deno-lint-ignore no-control-regex
    part === ".." || /[\\:\x00-\x1f]/.test(part) || new TextEncoder().encode(part).length > LONGEST_PART
  );
  if (isBad) {
    throw new RemoteFault({
      expected: "an archive whose files stay in its folder",
      found: `the entry ${JSON.stringify(name.slice(0, 100))}`,
      at: archive,
      todo: "Nothing of it was written there. It is not the published archive: remove it and fetch it again.",
    });
  }
  return name.endsWith("/") || parts.length === 0 ? undefined : parts.join("/");
}
