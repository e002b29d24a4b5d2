import { deepEqual, equal, rejects } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { miniature } from "../../../testing/miniature.ts";
import { below, candidatesOf, clips } from "./testing.ts";

const turn = (name: string, code: string, ...raters: string[]) =>
  `UTD-IMPROV-${name}.avi; ${code}; A:2.333333; V:3.333333; D:3.000000 ; N:3.666667;\n` +
  raters.map((answer, i) => `20130${i}-p1; ${answer}; ${answer}; A:2.0; V:3.0; D:3.0; N:4.0;\n`).join("") +
  "\n";

const wav = (...names: string[]) =>
  names.map((name) => {
    const [sentence, speaker, kind] = name.split("-");
    return `session${Number(speaker.slice(1))}/${sentence}/${kind}/MSP-IMPROV-${name}.wav`;
  });

const NAMES = ["S01A-F01-P-FM01", "S01A-F01-S-FM01", "S08H-M02-R-MM01", "S20S-M02-T-FM03"];
const WHOLE = {
  "Evalution.txt": turn(NAMES[0], "N", "Neutral", "Neutral", "Happy") +
    turn(NAMES[1], "A", "Angry", "Angry") +
    turn(NAMES[2], "H", "Happy", "Other", "Happy") + turn(NAMES[3], "S", "Sad"),
  ...clips(...wav(...NAMES)),
};

Deno.test("MSP-IMPROV: turns, speakers, sessions and scenarios", async () => {
  const { name, labels, rows, rejected, notes } = await loadDataset(await miniature(WHOLE), {
    labelled: false,
  });
  equal(name, "MSP-IMPROV");
  deepEqual(labels, ["anger", "sadness", "joy", "neutral"]);
  const row = (at: number, label: string, speaker: string, gender: string) => ({
    id: `MSP-IMPROV-${NAMES[at]}`,
    split: "test",
    audio: wav(NAMES[at])[0],
    label,
    speaker,
    dialogue: NAMES[at].split("-").slice(0, 3).join("-"),
    session: `session${Number(speaker.slice(1))}`,
    gender,
  });
  deepEqual(rows, [
    row(0, "neutral", "F01", "female"),
    row(1, "anger", "F01", "female"),
    row(2, "joy", "M02", "male"),
    row(3, "sadness", "M02", "male"),
  ]);
  deepEqual([rejected, notes], [[], []]);
  equal(
    (await candidatesOf(await miniature(WHOLE))).candidates.every(({ split }) => split === undefined),
    true,
  );
});

Deno.test("MSP-IMPROV: votes of the raters, means, and clips below Audio one folder higher", async () => {
  const { "Evalution.txt": labels, ...audio } = WHOLE;
  const path = await miniature({
    ...below("MSP-IMPROV/Audio", audio as Record<string, string>),
    "MSP-IMPROV/Evaluation.txt": labels,
  });
  const votes = await candidatesOf(path, { target: "distribution" });
  deepEqual(votes.labels, ["anger", "sadness", "joy", "neutral", "other"]);
  deepEqual(votes.candidates.map(({ target }) => Object.values(target!)), [
    ["0", "0", "1", "2", "0"],
    ["2", "0", "0", "0", "0"],
    ["0", "0", "2", "0", "1"],
    ["0", "1", "0", "0", "0"],
  ]);
  const values = await candidatesOf(path, { target: "values" });
  deepEqual(values.candidates[0].target, {
    activation: "2.333333",
    valence: "3.333333",
    dominance: "3.000000",
  });
  equal(values.candidates[0].audio, `MSP-IMPROV/Audio/${wav(NAMES[0])[0]}`);
});

Deno.test("MSP-IMPROV with faults: no majority, other, odd names, copies, NaN, lost clips", async () => {
  const rows = turn("S02N-F03-P-FM01", "X", "Sad", "Happy") + turn("S02N-F03-P-FM02", "O", "Other") +
    turn("S02N-F03-P-FM03", "Q") + turn("S02N-P-FM04", "N", "Neutral") +
    turn("S02N-F03-P-FM05", "N", "Neutral") +
    "201300-p1; Neutral; Neutral; A:2.0; V:3.0; D:3.0; N:4.0;\n";
  const path = await miniature({
    ...WHOLE,
    "Evalution.txt": WHOLE["Evalution.txt"] + rows.replace("2.333333", "NaN"),
  });
  const at = (line: number) => `${path}/Evalution.txt, line ${line}`;
  const id = (number: number) => `MSP-IMPROV-S02N-F03-P-FM0${number}`;
  const { candidates, rejected, notes } = await candidatesOf(path);
  deepEqual(candidates.slice(4).map(({ id, audio }) => [id, audio]), [[id(5), wav("S02N-F03-P-FM05")[0]]]);
  deepEqual(rejected, [
    { id: id(1), at: at(18), reason: "no label that most raters gave (X)" },
    { id: id(2), at: at(22), reason: "the label 'other' (O), which is not a class" },
    { id: id(3), at: at(25), reason: "unknown label: 'Q'" },
    {
      id: "MSP-IMPROV-S02N-P-FM04",
      at: at(27),
      reason: "a name that is not like UTD-IMPROV-S01A-F01-P-FM01: UTD-IMPROV-S02N-P-FM04",
    },
  ]);
  deepEqual(notes, ["Ignored 1 answer that a rater of MSP-IMPROV has twice for one turn."]);
  const values = await candidatesOf(path, { target: "values" });
  equal(values.candidates[4].target!.activation, "NaN", "which the check of rows rejects");
  const lost = await loadDataset(path, { labelled: false });
  deepEqual(lost.rejected.filter(({ reason }) => reason.startsWith("clip missing")).map(({ id }) => id), [
    id(1),
    id(2),
    id(3),
    id(5),
  ]);
});

Deno.test("a folder without MSP-IMPROV's labels says so", async () => {
  const path = await miniature({ "Evaluation.txt": "", "a.txt": "" });
  await rejects(candidatesOf(path), /Expected a data set/);
  await rejects(
    candidatesOf(`msp-improv:${await miniature({ "a.txt": "" })}`),
    /the labels of MSP-IMPROV \(Evalution.txt\) but found none among 1 files/,
  );
});
