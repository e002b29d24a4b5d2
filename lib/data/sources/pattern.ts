/** Reads what the names of clips say, by a pattern such as `{speaker}_{sentence}_{label}_{intensity}`. */
import { badInput } from "../../errors.ts";
import { MANIFEST_COLUMNS } from "./columns.ts";

/** A pattern that was read. */
export interface Pattern {
  /** Names of its fields, in order, each once. */
  fields: readonly string[];
  /** Returns the fields of a path without its ending, or undefined if the path does not fit. */
  match(path: string): Record<string, string> | undefined;
}

/** How a field is written: its name, and perhaps its length or the kind of its characters. */
const FIELD = /^\{([A-Za-z_]\w*)(?::(\d+|letters|digits))?\}$/,
  PART = /(\{[A-Za-z_]\w*(?::(?:\d+|letters|digits))?\})/;
const WORDS: Readonly<Record<string, string>> = { letters: "\\p{L}+", digits: "\\p{Nd}+" };

/** Fields that a row can have. */
export const FIELDS: readonly string[] = MANIFEST_COLUMNS.filter((name) => name !== "audio");

/** How a pattern is written, for help and errors. */
export const PATTERNS = "{speaker}_{sentence}_{label}, {label}/{speaker:2}{take:digits}, …";

/**
 * Reads a pattern. It is compared with the name of a clip; with a `/` in it, with as many folders above the
 * clip too. A field holds no `/` and none of the characters that border it in the pattern; `{speaker:2}` has
 * two characters, `{label:letters}` and `{take:digits}` only such. Throws UndertoneError.
 */
export function readPattern(pattern: string): Pattern {
  const fail = (found: string, todo: string) =>
    badInput({
      expected: `a pattern of fields, such as ${PATTERNS}`,
      found,
      at: `--pattern ${pattern}`,
      todo,
    });
  const parts = pattern.replace(/\.\w{1,5}$/, "").split(PART);
  const fields: string[] = [];
  let source = "";
  parts.forEach((part, i) => {
    const [, name, kind] = i % 2 === 1 ? FIELD.exec(part)! : [];
    if (name === undefined) {
      if (/[{}]/.test(part)) {
        throw fail(`'${part}'`, "Write a field as {name}, {name:2}, {name:letters} or {name:digits}.");
      }
      source += part.replaceAll(/[\\^$.*+?()[\]|]/g, "\\$&");
      return;
    }
    if (name === "audio") throw fail("the field {audio}", "Leave it out: the clip itself is the audio.");
    const next = parts[i + 1], before = parts[i - 1];
    const isOpen = (field: string | undefined) => field !== undefined && /^\{\w+\}$/.test(field);
    if (next === "" && isOpen(part) && parts[i + 2] !== undefined) {
      throw fail(
        `the fields ${part}${parts[i + 2]} side by side`,
        `Say where ${part} ends: {${name}:2}, {${name}:letters} or {${name}:digits}.`,
      );
    }
    const borders = [...new Set(["/", before.slice(-1), next?.slice(0, 1) ?? ""])].join("");
    const text = kind === undefined
      ? `[^${borders.replaceAll(/[\\\]^-]/g, "\\$&")}]+`
      : WORDS[kind] ?? `[^/]{${kind}}`;
    source += fields.includes(name) ? `\\k<${name}>` : `(?<${name}>${text})`;
    if (!fields.includes(name)) fields.push(name);
  });
  if (fields.length === 0) {
    throw fail("one without a field", "Write each part of the name as a field in braces.");
  }
  const regex = new RegExp(`^${source}$`, "su"), depth = pattern.split("/").length;
  return {
    fields,
    match: (path) => {
      const found = regex.exec(path.split("/").slice(-depth).join("/"));
      return found ? { ...found.groups } : undefined;
    },
  };
}
