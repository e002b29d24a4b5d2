/**
 * Reads EmoryNLP (Zahiri & Choi 2018, https://arxiv.org/abs/1708.04299) in two layouts. The authors'
 * repository (https://github.com/emorynlp/emotion-detection) has `emotion-detection-trn.json`, `-dev.json`
 * and `-tst.json`, with episodes, scenes and utterances. That of MELD has `emorynlp_train_final.csv`, `_dev_`
 * and `_test_` (Utterance, Speaker, Emotion, Scene_ID, Utterance_ID, Season, Episode), with clips
 * `emorynlp_train_splits/sea1_ep2_sc1_utt3.mp4`.
 */
import { basename, dirname, extname } from "node:path";
import { badInput, count } from "../../../errors.ts";
import { readJson } from "../../../files/mod.ts";
import { requireColumns } from "../../csv.ts";
import { listFiles } from "../../folder.ts";
import { type Rejection, type Split, SPLITS } from "../../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "../source.ts";
import { clipsByName, targetFor } from "./reading.ts";

/**
 * The classes of EmoryNLP, words of the Feeling Wheel, in the order in which its authors name them. They keep
 * these names.
 */
export const EMORYNLP_LABELS = ["sad", "mad", "scared", "powerful", "peaceful", "joyful", "neutral"] as const;

const COLUMNS = ["Utterance", "Speaker", "Emotion", "Scene_ID", "Utterance_ID", "Season", "Episode"];

const JSON_FILE = /^emotion-detection-(trn|dev|tst)\.json$/;
const CSV_FILE = /^emorynlp_(train|dev|test)_final\.csv$/;
const SPLIT_OF: Readonly<Record<string, Split>> = {
  trn: "train",
  train: "train",
  dev: "dev",
  tst: "test",
  test: "test",
};

/** Recognises EmoryNLP by the names of its files, or a CSV by its columns. */
export const emorynlp: DataSource = {
  id: "emorynlp",
  name: "EmoryNLP",
  summary: "an EmoryNLP folder (with emotion-detection-trn.json or emorynlp_train_final.csv)",

  async recognise(path, place) {
    if (place.kind === "folder") {
      const { length } = Object.keys(tablesIn(await place.files()).read);
      return length > 0 ? { strength: 70, reason: `${count(length, "file")} of EmoryNLP` } : undefined;
    }
    if (JSON_FILE.test(basename(path)) && place.kind === "file") return { strength: 70, reason: "name" };
    const columns = await place.columns() ?? [];
    const isOurs = COLUMNS.every((name) => columns.includes(name));
    return isOurs ? { strength: 70, reason: "all columns of EmoryNLP" } : undefined;
  },

  read: readEmory,
};

/** Returns the file of each split: CSV if there are any, because its clips are named as its columns say. */
function tablesIn(files: readonly string[]): { read: Partial<Record<Split, string>>; unread: string[] } {
  const of = (form: RegExp) => files.filter((path) => form.test(basename(path)));
  const csv = of(CSV_FILE),
    paths = csv.length > 0 ? csv : of(JSON_FILE),
    others = csv.length > 0 ? of(JSON_FILE) : [];
  const read: Partial<Record<Split, string>> = {}, copies: string[] = [];
  for (const path of paths) {
    const split = splitOf(path)!;
    if (read[split] === undefined) read[split] = path;
    else copies.push(path);
  }
  return { read, unread: [...copies, ...others] };
}

const splitOf = (path: string): Split | undefined =>
  SPLIT_OF[(JSON_FILE.exec(basename(path)) ?? CSV_FILE.exec(basename(path)))?.[1] ?? ""];

/** An utterance of either layout. */
interface Spoken {
  at: string;
  season: number;
  episode: number;
  scene: number;
  utterance: number;
  text: string;
  emotion: string;
  speakers: string[];
}

/**
 * Returns the utterances. A scene is a dialogue and an episode a session. Splits are those of the files.
 * Several speakers of one utterance are one name: "Monica Geller, Rachel Green". Throws UndertoneError if
 * there are no files or one is damaged.
 */
