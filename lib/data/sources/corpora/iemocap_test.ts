import { deepEqual, equal, ok, rejects } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { miniature } from "../../../testing/miniature.ts";
import { below, candidatesOf, clips } from "./testing.ts";

/** The beginning of a label file. */
const HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n";

/** The first two turns of a dialogue, as a label file of the release has them. */
const IMPRO01 = HEADER +
  `[6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]
C-E2:	Neutral;	()
C-E3:	Neutral;	()
C-E4:	Neutral;	()
C-F1:	Neutral;	(curious)
A-E3:	val 3; act 2; dom  2;	()
A-E4:	val 2; act 3; dom  3;	(mildly aggravated but staying polite, attitude)
A-F1:	val 3; act 2; dom  1;	()

[11.9000 - 14.0500]	Ses01F_impro01_F001	fru	[2.0000, 3.5000, 3.0000]
C-E2:	Frustration; Anger;	()
C-E3:	Frustration;	()
C-E4:	Neutral state;	()
C-F1:	Anger;	()
A-E3:	val 2; act 3; dom  3;	()
A-E4:	val 2; act 4; dom  3;	()

[8.9000 - 11.2000]	Ses01F_impro01_M000	ang	[1.5000, 4.0000, 4.5000]
C-E2:	Anger;	()
C-E3:	Anger;	()
C-E4:	Excited;	()
C-M1:	Anger;	()

`;

const turn = (id: string, code: string, at = 1) =>
  `[${at}.0000 - ${at + 1}.5000]	${id}	${code}	[2.0000, 3.0000, 5.5000]\nC-E1:	Happiness;	()\n\n`;

const words = (...lines: [string, string][]) =>
  lines.map(([id, text]) => `${id} [006.2901-008.2357]: ${text}\n`).join("");

const dialogue = (session: number, name: string, labels: string, transcript: string) => ({
  [`Session${session}/dialog/EmoEvaluation/${name}.txt`]: labels,
  [`Session${session}/dialog/EmoEvaluation/Categorical/${name}_e1_cat.txt`]:
    `${name}_F000 :Neutral state; ()\n`,
  [`Session${session}/dialog/transcriptions/${name}.txt`]: transcript,
});
const wav = (session: number, id: string) =>
  `Session${session}/sentences/wav/${id.slice(0, id.lastIndexOf("_"))}/${id}.wav`;

const WHOLE = {
  ...dialogue(
    1,
    "Ses01F_impro01",
    IMPRO01,
    words(
      ["Ses01F_impro01_F000", "Excuse me."],
      ["Ses01F_impro01_M000", "Do you have your forms?"],
      ["Ses01F_impro01_F001", "Yeah. [LAUGHTER]"],
    ) + "M: [breathing]\n",
  ),
  ...dialogue(
    2,
    "Ses02M_script01_1b",
    HEADER + turn("Ses02M_script01_1b_M003", "exc", 5) + turn("Ses02M_script01_1b_F012", "hap", 3),
    words(["Ses02M_script01_1b_M003", "We won!"], ["Ses02M_script01_1b_F012", "Really?"]),
  ),
  "Session1/dialog/wav/Ses01F_impro01.wav": "",
  ...clips(
    wav(1, "Ses01F_impro01_F000"),
    wav(1, "Ses01F_impro01_M000"),
    wav(1, "Ses01F_impro01_F001"),
    wav(2, "Ses02M_script01_1b_M003"),
    wav(2, "Ses02M_script01_1b_F012"),
  ),
};

Deno.test("IEMOCAP: turns in time order, with words, clips, speakers and sessions", async () => {
  const path = await miniature(WHOLE);
  const { name, labels, rows, rejected, notes } = await loadDataset(path, { labelled: false });
  equal(name, "IEMOCAP");
  deepEqual(labels, [
    ...["neutral", "joy", "sadness", "anger", "surprise", "fear", "disgust", "frustration", "excited"],
  ]);
  deepEqual(rows.map(({ split: _, ...row }) => row), [
    {
      id: "Ses01F_impro01_F000",
      text: "Excuse me.",
      audio: "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav",
      label: "neutral",
      speaker: "Ses01F",
      dialogue: "Ses01F_impro01",
      turn: 0,
      session: "Ses01",
      gender: "female",
    },
    {
      id: "Ses01F_impro01_M000",
      text: "Do you have your forms?",
      audio: "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_M000.wav",
      label: "anger",
      speaker: "Ses01M",
      dialogue: "Ses01F_impro01",
      turn: 1,
      session: "Ses01",
      gender: "male",
    },
    {
      id: "Ses01F_impro01_F001",
      text: "Yeah. [LAUGHTER]",
      audio: "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F001.wav",
      label: "frustration",
      speaker: "Ses01F",
      dialogue: "Ses01F_impro01",
      turn: 2,
      session: "Ses01",
      gender: "female",
    },
    {
      id: "Ses02M_script01_1b_F012",
      text: "Really?",
      audio: "Session2/sentences/wav/Ses02M_script01_1b/Ses02M_script01_1b_F012.wav",
      label: "joy",
      speaker: "Ses02F",
      dialogue: "Ses02M_script01_1b",
      turn: 0,
      session: "Ses02",
      gender: "female",
    },
    {
      id: "Ses02M_script01_1b_M003",
      text: "We won!",
      audio: "Session2/sentences/wav/Ses02M_script01_1b/Ses02M_script01_1b_M003.wav",
      label: "excited",
      speaker: "Ses02M",
      dialogue: "Ses02M_script01_1b",
      turn: 1,
      session: "Ses02",
      gender: "male",
    },
  ]);
  deepEqual([rejected, notes], [[], []]);
});

