/** Plays a recording inside a notebook. */
import { badInput } from "../errors.ts";
import { fromProject } from "../paths.ts";
import { playable, playableType } from "./clips.ts";
import { DISPLAY, type Shown } from "./show.ts";
import { escape } from "./svg.ts";

/** Most bytes of a recording that a page holds. */
const MOST_BYTES = 2 ** 25;

/**
 * Returns a player for the recording at `path`, with its bytes embedded in the page and `caption` below it.
 * Throws UndertoneError if browsers can't play the file, or if it is too large for a page.
 *
 * @example
 * ```ts
 * import { clipPath, listen, loadDataset } from "@undertone/undertone";
 *
 * const { root, rows } = await loadDataset("sample");
 * const { audio, text } = rows.find(({ audio }) => audio)!;
 * await listen(clipPath(root, audio!), text); // as the last line of a cell
 * ```
 */
export async function listen(path: string, caption = ""): Promise<Shown> {
  const type = playableType(path);
  const size = (await Deno.stat(fromProject(path)).catch(() => undefined))?.size ?? 0;
  if (size > MOST_BYTES) {
    throw badInput({
      expected: `a recording of at most ${MOST_BYTES / 2 ** 20} MB`,
      found: `one of ${Math.round(size / 2 ** 20)} MB`,
      at: path,
      todo: "Cut it: a notebook holds all its bytes.",
    });
  }
  const bytes = await Deno.readFile(fromProject(path)).catch((cause) => {
    throw badInput(
      { expected: "a recording", found: `none (${cause})`, at: path, todo: "Check the path." },
      cause,
    );
  });
  if (!type) {
    const known = playable().join(", ");
    throw badInput({
      expected: `a recording that browsers play (${known})`,
      found: "another kind of file",
      at: path,
      todo: "Convert it.",
    });
  }
  const html =
    `<figure style="margin:0"><audio controls preload="metadata" src="data:${type};base64,${bytes.toBase64()}">` +
    `</audio><figcaption>${escape(caption)}</figcaption></figure>`;
  return { [DISPLAY]: () => Promise.resolve({ "text/html": html, "text/plain": caption || "a recording" }) };
}

/**
 * Returns a player for each recording, one below the other. Throws UndertoneError as `listen` does.
 *
 * @example
 * ```ts
 * import { clipPath, listenToAll, loadDataset } from "@undertone/undertone";
 *
 * const { root, rows } = await loadDataset("sample");
 * const clips = rows.slice(0, 2).map(({ audio, text }) => ({ path: clipPath(root, audio!), caption: text }));
 * await listenToAll(clips); // as the last line of a cell
 * ```
 */
export async function listenToAll(recordings: readonly { path: string; caption?: string }[]): Promise<Shown> {
  const players: Record<string, unknown>[] = [];
  for (const { path, caption } of recordings) {
    players.push(await (await listen(path, caption))[DISPLAY]());
  }
  const joined = (type: string) => players.map((player) => player[type]).join("\n");
  return {
    [DISPLAY]: () =>
      Promise.resolve({ "text/html": joined("text/html"), "text/plain": joined("text/plain") }),
  };
}
