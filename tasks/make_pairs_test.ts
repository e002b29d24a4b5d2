import type { Utterance } from "../lib/data/mod.ts";
import { deepEqual, equal } from "../lib/testing/assert.ts";
import { pairs } from "./make_pairs.ts";

type Split = Utterance["split"];
const texts = (split: Split, label: string, count: number): Utterance[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${split}-${label}-${i}`, split, label, text: "words" }));
const clips = (split: Split, label: string, count: number): Utterance[] =>
  Array.from(
    { length: count },
    (_, i) => ({ id: `c${i}`, split, label, audio: `${split}/${label}/${i}.wav` }),
  );

const read = { rows: [...texts("train", "joy", 7), ...texts("dev", "joy", 2), ...texts("train", "fear", 3)] };
const heard = { rows: [...clips("train", "joy", 3), ...clips("dev", "joy", 5), ...clips("test", "fear", 2)] };

Deno.test("a text gets a clip of its own split and label, each clip as often as the others", () => {
  const { rows } = pairs(read, heard, 1), joy = rows.filter(({ label }) => label === "joy");
  deepEqual(rows.map(({ id }) => id), read.rows.map(({ id }) => id));
  for (const { split, audio } of joy) equal(audio!.startsWith(`${split}/joy/`), true);
  const uses = Map.groupBy(joy.filter(({ split }) => split === "train"), ({ audio }) => audio);
  deepEqual([...uses.values()].map(({ length }) => length).sort(), [2, 2, 3]);
  equal(new Set(joy.filter(({ split }) => split === "dev").map(({ audio }) => audio)).size, 2);
});

Deno.test("a text whose label no clip of its split has stays alone, and is counted", () => {
  const { rows, alone } = pairs(read, heard, 1);
  equal(alone, 3);
  deepEqual(rows.filter(({ audio }) => audio === undefined).map(({ label }) => label), [
    "fear",
    "fear",
    "fear",
  ]);
});

Deno.test("a seed gives the same pairs again, another seed others", () => {
  deepEqual(pairs(read, heard, 1), pairs(read, heard, 1));
  const [one, two] = [1, 2].map((seed) => pairs(read, heard, seed).rows.map(({ audio }) => audio).join());
  equal(one === two, false);
});
