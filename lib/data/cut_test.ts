import { deepEqual } from "../testing/assert.ts";
import type { Example } from "./batch.ts";
import { cutNotes } from "./cut.ts";
import type { Utterance } from "./utterance.ts";

const states = (length: number, whole?: number) => ({ data: new Float32Array(0), length, width: 1, whole });
const row = (id: string, text?: string): Utterance => ({ id, split: "dev", text });
const text = { id: "hf:bert" }, audio = { id: "hf:wavlm", rate: 50 };
const words = (count: number) => Array(count).fill("word").join(" ");

Deno.test("no note if everything is read", () => {
  const examples: Example[] = [
    { id: "a", text: states(8), audio: states(50) },
    { id: "b", raw: { text: { row: [1, 2], length: 2, whole: 2 } } },
  ];
  deepEqual(cutNotes(examples, [], { text, audio }, { text: 8, audio: 50 }), []);
  deepEqual(cutNotes(examples, [], { text, audio }, {}), []);
});

Deno.test("notes count texts before the cut, by encoder or by option, and give words", () => {
  const examples: Example[] = [
    { id: "a", text: states(512, 600) },
    { id: "b", raw: { text: { row: [], length: 512, whole: 900 } } },
    { id: "c", text: states(512) },
  ];
  // 750 words in 1500 tokens: half a word a token.
  const rows = [row("a", words(300)), row("b", words(450)), row("c", words(256))];
  deepEqual(cutNotes(examples, rows, { text }, { text: 512 }), [
    "only the first 512 tokens (about 260 words) of 2 texts are read: hf:bert takes no more",
  ]);
  deepEqual(cutNotes(examples, rows, { text }, { text: 100 }), [
    "only the first 100 tokens (about 50 words) of 3 texts are read: --max-text-length is 100",
  ]);
  deepEqual(cutNotes(examples.slice(0, 1), [row("a", "我們今天很高興".repeat(100))], { text }, {}), [
    "only the first 512 tokens (about 340 words) of 1 text are read: hf:bert takes no more",
  ]);
});

Deno.test("notes on clips give seconds", () => {
  const examples: Example[] = [{ id: "a", audio: states(513) }, {
    id: "b",
    audio: states(512),
  }];
  deepEqual(cutNotes(examples, [], { audio: { id: "acoustic", rate: 12.5 } }, { audio: 512 }), [
    "only the first 41 s of 1 clip are read: --max-audio-length is 512",
  ]);
  deepEqual(cutNotes(examples, [], { audio }, { audio: 64 }), [
    "only the first 1.3 s of 2 clips are read: --max-audio-length is 64",
  ]);
});

Deno.test("clips that an encoder processes in windows get a note", () => {
  const examples = [80, 101, 300].map((length, i): Example => ({
    id: `${i}`,
    audio: states(length),
  }));
  const told = (count: number) =>
    cutNotes(examples.slice(0, count), [], { audio: { ...audio, piece: 100 } }, {});
  deepEqual(told(1), []);
  deepEqual(told(2), [
    "hf:wavlm encodes 1 clip longer than 2 s in windows of that length that overlap by half",
  ]);
  deepEqual(told(3), [
    "hf:wavlm encodes 2 clips longer than 2 s in windows of that length that overlap by half",
  ]);
});

Deno.test("notes name the end if the encoder keeps it", () => {
  const examples: Example[] = [{ id: "a", text: states(40, 90) }, {
    id: "b",
    text: states(30),
  }];
  const rows = [row("a", words(90)), row("b", words(30))], left = { ...text, keepsEnd: true };
  deepEqual(cutNotes(examples, rows, { text: left }, { text: 40 }), [
    "only the last 40 tokens (about 40 words) of 1 text are read: hf:bert takes no more",
  ]);
  deepEqual(cutNotes(examples, rows, { text: left }, { text: 20 }), [
    "only the first 20 of the last 40 tokens (about 20 words) of 1 text are read: --max-text-length is 20",
    "only the first 20 tokens (about 20 words) of 1 text are read: --max-text-length is 20",
  ]);
});