async function readEmory(path: string, place: Place): Promise<SourceRows> {
  targetFor(place, ["class"], path);
  const isFile = place.kind === "file", root = isFile ? dirname(path) : path;
  const files = isFile ? [] : await place.files(), { read, unread } = tablesIn(files);
  const tables: [Split | undefined, string | undefined][] = isFile
    ? [[splitOf(path), undefined]]
    : SPLITS.flatMap((split) => read[split] === undefined ? [] : [[split, read[split]]]);
  if (tables.length === 0) {
    throw badInput({
      expected: "files of EmoryNLP (emotion-detection-trn.json, …, or emorynlp_train_final.csv, …)",
      found: place.kind === "folder" ? `none among ${files.length} files` : "nothing",
      at: path,
      todo: "Name the folder that contains them.",
    });
  }
  const notes: string[] = [], rejected: Rejection[] = [];
  if (unread.length > 0) notes.push(`Not read: ${unread.join(", ")}. Name such a file to read it alone.`);
  if (!isFile) {
    const missing = SPLITS.filter((split) => read[split] === undefined);
    if (missing.length > 0) notes.push(`${path} has no files of EmoryNLP for ${missing.join(" and ")}.`);
  }
  const clips = clipsByName(!place.audio ? [] : isFile ? await listFiles(root, 2) : files, idOfClip);
  notes.push(...clips.notes);
  const candidates: Candidate[] = [];
  for (const [split, file] of tables) {
    const at = file === undefined ? path : `${root}/${file}`;
    const spoken = at.endsWith(".json")
      ? inJson(at, await readJson(at))
      : await inTable(place, file, notes, rejected);
    for (const { at, season, episode, scene, utterance, text, emotion, speakers } of spoken) {
      const id = idOf(season, episode, scene, utterance),
        clip = `sea${season}_ep${episode}_sc${scene}_utt${utterance}`;
      candidates.push({
        at,
        id,
        ...split && { split },
        text,
        audio: clips.paths.get(id) ??
          (clips.paths.size > 0 || place.byName
            ? `emorynlp_${split ?? "train"}_splits/${clip}.mp4`
            : undefined),
        label: emotion.toLowerCase(),
        speaker: speakers.join(", ") || undefined,
        dialogue: id.slice(0, id.lastIndexOf("_")),
        turn: String(utterance),
        session: id.slice(0, id.indexOf("_c")),
      });
    }
  }
  return { name: "EmoryNLP", path, root, labels: EMORYNLP_LABELS, candidates, rejected, notes };
}

/** `s01_e02_c01_u003`, as the JSON files write it. */
const idOf = (season: number, episode: number, scene: number, utterance: number): string =>
  `s${padded(season, 2)}_e${padded(episode, 2)}_c${padded(scene, 2)}_u${padded(utterance, 3)}`;

const padded = (number: number, digits: number): string => String(number).padStart(digits, "0");

function idOfClip(path: string): string | undefined {
  const found = /^sea(\d+)_ep(\d+)_sc(\d+)_utt(\d+)$/i.exec(basename(path, extname(path)));
  return found ? idOf(Number(found[1]), Number(found[2]), Number(found[3]), Number(found[4])) : undefined;
}

/** Returns the utterances of a CSV. A row whose numbers can't be read is rejected. */
async function inTable(
  place: Place,
  file: string | undefined,
  notes: string[],
  rejected: Rejection[],
): Promise<Spoken[]> {
  const table = await place.table(file);
  requireColumns(table, COLUMNS);
  notes.push(...table.notes);
  for (const each of table.rejected) rejected.push(each);
  return table.rows.flatMap(({ line, cells }): Spoken[] => {
    const at = `${table.path}, line ${line}`;
    const odd = ["Season", "Episode", "Scene_ID", "Utterance_ID"].find((name) => !/^\d+$/.test(cells[name]));
    if (odd !== undefined) {
      rejected.push({ id: `line ${line}`, at, reason: `no whole number: '${cells[odd]}' for '${odd}'` });
      return [];
    }
    return [{
      at,
      season: Number(cells.Season),
      episode: Number(cells.Episode),
      scene: Number(cells.Scene_ID),
      utterance: Number(cells.Utterance_ID),
      text: cells.Utterance,
      emotion: cells.Emotion,
      speakers: Array.from(cells.Speaker.matchAll(/'((?:[^'\\]|\\.)*)'|"([^"]*)"/g), ([, a, b]) => a ?? b)
        .filter((name) => name !== ""),
    }];
  });
}

/** The parts of the JSON that are read. */
type Season = { episodes?: { scenes?: { utterances?: Utterance[] }[] }[] };
type Utterance = Partial<Record<"utterance_id" | "transcript" | "emotion", unknown>> & { speakers?: unknown };

/** Returns the utterances of a JSON file. Throws UndertoneError if it has another form. */
function inJson(path: string, read: unknown): Spoken[] {
  const refused = (expected: string, found: string) =>
    badInput({ expected, found, at: path, todo: "Fetch the file again from EmoryNLP's repository." });
  const { episodes } = (read ?? {}) as Season;
  if (!Array.isArray(episodes)) throw refused("a list 'episodes'", "none");
  const utterances = episodes.flatMap(({ scenes }) => scenes ?? []).flatMap(({ utterances }) =>
    utterances ?? []
  );
  return utterances.map(({ utterance_id: id, transcript, emotion, speakers }) => {
    const [, season, episode, scene, utterance] = /^s(\d+)_e(\d+)_c(\d+)_u(\d+)$/.exec(String(id)) ?? [];
    if (utterance === undefined) throw refused("ids like s01_e02_c01_u003", `'${id}'`);
    return {
      at: `${path}, ${id}`,
      season: Number(season),
      episode: Number(episode),
      scene: Number(scene),
      utterance: Number(utterance),
      text: typeof transcript === "string" ? transcript : "",
      emotion: typeof emotion === "string" ? emotion : "",
      speakers: Array.isArray(speakers)
        ? speakers.filter((name) => typeof name === "string" && name !== "")
        : [],
    };
  });
}
