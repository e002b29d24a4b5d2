/** Finds the clips that a command line names: files, folders and patterns. */
import { listFiles } from "../../lib/data/mod.ts";
import { badInput } from "../../lib/errors.ts";

/** Names that recordings and videos have. Only the search in folders uses them; a named file needs none. */
const CLIP =
  /\.(wav|wave|flac|mp3|ogg|oga|opus|m4a|aac|aiff?|webm|mp4|m4v|mkv|mov|avi|flv|wmv|wma|amr|3gp|w64|au|sph)$/i;

/** Folders below a named one that are searched, as for data sets. */
const DEPTH = 3;

/** Folders that `**` stands for at most. */
const DEEP = 12;

/**
 * Returns the paths of the clips that the words name, each once, in the order of the words. A folder stands
 * for the clips in it and below it, a pattern (`*`, `?`, `**`, `{wav,mp3}`) for the files that match. `many`
 * is false if a single word names one file. Throws UndertoneError if a folder or pattern has no clip.
 */
export async function clipsOf(words: readonly string[]): Promise<{ paths: string[]; many: boolean }> {
  const paths: string[] = [];
  let many = words.length > 1;
  for (const word of words) {
    const kind = await Deno.stat(word).catch(() => undefined);
    if (!kind?.isDirectory && (kind !== undefined || !/[*?{]/.test(word))) {
      paths.push(word); // a file, or a path whose fault decoding will tell
      continue;
    }
    many = true;
    const found = kind?.isDirectory
      ? (await listFiles(word, DEPTH)).filter((path) => CLIP.test(path)).map((path) => inside(word, path))
      : await matching(word);
    if (found.length === 0) {
      throw badInput({
        expected: kind?.isDirectory ? "a folder with recordings" : "a pattern that files match",
        found: "none",
        at: word,
        todo: kind?.isDirectory
          ? "Name another folder, or files by a pattern such as 'clips/*'."
          : "Check the pattern. Its words are *, ?, ** and {a,b}.",
      });
    }
    for (const path of found) paths.push(path);
  }
  return { paths: [...new Set(paths)], many };
}

const inside = (folder: string, path: string) =>
  folder === "." ? path : `${folder.replace(/\/+$/, "")}/${path}`;

/** Returns the files that match a pattern, sorted. */
async function matching(pattern: string): Promise<string[]> {
  const parts = pattern.split("/"), wild = parts.findIndex((part) => /[*?{]/.test(part));
  const base = parts.slice(0, wild).join("/"), folder = base || (pattern.startsWith("/") ? "/" : ".");
  const depth = parts.includes("**") ? DEEP : parts.length - wild - 1;
  const isMatch = expressionOf(parts.slice(wild).join("/"));
  const files = await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false)
    ? await listFiles(folder, depth)
    : [];
  return files.filter((path) => isMatch.test(path)).map((path) => wild === 0 ? path : `${base}/${path}`);
}

/** Returns the regular expression of a pattern. */
function expressionOf(pattern: string): RegExp {
  const text = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|\{[^{}/]*\}|[.+^${}()|[\]\\]/g, (found) => {
    if (found === "**/") return "(?:.*/)?";
    if (found === "**") return ".*";
    if (found === "*") return "[^/]*";
    if (found === "?") return "[^/]";
    if (!found.startsWith("{") || found.length === 1) return `\\${found}`;
    const words = found.slice(1, -1).split(",").map((word) => word.replaceAll(/[.+^$()|[\]\\]/g, "\\$&"));
    return `(?:${words.join("|")})`;
  });
  return new RegExp(`^${text}$`, "u");
}
