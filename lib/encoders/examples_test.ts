import type { Dataset } from "../data/mod.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { toyNetwork } from "../testing/toy_encoders.ts";
import type { SpeechEncoder } from "./encoder.ts";
import { readExamples } from "./examples.ts";

const dataset = {
  target: "class",
  labels: ["joy", "anger"],
  rows: [
    { id: "a", split: "train", text: "one", audio: "x.wav", label: "anger" },
    { id: "b", split: "train", text: "two", audio: "broken.wav", label: "joy" },
    { id: "c", split: "dev", text: "three" },
    { id: "d", split: "test", text: "unread", label: "joy" },
  ],
  root: "/clips",
} as unknown as Dataset;

/** An encoder with one state per sample. */
const speech: SpeechEncoder = {
  id: "samples",
  modality: "audio",
  width: 1,
  fingerprint: "",
  encode: (clips) => Promise.resolve(clips.map((data) => ({ data, length: data.length, width: 1 }))),
};

const readClip = (path: string) => {
  if (path.endsWith("broken.wav")) return Promise.reject(new Error("no recording"));
  return Promise.resolve({
    samples: new Float32Array(2000),
    warnings: [{ code: "silent" as const, detail: "" }],
  });
};

Deno.test("examples combine states, raw rows and classes; unreadable rows are left out with the reason", async () => {
  const { rows, examples, rejected, clipWarnings } = await readExamples(
    dataset,
    { frozen: { audio: speech }, modelEncoders: { text: toyNetwork("text"), audio: toyNetwork("audio") } },
    { text: 2, audio: 2 },
    { splits: ["train", "dev"], readClip },
  );
  deepEqual(rows.map(({ id }) => id), ["a", "c"]);
  deepEqual(examples.map(({ id, target }) => [id, target]), [["a", { kind: "class", value: 1 }], [
    "c",
    undefined,
  ]]);
  const [{ text, audio, raw }, other] = examples;
  equal(text, undefined);
  equal(audio!.length, 2000);
  deepEqual(raw!.text, { row: [111, 110], length: 3, whole: undefined });
  deepEqual([raw!.audio!.length, raw!.audio!.row.length], [3, 1600]);
  deepEqual([other.audio, other.raw!.audio], [undefined, undefined]);
  deepEqual(rejected.map(({ id, reason }) => [id, reason]), [["b", "no recording"]]);
  ok(clipWarnings.every(({ at }) => at.endsWith("x.wav")) && clipWarnings.length === 2);
});

Deno.test("without encoders inside a model, examples have no raw rows", async () => {
  const { examples } = await readExamples(
    dataset,
    { frozen: { audio: speech }, modelEncoders: {} },
    { text: 2, audio: 2 },
    { readClip },
  );
  deepEqual(examples.map((example) => "raw" in example), [false, false, false]);
});
