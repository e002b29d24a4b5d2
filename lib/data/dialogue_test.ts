import { random } from "../random.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { contextNotes, speakersOf, textsInContext, turnsAround } from "./dialogue.ts";
import { SPLITS, type Utterance } from "./utterance.ts";

const row = (id: string, given: Partial<Utterance> = {}): Utterance => ({
  id,
  split: "train",
  dialogue: "d",
  text: `words of ${id}`,
  ...given,
});
const none = { past: 0, future: 0, speakers: false, states: 0 };

/** Returns 200 sets of random rows: splits, dialogues, turns and texts that are missing or occur twice. */
function randomRows(): { rows: Utterance[]; shuffled: Utterance[]; past: number; future: number }[] {
  const { uniform, shuffle } = random(7);
  const below = (count: number) => Math.floor(uniform() * count);
  return Array.from({ length: 200 }, () => {
    const rows = Array.from({ length: below(40) }, (_, i): Utterance => ({
      id: `${below(90)}-${i}`,
      split: SPLITS[below(3)],
      dialogue: [undefined, "a", "b"][below(3)],
      turn: below(5) === 0 ? undefined : below(15) - 2,
      text: below(6) === 0 ? undefined : `text ${below(9)}`,
    }));
    return { rows, shuffled: shuffle([...rows]), past: below(6), future: below(6) };
  });
}

Deno.test("context never crosses a split or a dialogue, and never goes past the utterance or the count", () => {
  for (const { rows, past, future } of randomRows()) {
    const around = turnsAround(rows);
    for (const row of rows) {
      const turns = around(row, past, future);
      ok(turns.past.length <= past && turns.future.length <= future);
      for (const [side, sign] of [["past", -1], ["future", 1]] as const) {
        turns[side].forEach((other, i) => {
          equal(other.split, row.split);
          equal(other.dialogue, row.dialogue);
          ok(sign * (other.turn! - row.turn!) > 0);
          if (i > 0) ok(sign * (other.turn! - turns[side][i - 1].turn!) > 0, "nearest first");
        });
      }
      if (row.dialogue === undefined || row.turn === undefined) deepEqual(turns, { past: [], future: [] });
    }
  }
});

Deno.test("the order of the rows, and rows of other splits and dialogues, change no context", () => {
  for (const { rows, shuffled, past, future } of randomRows()) {
    const context = { ...none, past, future };
    const [one, other] = [textsInContext(rows, context), textsInContext(shuffled, context)];
    for (const row of rows) {
      deepEqual(one(row), other(row));
      const same = rows.filter(({ split, dialogue }) => split === row.split && dialogue === row.dialogue);
      deepEqual(one(row), textsInContext(same, context)(row));
    }
  }
});

Deno.test("turns are ordered as numbers, and those without text are passed over", () => {
  const rows = [10, 9, 2, 1].map((turn) => row(`${turn}`, { turn, speaker: `s${turn}` }));
  rows[1] = { ...rows[1], text: undefined, audio: "9.wav" };
  const read = (speakers: boolean) => textsInContext(rows, { ...none, past: 2, future: 1, speakers });
  deepEqual(read(false)(rows[0]), {
    text: "words of 10",
    past: [{ text: "words of 1" }, { text: "words of 2" }],
    future: [],
  });
  deepEqual(read(true)(rows[2]), {
    text: "words of 2",
    speaker: "s2",
    past: [{ text: "words of 1", speaker: "s1" }],
    future: [{ text: "words of 10", speaker: "s10" }],
  });
  equal(read(true)(rows[1]), undefined);
});

Deno.test("of utterances with one turn, others read the first by id, and neither reads the other", () => {
  const rows = [row("c", { turn: 2 }), row("b", { turn: 1 }), row("a", { turn: 1 }), row("z", { turn: 0 })];
  const around = turnsAround(rows);
  const ids = (id: string) => around(rows.find((row) => row.id === id)!, 5, 5).past.map(({ id }) => id);
  deepEqual(ids("c"), ["a", "z"]);
  deepEqual([ids("a"), ids("b")], [["z"], ["z"]]);
  ok(
    contextNotes(rows, { ...none, past: 1 }).includes(
      "1 turns occur more than once (a and b): others read only the first of them by id.",
    ),
  );
});

Deno.test("notes count the turns that utterances read, and those without a place or a name", () => {
  const rows = [
    row("0", { turn: 0, speaker: "A" }),
    row("1", { turn: 1 }),
    row("2", { turn: 2 }),
    row("alone", { dialogue: undefined, turn: 3 }),
  ];
  deepEqual(contextNotes(rows, { past: 2, future: 1, speakers: true, states: 1 }), [
    "Texts of earlier turns: 2 utterances read 0, 1 read 1, 1 read 2.",
    "Texts of later turns: 2 utterances read 0, 2 read 1.",
    "States of earlier turns: 2 utterances read 0, 2 read 1.",
    "1 of 4 utterances have no dialogue or no turn, so they have no context.",
    "3 of 4 texts have no speaker, so they stand without a name.",
  ]);
  deepEqual(contextNotes(rows), []);
  const many = Array.from({ length: 21 }, (_, turn) => row(`${turn}`, { turn }));
  deepEqual(contextNotes(many, { ...none, past: 20 }), [
    "Texts of earlier turns: 21 utterances read 0 to 20, 10.0 on average.",
  ]);
});

Deno.test("a dialogue of a hundred thousand turns takes moments", () => {
  const rows = Array.from({ length: 100_000 }, (_, turn) => row(`${turn}`, { turn }));
  const around = turnsAround(rows);
  equal(rows.reduce((sum, row) => sum + around(row, 2, 1).past.length, 0), 2 * 100_000 - 3);
});

Deno.test("speakers are the same, others, or unknown", () => {
  const by = (speaker?: string) => row("x", { speaker });
  deepEqual(
    [speakersOf(by("a"), by("a")), speakersOf(by("a"), by("b")), speakersOf(by(), by("a"))],
    ["same", "other", "unknown"],
  );
});
