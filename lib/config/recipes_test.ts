import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { parseWith } from "../schema.ts";
import { type AblateConfig, ablateConfig, cellsOf } from "./ablation.ts";
import { isTrainingOption } from "./recipes.ts";
import { trainConfig } from "./train.ts";

const cells = (
  methods: AblateConfig["methods"],
  changes: Record<string, unknown> = {},
  controls = ["text_only", "audio_only"],
) => cellsOf(parseWith(ablateConfig, { methods, seeds: [1], ...changes }, "the test"), controls, "out");
const named = (all: ReturnType<typeof cells>) =>
  all.map(({ recipe, config }) => [recipe, config.text, config.audio]);

const BERT = "hf:bert-base-uncased", ROBERTA = "hf:org/roberta-base";

Deno.test("a recipe may set any option but those that name data, places, engine and seeds", () => {
  const changes = {
    text: BERT,
    audio: "hf:w2v",
    freeze: [{ epochs: 1, train: ["text", "head"] }, { epochs: 1, train: ["head"] }],
    lora: { r: 4 },
    max_text_length: 9,
    batch_size: 4,
    lr: 0.5,
    normalize: "none",
  };
  const [, , cell] = cells({ early_fusion: changes });
  for (const [key, value] of Object.entries(changes)) {
    const kept = cell.config[key as keyof typeof cell.config];
    if (key === "lora") equal(cell.config.lora!.r, 4);
    else deepEqual(kept, value as typeof kept, key);
  }
  for (
    const shared of ["data", "encoding", "columns", "target", "name", "out", "cache", "seed", "engine", "use"]
  ) {
    throws(() => cells({ early_fusion: { [shared]: "x" } }), /Expected a known option but found/);
  }
});

Deno.test("each encoder that a fused recipe reads has its control", () => {
  deepEqual(named(cells({ early_fusion: {} })), [
    ["text_only", "use-lite", "none"],
    ["audio_only", "none", "acoustic@2"],
    ["early_fusion", "use-lite", "acoustic@2"],
  ]);
  const two = { a: { method: "early_fusion", text: ROBERTA }, b: { method: "early_fusion", text: BERT } };
  deepEqual(named(cells(two, { text: BERT })).slice(0, 3), [
    ["text_only", BERT, "none"],
    ["audio_only", "none", "acoustic@2"],
    ["text_only-roberta-base", ROBERTA, "none"],
  ]);
  deepEqual(
    named(cells({ ...two, mine: { method: "text_only", text: ROBERTA } }, { text: BERT })).map(([name]) =>
      name
    ),
    ["text_only", "audio_only", "mine", "a", "b"],
  );
  const unused = { a: { method: "early_fusion", text: ROBERTA } };
  deepEqual(named(cells(unused)).map(([name]) => name), ["audio_only", "text_only-roberta-base", "a"]);
  const taken = { a: { method: "early_fusion" }, text_only: { text: ROBERTA } };
  deepEqual(named(cells(taken)).map(([name, text]) => [name, text]), [
    ["text_only", ROBERTA],
    ["audio_only", "none"],
    ["text_only-use-lite", "use-lite"],
    ["a", "use-lite"],
  ]);
  const alike = {
    a: { method: "early_fusion", text: "hf:x/base" },
    b: { method: "early_fusion", text: "hf:y/base" },
  };
  deepEqual(named(cells(alike)).slice(1, 3).map(([name]) => name), ["text_only-base", "text_only-hf-y-base"]);
});

Deno.test("the control of an encoder that recipes name trains as they do, where they agree", () => {
  const tuned = { method: "early_fusion", text: BERT, train: ["text", "audio", "head"], max_audio_length: 9 };
  const planned = cells({
    a: { ...tuned, lr: 0.5, options: { dropout: 0.5 } },
    b: { ...tuned, lr: 0.25, method: "memocmt" },
    c: { method: "early_fusion", train: ["head"] },
  }, { lr: 1 });
  const control = planned.find(({ recipe }) => recipe === "text_only-bert-base-uncased")!.config;
  deepEqual([control.method, control.text, control.audio], ["text_only", BERT, "none"]);
  deepEqual([control.train, control.lr, control.max_audio_length], [["text", "head"], 1, 512]);
  deepEqual(planned.find(({ recipe }) => recipe === "text_only")!.config.train, ["head"]);
});

Deno.test("without a fused recipe the controls are those of the common encoders, as before", () => {
  const variants = { one: { method: "text_only", lr: 0.1 }, two: { method: "text_only", text: BERT } };
  deepEqual(named(cells(variants)).map(([name]) => name), ["text_only", "audio_only", "one", "two"]);
  deepEqual(named(cells({ text_only: { lr: 0.1 } })).map(([name]) => name), ["text_only", "audio_only"]);
});

Deno.test("a recipe is told by the options in which it differs", () => {
  const of = (methods: AblateConfig["methods"], changes = {}) =>
    Object.fromEntries(cells(methods, changes).map(({ recipe, differs }) => [recipe, differs]));
  deepEqual(of({ early_fusion: {}, memocmt: {} }), {
    text_only: undefined,
    audio_only: undefined,
    early_fusion: undefined,
    memocmt: undefined,
  });
  const freeze = [
    { epochs: 2, train: ["text", "audio", "head"], except: ["text.embeddings"] },
    { epochs: 1, train: ["head"] },
  ];
  const phases = "2 epochs of text+head without text.embeddings, then 1 of head";
  deepEqual(
    of({
      early_fusion: { lr: 0.5 },
      tuned: { method: "early_fusion", text: BERT, freeze, options: { dropout: 0.5 } },
    }, { lr: 0.25 }),
    {
      "text_only": "text use-lite, lr 0.25",
      "text_only-bert-base-uncased": `text hf:bert-base-uncased, ${phases}, lr 0.25`,
      "audio_only": "lr 0.25",
      "early_fusion": "text use-lite, lr 0.5",
      "tuned":
        `method early_fusion, text hf:bert-base-uncased, ${phases.replace("+", "+audio+")}, lr 0.25, ` +
        "options.dropout 0.5",
    },
  );
});

Deno.test("published figures need a known metric and fractions", () => {
  const published = (dev: Record<string, number>) =>
    cells({ early_fusion: { published: { source: "a paper", dev } } }).at(-1)!.published;
  deepEqual(published({ accuracy: 0.63 }), { source: "a paper", dev: { accuracy: 0.63 } });
  throws(() => published({ acuracy: 0.63 }), /Did you mean accuracy\?/);
  throws(() => published({ accuracy: 63 }), /Expected accuracy from 0 to 1 but found 63 .*0\.63 for 63 %/);
  throws(() => cells({ early_fusion: { published: { dev: {} } } }), /Add published\.source/);
  ok(!("published" in cells({ early_fusion: {} })[2]));
});

Deno.test("every option of training is an option of trainings", () => {
  const data = Object.keys(trainConfig.shape).filter((key) => !isTrainingOption(key));
  for (const key of ["data", "text", "audio", "max_text_length", "max_audio_length", "keep_text"]) {
    ok(data.includes(key), key);
  }
});
