import { deepEqual } from "../testing/assert.ts";
import type { Example } from "./batch.ts";
import { cutNotes } from "./cut.ts";
import type { Utterance } from "./utterance.ts";

const states = (length: number, whole?: number) => ({ data: new Float32Array(0), length, width: 1, whole });
const row = (id: string, text?: string): Utterance => ({ id, split: "dev", text });
const text = { id: "hf:bert" }, audio = { id: "hf:wavlm", rate: 50 };
const words = (count: number) => Array(count).fill("word").join(" ");

Deno.test("nothing is said where all is read", () => {
  const examples: Example[] = [
    { id: "a", text: states(8), audio: states(50), label: 0 },
    { id: "b", raw: { text: { row: [1, 2], length: 2, whole: 2 } }, label: 0 },
  ];
  deepEqual(cutNotes(examples, [], { text, audio }, { text: 8, audio: 50 }), []);
  deepEqual(cutNotes(examples, [], { text, audio }, {}), []);
});

Deno.test("texts are counted before they are cut, by their encoder or by the bound, and told in words", () => {
  const examples: Example[] = [
    { id: "a", text: states(512, 600), label: 0 },
    { id: "b", raw: { text: { row: [], length: 512, whole: 900 } }, label: 0 },
    { id: "c", text: states(512), label: 0 },
  ];
  // 750 words in 1500 tokens: half a word a token.
  const rows = [row("a", words(300)), row("b", words(450)), row("c", words(256))];
  deepEqual(cutNotes(examples, rows, { text }, { text: 512 }), [
    "of 2 texts only the first 512 tokens (about 260 words) are read; hf:bert takes no more",
  ]);
  deepEqual(cutNotes(examples, rows, { text }, { text: 100 }), [
    "of 3 texts only the first 100 tokens (about 50 words) are read; --max-text-length is 100",
  ]);
  deepEqual(cutNotes(examples.slice(0, 1), [row("a", "我們今天很高興".repeat(100))], { text }, {}), [
    "of 1 text only the first 512 tokens (about 340 words) are read; hf:bert takes no more",
  ]);
});

Deno.test("recordings are told in seconds", () => {
  const examples: Example[] = [{ id: "a", audio: states(513), label: 0 }, {
    id: "b",
    audio: states(512),
    label: 0,
  }];
  deepEqual(cutNotes(examples, [], { audio: { id: "acoustic", rate: 12.5 } }, { audio: 512 }), [
    "of 1 recording only the first 41 s are read; --max-audio-length is 512",
  ]);
  deepEqual(cutNotes(examples, [], { audio }, { audio: 64 }), [
    "of 2 recordings only the first 1.3 s are read; --max-audio-length is 64",
  ]);
});

Deno.test("recordings that an encoder hears in pieces are told", () => {
  const examples = [80, 101, 300].map((length, i): Example => ({
    id: `${i}`,
    audio: states(length),
    label: 0,
  }));
  const told = (count: number) =>
    cutNotes(examples.slice(0, count), [], { audio: { ...audio, piece: 100 } }, {});
  deepEqual(told(1), []);
  deepEqual(told(2), [
    "1 recording of over 2 s is encoded in pieces of that length, which do not hear each other, by hf:wavlm",
  ]);
  deepEqual(told(3), [
    "2 recordings of over 2 s are encoded in pieces of that length, which do not hear each other, by hf:wavlm",
  ]);
});

Deno.test("an encoder that keeps the end is told so", () => {
  const examples: Example[] = [{ id: "a", text: states(40, 90), label: 0 }, {
    id: "b",
    text: states(30),
    label: 0,
  }];
  const rows = [row("a", words(90)), row("b", words(30))], left = { ...text, keepsEnd: true };
  deepEqual(cutNotes(examples, rows, { text: left }, { text: 40 }), [
    "of 1 text only the last 40 tokens (about 40 words) are read; hf:bert takes no more",
  ]);
  deepEqual(cutNotes(examples, rows, { text: left }, { text: 20 }), [
    "of 1 text only the first 20 of the last 40 tokens (about 20 words) are read; --max-text-length is 20",
    "of 1 text only the first 20 tokens (about 20 words) are read; --max-text-length is 20",
  ]);
});
