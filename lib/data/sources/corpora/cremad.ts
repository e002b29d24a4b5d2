/**
 * Reads CREMA-D (Cao et al. 2014, https://doi.org/10.1109/TAFFC.2014.2336244) as its repository publishes it
 * (https://github.com/CheyneyComputerScience/CREMA-D): `AudioWAV/1001_DFA_ANG_XX.wav` is actor, sentence,
 * emotion and level, `VideoDemographics.csv` has the actors. The same clips are in AudioMP3 and VideoFlash.
 *
 * Labels are what the actors were asked for: happy is joy, sad is sadness. `--target distribution` takes the
 * votes of those who heard the clip, from `processedResults/tabulatedVotes.csv`: there the rows 100001 to
 * 107442 are voice alone, 2… face, 3… both. Faults are those that the repository names.
 */
import { badInput } from "../../../errors.ts";
import { requireColumns } from "../../csv.ts";
import type { Place } from "../source.ts";
import { type Beside, clipCorpus, tableBeside } from "./clip_corpus.ts";

/** The classes by their letters in the tables, in the repository's order. */
const EMOTIONS = { A: "anger", D: "disgust", F: "fear", H: "joy", N: "neutral", S: "sadness" } as const;

const SENTENCES: Readonly<Record<string, string>> = {
  IEO: "It's eleven o'clock.",
  TIE: "That is exactly what happened.",
  IOM: "I'm on my way to the meeting.",
  IWW: "I wonder what this is about.",
  TAI: "The airplane is almost full.",
  MTI: "Maybe tomorrow it will be cold.",
  IWL: "I would like a new alarm clock.",
  ITH: "I think I have a doctor's appointment.",
  DFA: "Don't forget a jacket.",
  ITS: "I think I've seen this before.",
  TSI: "The surface is slick.",
  WSI: "We'll stop in a couple of minutes.",
};

/** Clips that do not hold what their names say, by the endings that are concerned. */
const FAULTS: Readonly<Record<string, readonly [reason: string, endings?: string]>> = {
  "1076_MTI_SAD_XX": ["silent: the published recording has no sound"],
  "1076_MTI_NEU_XX": ["silent: the published recording has no sound, except in AudioWAV", "mp3 flv"],
  "1064_TIE_SAD_XX": ["empty: the published file has no duration, except in AudioWAV", "mp3 flv"],
  "1064_IEO_DIS_MD": ["too long: the published file holds all emotions, except in AudioWAV", "mp3 flv"],
};

interface Tables extends Beside {
  actors: ReadonlyMap<string, Readonly<Record<string, string>>>;
  votes: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export const cremad = clipCorpus<Tables>({
  id: "cremad",
  name: "CREMA-D",
  example: "1001_DFA_ANG_XX.wav",
  labels: Object.values(EMOTIONS),
  clip: new RegExp(
    `/(?<stem>(?<actor>1\\d{3})_(?<sentence>${Object.keys(SENTENCES).join("|")})_` +
      "(?<emotion>A(?=NG)|D(?=IS)|F(?=EA)|H(?=AP)|N(?=EU)|S(?=AD))..)_(?<level>LO|MD|HI|XX?)$",
  ),

  async beside(place, folder) {
    const actors = await tableBeside(place, folder, "VideoDemographics.csv");
    if (actors) requireColumns(actors, ["ActorID", "Age", "Sex"]);
    const notes = actors ? [] : ["Without VideoDemographics.csv, gender and age are unknown."];
    return {
      actors: new Map(actors?.rows.map(({ cells }) => [cells.ActorID, cells])),
      ...await votesOf(place, folder, notes),
    };
  },

  row({ ending, parts: { stem, actor, sentence, emotion, level } }, { actors, votes, target }) {
    const id = `${stem}_${level === "X" ? "XX" : level}`; // one clip was published as …_X
    const [fault, endings = ending] = FAULTS[id] ?? [];
    const { Sex: gender, Age: age } = actors.get(actor) ?? {};
    return {
      id,
      fault: endings.includes(ending) ? fault : undefined,
      text: SENTENCES[sentence],
      speaker: actor,
      gender: gender?.toLowerCase(),
      age,
      ...target ? { target: votes.get(id) ?? {} } : { label: EMOTIONS[emotion as keyof typeof EMOTIONS] },
    };
  },
});

/**
 * Returns the votes by clip, if they are wanted. Throws UndertoneError if rows need votes that are missing.
 */
async function votesOf(
  place: Place,
  folder: string,
  notes: readonly string[],
): Promise<Pick<Tables, "votes" | "target" | "notes">> {
  const table = place.target === "distribution" ? await tableBeside(place, folder, VOTES) : undefined;
  if (!table) {
    if (place.target !== "distribution" || !place.labelled) return { votes: new Map(), notes };
    const todo = "Put the file there, or leave out --target.";
    throw badInput({ expected: `the votes of CREMA-D, ${VOTES}`, found: "no such file", at: folder, todo });
  }
  requireColumns(table, ["", "fileName", ...Object.keys(EMOTIONS)]);
  const heard = table.rows.filter(({ cells }) => cells[""].startsWith("1"));
  return {
    target: "distribution",
    votes: new Map(heard.map(({ cells }) => [
      cells.fileName,
      Object.fromEntries(Object.entries(EMOTIONS).map(([letter, name]) => [name, cells[letter]])),
    ])),
    notes: [
      ...notes,
      `Targets are the votes of those who heard the clips, without the picture, from ${VOTES}.`,
    ],
  };
}

const VOTES = "processedResults/tabulatedVotes.csv";
