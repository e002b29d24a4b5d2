import { equal, throws } from "../testing/assert.ts";
import type { Dataset, Utterance } from "../data/mod.ts";
import { requireColumns } from "./needed_columns.ts";
import { trainConfig } from "./train.ts";

const datasetOf = (...rows: Partial<Utterance>[]): Dataset => ({
  name: "x",
  target: "class",
  labels: ["joy"],
  rows: rows.map((row, i) => ({ id: `${i}`, split: "train", text: "oh", label: "joy", ...row })),
  source: "x.csv",
  root: ".",
  rejected: [],
  notes: [],
});
const check = (given: Record<string, unknown>, ...rows: Partial<Utterance>[]) =>
  requireColumns(trainConfig.parse(given), datasetOf(...rows));
const context = { past: 2, future: 0, speakers: false, states: 0 };

Deno.test("scaling by a column that no row has is refused, with the ways out", () => {
  throws(
    () => check({ normalize: { audio: "session" } }, { speaker: "ann" }),
    /Expected rows with a session for --normalize\.audio=session but found none at x\.csv\. Add the column 'session', say how it is named \(--columns\.session=<name>\), or write --normalize\.audio=train\.$/,
  );
  throws(() => check({ normalize: "dialogue:causal" }, {}), /--normalize\.text=dialogue but found none/);
  throws(() => check({ normalize: { audio: "speaker:enrolled:4" } }, {}), /a speaker for --normalize\.audio/);
});

Deno.test("a row that lacks the column beside others, one corpus, and an unread modality pass", () => {
  for (
    const given of [
      { normalize: "speaker" },
      { normalize: "corpus", audio: "none" },
      { normalize: { audio: "session" }, audio: "none" },
      { normalize: "train" },
      { normalize: "none" },
    ]
  ) equal(check(given, { speaker: "ann" }, {}), undefined);
});

Deno.test("context without a row that has both dialogue and turn is refused", () => {
  throws(
    () => check({ context }, { dialogue: "a" }, { turn: 1 }),
    /rows with a dialogue and a turn for --context but found none at x\.csv\. Add the columns 'dialogue' and 'turn', say how they are named \(--columns\.dialogue=<name> --columns\.turn=<name>\), or leave --context out\.$/,
  );
  throws(() => check({ context: { ...context, past: 0, states: 3 } }, {}), /for --context but found none/);
  equal(check({ context }, { dialogue: "a", turn: 0 }, {}), undefined);
});

Deno.test("speakers' names without a speaker are refused", () => {
  const named = { context: { ...context, speakers: true } };
  throws(
    () => check(named, { dialogue: "a", turn: 0 }),
    /rows with a speaker for --context\.speakers but found none/,
  );
  equal(check(named, { dialogue: "a", turn: 0, speaker: "ann" }), undefined);
});
