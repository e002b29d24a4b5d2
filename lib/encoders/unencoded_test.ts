import { deepEqual, equal, ok } from "../testing/assert.ts";
import type { Dataset } from "../data/mod.ts";
import { readUnencoded, unpacked } from "./unencoded.ts";

const dataset = {
  rows: [
    { id: "a", split: "train", text: "one two three", audio: "x.wav" },
    { id: "b", split: "train", text: "one two three" },
    { id: "c", split: "dev", audio: "broken.wav" },
    { id: "d", split: "dev", audio: "x.wav" },
    { id: "e", split: "test", text: "unread" },
  ],
  root: "/clips",
} as unknown as Dataset;
const samples = Float32Array.of(-1, -0.5, 0, 1 / 32768, 0.99999, 1);

/** Readers with one token per word, and one state for every two samples. */
const readers = () => {
  const told: string[] = [];
  const text = {
    rowOf: (
      text: string,
      limit = Infinity,
    ) => (told.push(text), text.split(" ").map((w) => w.length).slice(0, limit)),
    statesOf: (row: ArrayLike<number>) => row.length,
    lengthOf: (text: string) => text.length,
  };
  const audio = {
    rowOf: (samples: Float32Array, limit = Infinity) => samples.subarray(0, limit * 2),
    statesOf: (row: ArrayLike<number>) => row.length / 2,
  };
  return { told, text, audio };
};

Deno.test("each distinct text and clip is read once, cut, and its whole length known", async () => {
  const { told, text, audio } = readers(), read: string[] = [];
  const { rejected, clipWarnings, ...rows } = await readUnencoded(dataset, { text, audio }, {
    text: 2,
    audio: 2,
  }, {
    splits: ["train", "dev"],
    readClip(path) {
      read.push(path);
      if (path.endsWith("broken.wav")) throw new Error("no recording");
      return Promise.resolve({ samples, warnings: [{ code: "clipped", detail: "much" }] });
    },
  });
  deepEqual([...rows.text!.keys()], ["a", "b"]);
  equal(rows.text!.get("a"), rows.text!.get("b"));
  deepEqual(rows.text!.get("a"), { row: [3, 3], length: 3, whole: 13 });
  deepEqual(new Set(told), new Set(["one two three"]));
  deepEqual(read.sort(), ["/clips/broken.wav", "/clips/x.wav"]);
  deepEqual([...rows.audio!.keys()], ["a", "d"]);
  equal(rows.audio!.get("a"), rows.audio!.get("d"));
  equal(rows.audio!.get("a")!.length, 3);
  deepEqual([...unpacked(rows.audio!.get("a")!.row) as Float32Array], [...samples.slice(0, 4)]);
  deepEqual(rejected, [{ id: "c", at: "/clips/broken.wav", reason: "no recording" }]);
  deepEqual(clipWarnings, [{ at: "/clips/x.wav", code: "clipped", detail: "much" }]);
});

Deno.test("samples keep 16 bits and never leave their range", async () => {
  const { audio } = readers();
  const { audio: rows } = await readUnencoded(dataset, { audio }, { text: 9, audio: 9 }, {
    splits: ["train"],
    readClip: () => Promise.resolve({ samples, warnings: [] }),
  });
  const back = unpacked(rows!.get("a")!.row);
  samples.forEach((x, i) => ok(Math.abs(back[i] - x) <= 1 / 32768, `${x} became ${back[i]}`));
  deepEqual(unpacked([1, 2]), [1, 2]);
});

Deno.test("a clip of more states than one pass is cut there, and its whole length known", async () => {
  const { audio } = readers();
  const read = async (piece: number | undefined, most: number) => {
    const { audio: rows } = await readUnencoded(dataset, { audio: { ...audio, piece } }, {
      text: 9,
      audio: most,
    }, {
      splits: ["train"],
      readClip: () => Promise.resolve({ samples, warnings: [] }),
    });
    const { row, length, whole } = rows!.get("a")!;
    return [row.length / 2, length, whole];
  };
  deepEqual(await read(2, 9), [2, 2, 3]);
  deepEqual(await read(2, 1), [1, 2, 3]);
  deepEqual(await read(3, 9), [3, 3, undefined]);
  deepEqual(await read(undefined, 9), [3, 3, undefined]);
});
