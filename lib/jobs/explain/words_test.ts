import { textEncoder } from "../../encoders/mod.ts";
import { textTokenizer, TOKENIZER_FILES } from "../../encoders/hf/tokenizer.ts";
import { readFiles } from "../../encoders/hf/files.ts";
import { deepEqual } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { fixture, shared } from "../../testing/shared.ts";
import { withoutWord, wordsIn, wordsOfStates } from "./words.ts";

const TEXTS = [
  "Now it makes sense.",
  "I'm SO unhappy-ish today!!  Really?",
  "  naïve café — “fine” ",
  "unbelievable 😀😀 ok",
  "a\u0301b c",
];

/**
 * The word of each token by the offsets that transformers' fast tokenizers give. A token of white space alone
 * counts to the word after it, or to the last one.
 */
const EXPECTED = {
  minilm: [
    [-1, 0, 1, 2, 3, 3, -1],
    [-1, 0, 0, 0, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, -1],
    [-1, 0, 1, 2, 3, 3, 3, -1],
    [-1, 0, 1, 2, -1],
    [-1, 0, 1, -1],
  ],
  roberta: [
    [-1, 0, 1, 2, 2, 3, 3, 3, 3, -1],
    [-1, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, -1],
    [-1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, -1],
    [-1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, -1],
    [-1, 0, 0, 0, 0, 1, -1],
  ],
};

const tokenizerIn = async (folder: string) => textTokenizer(await readFiles(folder, TOKENIZER_FILES), folder);

testWith(
  "shared/models/all-MiniLM-L6-v2",
  "WordPiece tokens belong to the words of transformers' offsets",
  async () => {
    const { tokensOf } = await tokenizerIn(shared("models/all-MiniLM-L6-v2")!);
    deepEqual(TEXTS.map((text) => wordsOfStates(text, tokensOf).of), EXPECTED.minilm);
  },
);

Deno.test("byte-level tokens belong to the words of transformers' offsets", async () => {
  const { tokensOf } = await tokenizerIn(fixture("tokenizers/tiny-roberta"));
  deepEqual(TEXTS.map((text) => wordsOfStates(text, tokensOf).of), EXPECTED.roberta);
});

Deno.test("SentencePiece tokens of USE-Lite: each word has its own, and every token has a word", async () => {
  const encoder = await textEncoder("use-lite"), text = "Unhappily, they've  arrived 😀!";
  const { words, of } = wordsOfStates(text, (given) => encoder.tokensOf!(given));
  deepEqual(words.map(({ text }) => text), ["Unhappily,", "they've", "arrived", "😀!"]);
  const [states] = await encoder.encode([text]);
  deepEqual(of.length, states.length);
  deepEqual(of, [...of].sort(), "in order");
  deepEqual(new Set(of).size, 4);
  const long = "word ".repeat(200), cut = wordsOfStates(long, (given) => encoder.tokensOf!(given));
  deepEqual([cut.words.length, cut.of.length], [128, 128], "words that are cut off are left out");
});

Deno.test("a text that is cut keeps the words of the tokens that are left", async () => {
  const { tokensOf } = await tokenizerIn(fixture("tokenizers/tiny-roberta"));
  const [text] = TEXTS; // 8 tokens of its own, 2 special ones
  const { words, of } = wordsOfStates(text, (given) => tokensOf(given, 5));
  deepEqual(of, [-1, 0, 1, 2, -1]);
  deepEqual(words.map(({ text }) => text), ["Now", "it", "makes"]);
});

Deno.test("a token over the end of a word joins it to the next one", () => {
  const ids: Record<string, number[]> = { "a": [1], "a b": [2], "a b c": [2, 3] }; // "a b" is one token
  const tokensOf = (text: string) => ({ own: ids[text], places: ids[text].map((_, i) => i) });
  const { words, of } = wordsOfStates("a b c", tokensOf);
  deepEqual(words.map(({ text }) => text), ["a b", "c"]);
  deepEqual(of, [0, 1]);
});

Deno.test("words stand between white space, or are found where a script has none", () => {
  const texts = (text: string) => wordsIn(text).map(({ text }) => text);
  deepEqual(texts(" Oh,\tno!\n"), ["Oh,", "no!"]);
  deepEqual(texts("私は元気です。ok"), ["私", "は", "元気", "です。", "ok"]);
  deepEqual(texts(""), []);
  for (const { text, start, end } of wordsIn(TEXTS[2])) deepEqual(TEXTS[2].slice(start, end), text);
});

Deno.test("a text without a word has no doubled space", () => {
  const [oh, no, well] = wordsIn("Oh no, well");
  const left = [oh, no, well].map((word) => withoutWord("Oh no, well", word));
  deepEqual(left, ["no, well", "Oh well", "Oh no, "]);
  deepEqual(withoutWord("one", wordsIn("one")[0]), "");
});
