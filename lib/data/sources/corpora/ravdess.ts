/**
 * Reads RAVDESS (Livingstone & Russo 2018, https://doi.org/10.1371/journal.pone.0196391) from its file names.
 */
import { basename, dirname } from "node:path";
import { badInput } from "../../../errors.ts";
import { distinctClips } from "./clip_corpus.ts";
import type { Candidate, CandidateSource, DataSource } from "../source.ts";
import type { Split } from "../../utterance.ts";

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

/** An actor's folder, in whatever folders it lies. `.` is a folder that has only clips. */
const FOLDER = /^(\.|(.*\/)?actor_\d+)$/i;

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
  const clips = ravdessClips(files).map((audio) => {
    const [, modality, channel, emotion, , statement, , actor, kind] = NAME.exec(basename(audio))!;
    const codes = { isSpeech: modality === "03" && channel === "01", emotion, statement, actor };
    return { at: `${folder}/${audio}`, id: basename(audio, `.${kind}`), audio, codes };
  });
  const speech = clips.filter(({ codes }) => codes.isSpeech), others = clips.length - speech.length;
  const { kept, rejected, notes } = await distinctClips(folder, speech);
  const candidates: Candidate[] = [];
  for (const { codes: { emotion, statement, actor }, ...row } of kept) {
    const label = RAVDESS_LABELS[Number(emotion) - 1];
    const text = STATEMENTS[Number(statement) - 1];
    if (label === undefined || text === undefined) {
      const reason = `unknown code in the file name: emotion ${emotion}, statement ${statement}`;
      rejected.push({ at: row.at, id: row.id, reason });
      continue;
    }
    candidates.push({
      ...row,
      split: splitOf(Number(actor)),
      text,
      label,
      speaker: `actor_${actor}`,
      gender: Number(actor) % 2 === 1 ? "male" : "female",
    });
  }
  if (others > 0) {
    notes.unshift(`Ignored ${others} clips that are video or song (03-01-* is audio-only speech).`);
  }
  return { name: "RAVDESS", path: folder, root: folder, labels: RAVDESS_LABELS, candidates, rejected, notes };
}

function splitOf(actor: number): Split {
  if ([11, 12, 13, 21, 22].includes(actor)) return "dev";
  return [14, 15, 16, 23, 24].includes(actor) ? "test" : "train";
}
