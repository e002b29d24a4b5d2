import { deepEqual, throws } from "../testing/assert.ts";
import { fileURLToPath } from "node:url";
import { checkRows, type Demands } from "./check.ts";
import type { Candidate, CandidateSource } from "./sources/source.ts";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const DEMANDS: Demands = { labelled: true, modalities: ["text", "audio"] };

const source = (candidates: Partial<Candidate>[]): CandidateSource => ({
  name: "x",
  path: "x.csv",
  root: ROOT,
  candidates: candidates.map((row, i) => ({ id: `r${i}`, at: `x.csv, line ${i + 2}`, ...row })),
  rejected: [],
  notes: [],
});

const reasons = (candidates: Partial<Candidate>[], demands: Partial<Demands> = {}) =>
  checkRows(
    source([...candidates, { id: "good", split: "train", text: "Hi", audio: "check.ts", label: "joy" }]),
    {
      ...DEMANDS,
      ...demands,
    },
  ).rejected.map(({ reason }) => reason);

Deno.test("every fault has its reason", () => {
  const whole = { split: "train", text: "Hi", label: "joy" };
  deepEqual(
    reasons([
      { ...whole, id: "" },
      { ...whole, id: "a" },
      { ...whole, id: "a" },
      { ...whole, split: "" },
      { ...whole, split: "tset" },
      { ...whole, text: " " },
      { ...whole, label: "" },
      { ...whole, audio: "no/such.wav" },
      { ...whole, audio: "../data" },
    ]),
    [
      "no id",
      "duplicate id: a",
      "no split",
      "unknown split: 'tset' is not one of train, dev, test",
      "neither text nor audio",
      "no label",
      "clip missing: no/such.wav",
      "clip is a folder: ../data",
    ],
  );
  deepEqual(
    reasons([whole, { ...whole, label: "Joy" }, { ...whole, label: "xxxxxx" }], { labels: ["joy", "fear"] }),
    [
      "unknown label: 'Joy' (is it 'joy'?)",
      "unknown label: 'xxxxxx'",
    ],
  );
});

Deno.test("modalities that the run does not read are not required", () => {
  const rows = [{ split: "train", text: "Hi", audio: "no/such.wav", label: "joy" }];
  deepEqual(reasons(rows, { modalities: ["text"] }), []);
  deepEqual(reasons([{ split: "train", text: "Hi", label: "joy" }], { modalities: ["audio"] }), ["no audio"]);
  deepEqual(reasons([{ split: "train", audio: "check.ts", label: "joy" }], { modalities: ["text"] }), [
    "no text",
  ]);
  deepEqual(reasons([{ text: "Hi" }, { text: "Ho", label: "who", split: "" }], { labelled: false }), []);
  deepEqual(reasons([{ text: "Hi", split: "tset" }], { labelled: false, labels: ["joy"] }).length, 1);
});

Deno.test("rows are clean: repaired text, no empty fields, canonical splits", () => {
  const { rows, notes } = checkRows(
    source([
      {
        split: "Validation",
        text: " It\u0092s ",
        audio: "",
        label: "joy",
        speaker: "",
        dialogue: "3",
        turn: "4",
      },
      { split: "TEST", text: "Ho", label: "joy", turn: "second" },
    ]),
    DEMANDS,
  );
  deepEqual(rows, [
    { id: "r0", split: "dev", text: "It’s", label: "joy", dialogue: "3", turn: 4 },
    { id: "r1", split: "test", text: "Ho", label: "joy" },
  ]);
  deepEqual(notes, [
    "Repaired Windows-1252 control characters in the text of 1 row.",
    "Ignored the turn of 1 row because it is not a whole number.",
  ]);
});

Deno.test("if no row is left, in all or in a split, the error gives the reasons", () => {
  throws(
    () => checkRows(source([]), DEMANDS),
    /rows that can be used but found none at x.csv. The data may be incomplete/,
  );
  throws(
    () =>
      checkRows(source([{ split: "dev", text: "Hi" }, { split: "dev", text: "Ho" }, { id: "" }]), DEMANDS),
    /found none among 3 \(2 × no label, 1 × no id\) at x.csv. The first: no label \(x.csv, line 2\)/,
  );
  throws(
    () =>
      checkRows(
        source([{ split: "train", text: "Hi", label: "joy" }, { split: "test", text: "Ho" }]),
        DEMANDS,
      ),
    /the split 'test' that can be used but found none among 1/,
  );
});
