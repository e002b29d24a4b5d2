/** Tokenizers whose files disagree, and hard texts: ids as transformers' AutoTokenizer gives them. */
import { deepEqual, equal, match, ok, throws } from "../../testing/assert.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import type { EncoderFiles } from "../encoder.ts";
import { textTokenizer } from "./tokenizer.ts";
import { keptFiles } from "./tokenizer_files.ts";

type Json = Record<string, unknown>;
interface Case {
  name: string;
  base: "bert" | "roberta";
  changes: Json;
  config: Json | null;
  limit: number | null;
  ids: number[][];
  cut: number[][] | null;
}

const { word_piece, texts, cases } = jsonFixture("tokenizers/edited.json") as {
  word_piece: Json;
  texts: string[];
  cases: Case[];
};
const byteLevel = JSON.parse(
  Deno.readTextFileSync(fixture("tokenizers/tiny-roberta/tokenizer.json")),
) as Json;

const filesOf = ({ base, changes, config }: Pick<Case, "base" | "changes" | "config">): EncoderFiles => ({
  "tokenizer.json": { ...base === "bert" ? word_piece : byteLevel, ...changes },
  "config.json": { model_type: base },
  ...config ? { "tokenizer_config.json": config } : {},
});
const [uncased] = cases;
const left = cases.find(({ name }) => name.startsWith("truncation and padding left"))!;

for (const one of cases) {
  Deno.test(`${one.name}: ids as transformers has them, whole and cut`, () => {
    const tokenizer = textTokenizer(filesOf(one), "here");
    equal(tokenizer.limit, one.limit ?? Infinity);
    const whole = textTokenizer({
      ...filesOf(one),
      "tokenizer_config.json": { ...one.config, model_max_length: null },
    }, "here");
    for (const [i, text] of texts.entries()) {
      deepEqual(whole.encode(text), one.ids[i], JSON.stringify(text));
      equal(tokenizer.lengthOf(text), one.ids[i].length);
      if (one.cut) deepEqual(tokenizer.encode(text), one.cut[i], JSON.stringify(text));
    }
    const again = textTokenizer({ ...filesOf(one), ...tokenizer.files }, "here");
    for (const text of texts) deepEqual(again.encode(text), tokenizer.encode(text));
  });
}

Deno.test("only files that earlier versions read differently have another content, which says how", () => {
  const of = (changes: Json, config: Json | null = uncased.config) =>
    textTokenizer(filesOf({ base: "bert", changes, config }), "here", 500);
  const truncation = (max_length: number) => ({ truncation: { max_length } });
  for (
    const same of [of({}), of({ padding: left.changes.padding }), of(truncation(12)), of(truncation(99))]
  ) {
    equal(same.formerly, undefined);
  }
  const short = of(truncation(6));
  deepEqual([short.limit, short.formerly?.limit], [12, 6]);
  match(short.formerly!.changes.join(), /^cut texts at the 6 tokens that tokenizer\.json was saved with$/);
  ok(short.content !== short.formerly!.content);
  match(of({}, { ...uncased.config, do_lower_case: false }).formerly!.changes.join(), /took lowercase/);
  match(
    of({}, { ...uncased.config, truncation_side: "left" }).formerly!.changes.join(),
    /end of a long text/,
  );
});

Deno.test("notes say where tokenizer_config.json overrides tokenizer.json, and which of its settings are ignored", () => {
  const notes = (config: Json) =>
    textTokenizer(filesOf({ base: "bert", changes: {}, config: { ...uncased.config, ...config } }), "here")
      .notes;
  deepEqual(notes({}), []);
  match(
    notes({ do_lower_case: false }).join(),
    /overrides tokenizer\.json, as in transformers: lowercase is false, not true$/,
  );
  match(notes({ cls_token: "[GO]" }).join(), /names \[GO\], which tokenizer\.json does not have/);
  match(notes({ model_max_length: -1 }).join(), /model_max_length -1 is no length of a text/);
  match(notes({ split_special_tokens: true }).join(), /split_special_tokens is ignored/);
});

Deno.test("tokens that tokenizer_config.json adds are written with every key that the Rust library requires", () => {
  const [word] = Object.keys((word_piece.model as { vocab: Json }).vocab).filter((name) =>
    /^[a-z]+$/.test(name)
  );
  const config = {
    ...uncased.config,
    additional_special_tokens: [word],
    added_tokens_decoder: { 9999: { content: "<new>" } },
  };
  const json = textTokenizer(filesOf({ base: "bert", changes: {}, config }), "here").file(8);
  const added = (json.added_tokens as Json[]).filter(({ content }) =>
    content === word || content === "<new>"
  );
  const still = { single_word: false, lstrip: false, rstrip: false };
  deepEqual(added.map(({ id: _, ...rest }) => rest), [
    { ...still, normalized: true, special: false, content: "<new>" },
    { ...still, normalized: false, special: true, content: word },
  ]);
});

Deno.test("a token without an id is a clear error if there is no unknown token", () => {
  const model = { ...word_piece.model as Json, unk_token: "[NONE]" };
  const { encode } = textTokenizer(filesOf({ base: "bert", changes: { model }, config: null }), "here");
  throws(
    () => encode("\u2603"),
    /Expected an id for every token but found none for '\[NONE\]'.*tokenizer\.json/,
  );
});

Deno.test("files in an earlier version's checkpoint read texts as they did then", () => {
  const before = { ...filesOf(left), "tokenizer_config.json": { ...left.config, do_lower_case: false } };
  const { files, notes } = keptFiles(before, "old.safetensors", 500), now = textTokenizer(files, "old", 500);
  const raw = textTokenizer(filesOf(uncased), "raw", 6);
  for (const text of texts) deepEqual(now.encode(text), raw.encode(text));
  match(notes.join(), /reads texts like the version that trained it, which cut texts at the 6 tokens/);
  const today = textTokenizer(filesOf(left), "here", 500).files;
  deepEqual(keptFiles({ ...filesOf(left), ...today }, "new.safetensors", 500).notes, []);
});

Deno.test("the exported tokenizer.json cuts as the model does, does not pad, and can't cut at both ends", () => {
  const { file } = textTokenizer(filesOf(left), "here", 500);
  const { truncation, padding } = file(9);
  deepEqual(truncation, { direction: "Right", max_length: 9, strategy: "LongestFirst", stride: 0 });
  equal(padding, null);
  const both = textTokenizer(filesOf({ ...left, config: uncased.config }), "here", 500);
  deepEqual((both.file(Infinity).truncation as Json).direction, "Left");
  throws(() => both.file(9), /its start to 12 tokens .* end to 9 .*--max-text-length 12/);
});

Deno.test("texts that earlier versions read differently are recognised by their characters", () => {
  const bert = textTokenizer(filesOf(uncased), "here");
  const roberta = textTokenizer(filesOf({ base: "roberta", changes: {}, config: null }), "here");
  const revised = (tokenizer: typeof bert) => texts.filter((text) => tokenizer.revised(text)).length;
  equal(revised(bert), texts.filter((text) => /[𠀀-\u{2fa1f}Σ]/u.test(text) && !/😀/.test(text)).length);
  equal(revised(roberta), texts.filter((text) => /[\u0085\ufeff]/.test(text)).length);
});
