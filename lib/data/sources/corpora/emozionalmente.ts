/**
 * Reads Emozionalmente (Catania et al. 2025, https://doi.org/10.1109/TASLPRO.2025.3540662), Italian, from
 * Zenodo (https://zenodo.org/records/12616095): `metadata/samples.csv` names the clips in `audio`, their
 * words, actors and emotions, `metadata/users.csv` the actors; from version 1.1 on, `metadata/split` has a
 * table for each split (their exact names are unconfirmed). Neutrality is neutral.
 *
 * Labels are what the actors expressed. `--target distribution` takes the votes of the listeners, from
 * `metadata/evaluations.csv`.
 */
import { basename, join, resolve } from "node:path";
import { badInput } from "../../../errors.ts";
import { type CsvTable, requireColumns } from "../../csv.ts";
import { splitNamed } from "../../utterance.ts";
import type { DataSource, Place, SourceRows } from "../source.ts";
import { nameOf, pathBeside } from "./clip_corpus.ts";

/** The classes by their names in the tables, in the order of the corpus' page. */
const EMOTIONS: Readonly<Record<string, string>> = {
  anger: "anger",
  disgust: "disgust",
  fear: "fear",
  joy: "joy",
  sadness: "sadness",
  surprise: "surprise",
  neutrality: "neutral",
};

const SAMPLES = "metadata/samples.csv";

export const emozionalmente: DataSource = {
  id: "emozionalmente",
  name: "Emozionalmente",
  summary: `Emozionalmente's folder (with ${SAMPLES})`,

  async recognise(folder, place) {
    if (place.kind !== "folder") return undefined;
    const found = await rootOf(place, folder);
    return found === undefined ? undefined : { strength: 60, reason: `${SAMPLES} and users.csv` };
  },

  read: emozionalmenteSource,
};

/** Returns the corpus' own folder relative to the one that is read, which may also be its folder of clips. */
async function rootOf(place: Place, folder: string): Promise<string | undefined> {
  const path = await pathBeside(place, folder, SAMPLES);
  if (path === undefined || (path.startsWith("..") && basename(resolve(folder)) !== "audio")) {
    return undefined;
  }
  const root = path.slice(0, -SAMPLES.length);
  return await pathBeside(place, folder, "metadata/users.csv") === `${root}metadata/users.csv`
    ? root
    : undefined;
}

async function emozionalmenteSource(folder: string, place: Place): Promise<SourceRows> {
  const files = await place.files(), root = await rootOf(place, folder);
  if (root === undefined) {
    throw badInput({
      expected: `the tables of Emozionalmente, ${SAMPLES} and users.csv`,
      found: `none among ${files.length} files`,
      at: folder,
      todo: "Name the folder that contains the folders audio and metadata.",
    });
  }
  const table = async (name: string, columns: string[]) => {
    const read = await place.table(`${root}metadata/${name}.csv`);
    requireColumns(read, columns);
    return read;
  };
  const samples = await table("samples", ["file_name", "sentence", "actor", "emotion_expressed"]);
  const users = await table("users", ["username", "gender", "age"]);
  const actors = new Map(users.rows.map(({ cells }) => [cells.username, cells]));
  const isVoted = place.target === "distribution" &&
    (place.labelled || await pathBeside(place, folder, "metadata/evaluations.csv") !== undefined);
  const votes = isVoted && votesIn(await table("evaluations", ["file_name", "emotion_recognized"]));
  const splits = new Map<string, string>();
  for (const split of ["train", "dev", "val", "validation", "test"]) {
    const path = await pathBeside(place, folder, `metadata/split/${split}.csv`);
    if (path === undefined) continue;
    const { rows } = await place.table(path);
    for (const { cells } of rows) splits.set(cells.file_name, splitNamed(split)!);
  }
  return {
    root: join(folder, root),
    target: isVoted ? "distribution" : "class",
    labels: Object.values(EMOTIONS),
    candidates: samples.rows.map((
      { line, cells: { file_name: file, sentence, actor, emotion_expressed } },
    ) => ({
      at: `${samples.path}, line ${line}`,
      id: nameOf(file),
      split: splits.size > 0 ? splits.get(file) ?? "" : undefined,
      text: sentence,
      audio: `audio/${file}`,
      speaker: actor,
      gender: actors.get(actor)?.gender,
      age: actors.get(actor)?.age,
      ...votes
        ? { target: votes.get(file) ?? {} }
        : { label: EMOTIONS[emotion_expressed] ?? emotion_expressed },
    })),
    rejected: samples.rejected,
    notes: samples.notes,
  };
}

/** Counts the listeners' answers by clip. An answer that is no class stays: it makes the row unusable. */
function votesIn({ rows }: CsvTable): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const votes = new Map<string, Record<string, number>>();
  for (const { cells: { file_name: file, emotion_recognized: heard } } of rows) {
    const own = votes.get(file) ?? Object.fromEntries(Object.values(EMOTIONS).map((label) => [label, 0]));
    const label = EMOTIONS[heard] ?? heard;
    votes.set(file, { ...own, [label]: (own[label] ?? 0) + 1 });
  }
  const texts = (own: Record<string, number>) =>
    Object.fromEntries(Object.entries(own).map(([label, count]) => [label, `${count}`]));
  return new Map([...votes].map(([file, own]) => [file, texts(own)]));
}
