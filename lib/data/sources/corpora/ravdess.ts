/**
 * Reads RAVDESS (Livingstone & Russo 2018, https://doi.org/10.1371/journal.pone.0196391) from its file names.
 */
import { basename, dirname } from "node:path";
import { badInput } from "../../../errors.ts";
import type { Candidate, CandidateSource, DataSource } from "../source.ts";
import type { Rejection, Split } from "../../utterance.ts";

/**
 * The classes of RAVDESS by emotion code, 01 first. Classes that MELD also has get MELD's names (happy is
 * joy, angry is anger, …).
 */
export const RAVDESS_LABELS = [
  "neutral",
  "calm",
  "joy",
  "sadness",
  "anger",
  "fear",
  "disgust",
  "surprise",
] as const;

const STATEMENTS = ["Kids are talking by the door.", "Dogs are sitting by the door."];

/** A file name: modality, channel, emotion, intensity, statement, repetition, actor. */
const NAME = /^(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)\.(wav|flac|mp4)$/i;

/**
 * Folders of the published archive, with or without the outermost one. `.` is a folder that has only clips.
 */
const FOLDER = /^(\.|(audio_(speech|song)_actors_01-24\/)?actor_\d+)$/i;

/** Recognises RAVDESS by the names of its clips. */
export const ravdess: DataSource = {
  id: "ravdess",
  name: "RAVDESS",
  summary: "a RAVDESS folder (03-01-01-01-01-01-01.wav)",
  labels: RAVDESS_LABELS,

  async recognise(_, place) {
    if (place.kind !== "folder") return undefined;
    const { length } = ravdessClips(await place.files());
    return length > 0 ? { strength: 50, reason: `${length} clips with names of RAVDESS` } : undefined;
  },

  async read(folder, place) {
    const files = await place.files();
    if (ravdessClips(files).length > 0) return await ravdessSource(folder, files);
    throw badInput({
      expected:
        "clips named as in RAVDESS (03-01-01-01-01-01-01.wav), in the folder or in Actor_01, Actor_02, …",
      found: `none among ${files.length} files`,
      at: folder,
      todo: "Name the folder that contains them.",
    });
  },
};

/** Returns the files that have names and folders of RAVDESS. */
const ravdessClips = (files: readonly string[]): string[] =>
  files.filter((path) => NAME.test(basename(path)) && FOLDER.test(dirname(path)));

/**
 * Returns the rows of audio-only speech clips (03-01-*). Splits are disjoint by actor and do not depend on
 * which actors are present: dev has 11 to 13, 21 and 22; test has 14 to 16, 23 and 24; train has the others.
 * Of clips with one name and equal content the first is used, as in Kaggle's copy, which has every clip
 * twice. One with other content is rejected.
 */
export async function ravdessSource(folder: string, files: readonly string[]): Promise<CandidateSource> {
  const candidates: Candidate[] = [];
  const rejected: Rejection[] = [];
  const first = new Map<string, string>(), twins: [string, string][] = [];
  let others = 0;
  for (const path of ravdessClips(files)) {
    const [, modality, channel, emotion, , statement, , actor, kind] = NAME.exec(basename(path))!;
    if (modality !== "03" || channel !== "01") {
      others++;
      continue;
    }
    const row = { at: `${folder}/${path}`, id: basename(path, `.${kind}`) }, known = first.get(row.id);
    if (known !== undefined) {
      if (await isSameFile(`${folder}/${known}`, `${folder}/${path}`)) twins.push([known, path]);
      else rejected.push({ ...row, reason: `same name, other content: ${path} is not ${known}` });
      continue;
    }
    first.set(row.id, path);
    const label = RAVDESS_LABELS[Number(emotion) - 1];
    const text = STATEMENTS[Number(statement) - 1];
    if (label === undefined || text === undefined) {
      rejected.push({
        ...row,
        reason: `unknown code in the file name: emotion ${emotion}, statement ${statement}`,
      });
    } else {
      candidates.push({
        ...row,
        split: splitOf(Number(actor)),
        text,
        audio: path,
        label,
        speaker: `actor_${actor}`,
        gender: Number(actor) % 2 === 1 ? "male" : "female",
      });
    }
  }
  const notes = others === 0
    ? []
    : [`Ignored ${others} clips that are video or song (03-01-* is audio-only speech).`];
  if (twins.length > 0) {
    const [[used, left]] = twins;
    notes.push(
      `Ignored ${twins.length} copies of clips, with the same name and content, e.g. ${left} of ${used}.`,
    );
  }
  return { name: "RAVDESS", path: folder, root: folder, labels: RAVDESS_LABELS, candidates, rejected, notes };
}

/** Returns whether two files have the same content. A file that can't be read equals no other. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  try {
    if ((await Deno.stat(a)).size !== (await Deno.stat(b)).size) return false;
    const [one, other] = await Promise.all([Deno.readFile(a), Deno.readFile(b)]);
    return one.every((byte, i) => byte === other[i]);
  } catch {
    return false;
  }
}

function splitOf(actor: number): Split {
  if ([11, 12, 13, 21, 22].includes(actor)) return "dev";
  return [14, 15, 16, 23, 24].includes(actor) ? "test" : "train";
}