Deno.test("IEMOCAP: votes of the raters without the actors, and mean values", async () => {
  const path = await miniature(WHOLE);
  const votes = await candidatesOf(path, { target: "distribution" });
  equal(votes.labels!.length, 10);
  const some = (row: number) =>
    Object.fromEntries(Object.entries(votes.candidates[row].target!).filter(([, vote]) => vote !== "0"));
  deepEqual([some(0), some(1), some(2)], [
    { neutral: "3" },
    { anger: "2", excited: "1" },
    { neutral: "1", anger: "0.5", frustration: "1.5" },
  ]);
  const values = await candidatesOf(path, { target: "values" });
  deepEqual(values.labels, ["valence", "activation", "dominance"]);
  deepEqual(values.candidates.map(({ target }) => Object.values(target!)), [
    ["2.5000", "2.5000", "2.5000"],
    ["1.5000", "4.0000", "4.5000"],
    ["2.0000", "3.5000", "3.0000"],
    ["2.0000", "3.0000", "5.5000"],
    ["2.0000", "3.0000", "5.5000"],
  ]);
  deepEqual(values.notes, ["Values outside the scale from 1 to 5, as published, in 2 turns."]);
  await rejects(
    candidatesOf(path, { target: "labels" }),
    /a kind of target that the corpus has \(class, distribution, values\) but found 'labels'/,
  );
});

Deno.test("IEMOCAP one folder higher and lower, and as text alone", async () => {
  const audio = wav(1, "Ses01F_impro01_F000");
  const higher = await candidatesOf(await miniature(below("IEMOCAP_full_release", WHOLE)));
  equal(higher.candidates[0].audio, `IEMOCAP_full_release/${audio}`);
  const lower = await candidatesOf(`${await miniature(WHOLE)}/Session1`);
  deepEqual([lower.candidates.length, lower.candidates[0].audio], [3, audio.slice("Session1/".length)]);
  const text = await miniature(
    Object.fromEntries(Object.entries(WHOLE).filter(([path]) => !path.endsWith(".wav"))),
  );
  const { candidates, notes } = await candidatesOf(text);
  deepEqual(candidates.map(({ audio }) => audio), Array(5).fill(undefined));
  deepEqual(notes, [
    `Found no clips (sentences/wav/…/Ses01F_impro01_F000.wav) below ${text}: only text is used.`,
  ]);
});

Deno.test("IEMOCAP with faults: no majority, other, unknown codes, lost words and clips", async () => {
  const name = "Ses03F_impro02", id = (number: string) => `${name}_${number}`;
  const path = await miniature({
    ...dialogue(
      3,
      name,
      HEADER + turn(id("F000"), "xxx", 1) + turn(id("M000"), "oth", 2) + turn(id("F001"), "bor", 3) +
        turn(id("M001"), "sad", 4) + turn(id("F002"), "dis", 5) + turn("Ses3", "neu", 6) +
        "[7.0 - 8.0]	Ses03F_impro02_F009\n" + turn(id("M002"), "sur", 8) + turn(id("MXX0"), "fea", 9),
      words([id("M001"), "No."], [id("F002"), "Yuck."], [id("MXX0"), "Oh no."]),
    ),
    ...clips(wav(3, id("M001")), wav(3, id("M002")), wav(3, id("MXX0")), `copy/${id("M001")}.wav`),
  });
  const { rows, rejected, notes } = await loadDataset(path, { labelled: false });
  const labelled = await candidatesOf(path), at = `${path}/Session3/dialog/EmoEvaluation/${name}.txt`;
  deepEqual(labelled.candidates.map(({ id, turn, label, audio, text }) => [id, turn, label, audio, text]), [
    [id("M001"), "3", "sadness", wav(3, id("M001")), "No."],
    [id("F002"), "4", "disgust", wav(3, id("F002")), "Yuck."],
    [id("M002"), "5", "surprise", wav(3, id("M002")), undefined],
    [id("MXX0"), "6", "fear", wav(3, id("MXX0")), "Oh no."],
  ]);
  deepEqual(labelled.rejected.map(({ id, at, reason }) => [id, at, reason]), [
    ["Ses3", `${at}, line 18`, "a turn's name that is not like Ses01F_impro01_F000: Ses3"],
    ["(none)", `${at}, line 21`, "a turn that can't be read: [7.0 - 8.0]	Ses03F_impro02_F009"],
    [id("F000"), `${at}, line 3`, "no label that most raters gave (xxx)"],
    [id("M000"), `${at}, line 6`, "the label 'other' (oth), which is not a class"],
    [id("F001"), `${at}, line 9`, "unknown label: 'bor'"],
  ]);
  deepEqual(labelled.notes, [
    `1 clip whose name another folder has, too, left unread, e.g. copy/${id("M001")}.wav.`,
    "No words in the transcriptions for 1 turn.",
  ]);
  // Rows to be predicted need no label, but a clip or words.
  deepEqual(rows.map(({ id, label }) => [id, label]), [
    [id("M001"), "sadness"],
    [id("M002"), "surprise"],
    [id("MXX0"), "fear"],
  ]);
  ok(rejected.some(({ reason }) => reason === `clip missing: ${wav(3, id("F002"))}`));
  equal(notes.length, 2);
});

Deno.test("a folder without label files says what IEMOCAP's are", async () => {
  const path = await miniature({ "Session1/dialog/EmoEvaluation/notes.txt": "" });
  await rejects(
    candidatesOf(`iemocap:${path}`),
    /label files of IEMOCAP .* found none among 1 files .*contains Session1/,
  );
});
