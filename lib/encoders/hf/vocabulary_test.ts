/** Tokenizers in their older files: ids as transformers' AutoTokenizer gives them. */
import { deepEqual, match, ok, rejects } from "../../testing/assert.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { readTokenizer, TOKENIZER_FILES } from "./tokenizer.ts";
import { readFiles } from "./files.ts";

type Json = Record<string, unknown>;
interface Case {
  name: string;
  vocabulary: string;
  files: Record<string, Json>;
  ids: number[][];
}
const { texts, cases } = jsonFixture("tokenizers/vocabularies.json") as { texts: string[]; cases: Case[] };
const word_piece: Record<string, number> = jsonFixture("tokenizers/edited.json").word_piece.model.vocab;
const byteLevel = jsonFixture("tokenizers/tiny-roberta/tokenizer.json").model;

/** Writes a case's files to a folder. */
async function folderOf({ vocabulary, files }: Pick<Case, "vocabulary" | "files">): Promise<string> {
  const folder = await Deno.makeTempDir(),
    write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
  if (vocabulary === "word_piece") {
    const tokens = Object.keys(word_piece).sort((a, b) => word_piece[a] - word_piece[b]);
    await write("vocab.txt", tokens.map((token) => `${token}\n`).join(""));
  } else if (vocabulary === "byte_level") {
    const merges = byteLevel.merges.map((pair: string | string[]) => `${[pair].flat().join(" ")}\n`).join("");
    await write("vocab.json", JSON.stringify(byteLevel.vocab));
    await write("merges.txt", `#version: 0.2\n${merges}`);
  } else {
    await Deno.copyFile(fixture(`tokenizers/${vocabulary}.model`), `${folder}/sentencepiece.bpe.model`);
  }
  for (const [name, json] of Object.entries(files)) await write(`${name}.json`, JSON.stringify(json));
  return folder;
}

for (const one of cases) {
  Deno.test(`${one.name}: the ids of AutoTokenizer`, async () => {
    const tokenizer = await readTokenizer(await folderOf(one));
    for (const [i, text] of texts.entries()) {
      deepEqual(tokenizer.encode(text), one.ids[i], JSON.stringify(text));
    }
  });
}

Deno.test("what no file says is told", async () => {
  const notes: string[] = [];
  await readFiles(await folderOf({ vocabulary: "word_piece", files: {} }), TOKENIZER_FILES, { notes });
  match(
    notes.join(" "),
    /names its tokenizer: it is read as that of bert.*do_lower_case: texts become lower/,
  );
  const said: string[] = [], config = { tokenizer_class: "BertTokenizer", do_lower_case: true };
  await readFiles(
    await folderOf({ vocabulary: "word_piece", files: { tokenizer_config: config } }),
    TOKENIZER_FILES,
    { notes: said },
  );
  deepEqual(said, []);
});

Deno.test("files of another tokenizer are refused with the way to tokenizer.json", async () => {
  const of = async (vocabulary: string, tokenizer_class: string) =>
    readTokenizer(await folderOf({ vocabulary, files: { tokenizer_config: { tokenizer_class } } }));
  await rejects(
    of("word_piece", "BertJapaneseTokenizer"),
    /found those of 'bertjapanese' at .*AutoTokenizer/,
  );
  await rejects(of("byte_level", "GPT2Tokenizer"), /vocab\.json and merges\.txt of a tokenizer like roberta/);
  await rejects(of("tiny", "BertTokenizer"), /found those of 'bert' at /);
});

Deno.test("damaged vocabularies are refused in a sentence", async () => {
  const files = {};
  const damaged = async (vocabulary: string, name: string, content: Uint8Array) => {
    const folder = await folderOf({ vocabulary, files });
    await Deno.writeFile(`${folder}/${name}`, content);
    return readTokenizer(folder);
  };
  const text = (value: string) => new TextEncoder().encode(value);
  await rejects(
    damaged("word_piece", "vocab.txt", text("a\nb\n")),
    /found none named '\[CLS\]' at .*vocab\.txt/,
  );
  await rejects(damaged("word_piece", "vocab.txt", Uint8Array.of(0xff)), /found text that is not UTF-8/);
  await rejects(
    damaged("word_piece", "vocab.txt", text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")),
    /found a git-lfs pointer to it at .*vocab\.txt\. Run .*git lfs pull/,
  );
  await rejects(damaged("byte_level", "vocab.json", text('{"a": "b"}')), /vocab\.json/);
  await rejects(damaged("byte_level", "vocab.json", text('{"<s>": 1e9, "</s>": 1}')), /token ids from 0 to/);
  const model = await Deno.readFile(fixture("tokenizers/tiny.model"));
  await rejects(
    damaged("tiny", "sentencepiece.bpe.model", model.subarray(0, 99)),
    /found a file that can't be read/,
  );
  await rejects(damaged("tiny", "sentencepiece.bpe.model", new Uint8Array()), /found 0 pieces/);
  for (let at = 0; at < model.length; at += 41) {
    const changed = model.slice();
    changed[at] ^= 1 + at % 255;
    await damaged("tiny", "sentencepiece.bpe.model", changed).then(
      (tokenizer) => ok(tokenizer.encode("hello there").length > 1),
      (error) => match(error.message, /^Expected .* but found .*\.$/s),
    );
  }
});
