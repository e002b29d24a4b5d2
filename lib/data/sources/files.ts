/** Reads a folder of clips whose names, or those of their folders, say who speaks and how. */
import { basename } from "node:path";
import { badInput, count } from "../../errors.ts";
import { listFiles } from "../folder.ts";
import type { Rejection } from "../utterance.ts";
import { FIELDS, PATTERNS, readPattern } from "./pattern.ts";
import { type Candidate, type DataSource, type Place, quoted, type SourceRows } from "./source.ts";

/** Endings of clips. Other files are not looked at. */
export const CLIP =
  /\.(wav|flac|mp3|ogg|oga|opus|m4a|aac|aiff?|au|snd|sph|nist|w64|wma|spx|webm|mp4|mkv|mov|avi|flv|mpe?g|3gp)$/i;

/** How many folders below the given one are looked into. */
const DEEPEST = 8;

/** Reads a folder of clips by the user's pattern. It recognises nothing without one. */
export const files: DataSource = {
  id: "files",
  name: "clips named by a pattern",
  summary: "a folder of clips whose names say their label (with --pattern)",
  reads: "pattern",

  recognise: (_, place) =>
    place.kind === "folder" && place.pattern !== undefined
      ? { strength: 95, reason: "clips, by --pattern" }
      : undefined,

  read: (path, place) => filesSource(path, place),
};

/**
 * Returns the rows of the clips whose names fit. Throws UndertoneError if none does, or no field is a label.
 */
async function filesSource(folder: string, { kind, pattern, labelled }: Place): Promise<SourceRows> {
  if (kind !== "folder") {
    const todo = "Name the folder that holds the clips.";
    throw badInput({ expected: "a folder of clips", found: `a ${kind}`, at: folder, todo });
  }
  const clips = (await listFiles(folder, DEEPEST)).filter((file) => CLIP.test(file));
  const examples = clips.slice(0, 3).join(", ");
  if (pattern === undefined) {
    throw badInput({
      expected: "a pattern that says what the names of clips mean",
      found: `none (clips: ${examples || "none"})`,
      at: folder,
      todo: `Write --pattern with a field for each part of a name: ${PATTERNS}`,
    });
  }
  const { fields, match } = readPattern(pattern);
  if (labelled && !fields.includes("label")) {
    throw badInput({
      expected: "a pattern with the field {label}",
      found: `the fields ${quoted(fields)}`,
      at: `--pattern ${pattern}`,
      todo: "Write {label} for the part of the name that says the emotion.",
    });
  }
  const candidates: Candidate[] = [], rejected: Rejection[] = [];
  for (const audio of clips) {
    const path = audio.replace(CLIP, ""), found = match(path), row = { at: `${folder}/${audio}`, id: path };
    if (found) {
      const known = Object.entries(found).filter(([name]) => FIELDS.includes(name));
      candidates.push({ ...row, audio, ...Object.fromEntries(known) });
    } else rejected.push({ ...row, reason: `name does not fit the pattern: ${audio}` });
  }
  if (candidates.length === 0) {
    throw badInput({
      expected: `clips whose names fit ${pattern}`,
      found: clips.length === 0 ? "no clips" : `none among ${count(clips.length, "clip")} (${examples})`,
      at: folder,
      todo: clips.length === 0
        ? "Name the folder that holds the clips."
        : "Change the pattern. A field ends where the character after it stands; with a / the pattern begins at a folder.",
    });
  }
  return {
    root: folder,
    name: basename(folder),
    candidates,
    rejected,
    notes: notesOf(fields, candidates, rejected),
  };
}

/** Tells what the pattern leaves out, and which clips don't fit it. */
function notesOf(
  fields: readonly string[],
  rows: readonly Candidate[],
  others: readonly Rejection[],
): string[] {
  const ignored = fields.filter((name) => !FIELDS.includes(name)), text = rows.find(({ text }) => text)?.text;
  const notes = ignored.length > 0
    ? [`Ignored fields of --pattern: ${quoted(ignored)}. Rows can have ${FIELDS.join(", ")}.`]
    : [];
  if (text !== undefined) {
    notes.push(
      `The field {text} is read as the words that are spoken, e.g. '${text}'. If it is a code, name it {code}.`,
    );
  }
  if (others.length > 0) {
    const first = others[0].reason.replace(/^.*?: /, "");
    notes.push(
      `${count(others.length, "clip")} of ${
        rows.length + others.length
      } do not fit --pattern, e.g. ${first}.`,
    );
  }
  return notes;
}
