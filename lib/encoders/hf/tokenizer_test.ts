import { deepEqual, equal, rejects } from "../../testing/assert.ts";
import { fixture, jsonFixture, shared } from "../../testing/shared.ts";
import { testWith } from "../../testing/needs.ts";
import { readFiles } from "./files.ts";
import { textTokenizer, TOKENIZER_FILES } from "./tokenizer.ts";

const { cases } = jsonFixture("tokenizers/expected.json");
const readTokenizer = async (folder: string) =>
  textTokenizer(await readFiles(folder, TOKENIZER_FILES), folder);
const minilm = shared("models/all-MiniLM-L6-v2");

Deno.test("byte-level BPE gives the ids of Hugging Face's tokenizers", async () => {
  const { encode, limit, size } = await readTokenizer(fixture("tokenizers/tiny-roberta"));
  deepEqual([limit, size], [128, 1000]);
  for (const { text, tiny_roberta } of cases) deepEqual(encode(text, limit), tiny_roberta, text);
});

testWith("shared/models/all-MiniLM-L6-v2", {
  name: "WordPiece gives the ids of Hugging Face's tokenizers",
  async fn() {
    const { encode, limit, size } = await readTokenizer(minilm!);
    deepEqual([limit, size], [512, 30522]); // its tokenizer.json was saved with truncation at 128
    for (const { text, minilm } of cases) deepEqual(encode(text, 128), minilm, text);
  },
});

Deno.test("a long text keeps its last special token", async () => {
  const { encode } = await readTokenizer(fixture("tokenizers/tiny-roberta"));
  const ids = encode("oh my god ".repeat(30), 9);
  deepEqual([ids.length, ids[0], ids.at(-1)], [9, 0, 2]);
});

Deno.test("a file that is no tokenizer is a clear error", async () => {
  const folder = await Deno.makeTempDir();
  await rejects(readTokenizer(folder), /found no file at .*tokenizer\.json/);
  await Deno.writeTextFile(`${folder}/tokenizer.json`, '{"model": {"type": "Alphabet"}}');
  await rejects(
    readTokenizer(folder),
    /Expected a tokenizer .* found one that can't be read .*tokenizer\.json/,
  );
});

Deno.test("a folder without tokenizer_config.json sets no limit of its own", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.copyFile(fixture("tokenizers/tiny-roberta/tokenizer.json"), `${folder}/tokenizer.json`);
  equal((await readTokenizer(folder)).limit, Infinity);
});
