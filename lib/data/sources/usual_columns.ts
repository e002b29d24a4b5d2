/** The columns of a manifest as other people's tables usually name them. */
import type { ColumnNames } from "./columns.ts";

/** A column, and what is known of it beside its name. */
export interface NamedColumn {
  name: string;
  /** Whether its cells are clips. */
  clips: boolean;
  /** Whether its cells are classes with names. */
  classes: boolean;
}

/** Usual names, the most telling first. Case, spaces and signs between words don't count. */
const USUAL: Readonly<Record<keyof ColumnNames, readonly string[]>> = {
  id: ["id", "utt_id", "segment_id", "file_id", "key"],
  split: ["split", "partition", "subset"],
  text: ["text", "sentence", "utterance", "transcription", "transcript", "normalized_text", "raw_text"],
  audio: ["audio", "wav", "speech", "audio_path", "file", "path", "file_name", "filename"],
  label: ["label", "emotion", "major_emotion", "emotion_label", "labels", "class", "category"],
  speaker: ["speaker", "speaker_id", "spk", "spk_id", "actor", "actor_id"],
  dialogue: ["dialogue", "dialogue_id", "dialog_id", "conversation_id"],
  turn: ["turn", "turn_id", "utterance_id"],
  session: ["session", "session_id"],
  gender: ["gender", "sex", "speaker_gender"],
  age: ["age", "speaker_age"],
  corpus: ["corpus", "dataset"],
};

/**
 * Returns the table's names for the columns of a manifest that `given` does not name: usual names, else the
 * only column of clips for `audio`, and the only one of classes for `label`. A column stands for one at most.
 */
export function usualColumns(columns: readonly NamedColumn[], given: ColumnNames = {}): ColumnNames {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[\s_.-]/g, "");
  const taken = new Set(Object.values(given)), found: ColumnNames = {};
  const isFree = ({ name }: NamedColumn) => !taken.has(name);
  const clips = columns.filter(({ clips }) => clips);
  const choose = (column: keyof ColumnNames, among: readonly NamedColumn[]) => {
    const free = among.filter(isFree);
    const names = USUAL[column].map(plain);
    const [best] = free.filter(({ name }) => names.includes(plain(name)))
      .sort((a, b) => names.indexOf(plain(a.name)) - names.indexOf(plain(b.name)));
    const sole = (kind: "clips" | "classes") => free.filter((each) => each[kind]).length === 1;
    const chosen = best ??
      (column === "audio" && sole("clips")
        ? free.find(({ clips }) => clips)
        : column === "label" && sole("classes")
        ? free.find(({ classes }) => classes)
        : undefined);
    if (!chosen) return;
    found[column] = chosen.name;
    taken.add(chosen.name);
  };
  const open = (Object.keys(USUAL) as (keyof ColumnNames)[]).filter((column) => given[column] === undefined);
  for (const column of open.filter((column) => column !== "label")) {
    choose(column, column === "audio" && clips.length > 0 ? clips : columns.filter(({ clips }) => !clips));
  }
  if (open.includes("label")) choose("label", columns.filter(({ clips }) => !clips));
  return found;
}

/** Returns a note on the columns that were read under usual names; empty if all have the manifest's. */
export function usualNotes(path: string, names: ColumnNames): string[] {
  const others = Object.entries(names).filter(([column, name]) => column !== name);
  if (others.length === 0) return [];
  const pairs = others.map(([column, name]) => `'${name}' as ${column}`).join(", ");
  return [`Columns of ${path} were read by their usual names: ${pairs}. --columns names others.`];
}
