import { deepEqual, equal, match, ok, throws } from "../../testing/assert.ts";
import type { Dataset } from "../../data/mod.ts";
import { classOutcomes } from "../../eval/target.ts";
import { metricsOfOutcomes } from "../../eval/mod.ts";
import { parseWith } from "../../schema.ts";
import { type TrainConfig, trainConfig } from "../../config/mod.ts";
import type { SplitResult } from "../split_result.ts";
import { cardText, SECTIONS } from "./card.ts";
import { cardData } from "./data_section.ts";
import { frontMatterText } from "./front_matter.ts";
import { runCard, type RunFacts, withLicence } from "./run_card.ts";

const HOSTILE = "joy | <script>`*\n# anger";

const dataset: Dataset = {
  name: "RAVDESS",
  target: "class",
  labels: [HOSTILE, "sadness"],
  rows: [
    { id: "a", split: "train", label: HOSTILE, speaker: "Jane", text: "secret words", audio: "a.wav" },
    { id: "b", split: "train", label: "sadness", speaker: "Jane", text: "more words" },
    { id: "c", split: "dev", label: "sadness", speaker: "Jane", text: "yet more words" },
    { id: "d", split: "dev", label: HOSTILE, speaker: "John", text: "lost words" },
  ],
  source: "/data/ravdess",
  root: "/data/ravdess",
  rejected: [{ id: "e", at: "x", reason: "no label" }],
  notes: [],
};

const result: SplitResult = {
  metrics: metricsOfOutcomes(classOutcomes([0, 1, 1, 1], [1, 1, 1, 1], dataset.labels)),
  weighted_f1_interval: { interval_95: [0.25, 0.75], clusters: 4, by: "row" },
  controls: { majority: metricsOfOutcomes(classOutcomes([0, 1], [1, 1], dataset.labels)) },
  groups: [{
    key: "speaker",
    by: "row",
    smallest: 20,
    gaps: [],
    groups: [0.5, 0.7, 0.9].map((value, i) => ({
      group: `Jane ${i}`,
      n: 2,
      clusters: 2,
      metrics: { weighted_f1: { value } },
    })),
  }],
  read: ["2026-01-01"],
};

const config = (values: Record<string, unknown> = {}) =>
  parseWith(trainConfig, { data: "/data/ravdess", method: "memocmt", ...values }, "the test") as TrainConfig;

const facts = (changes: Partial<RunFacts> = {}): RunFacts => ({
  run: { name: "first", path: "outputs/first" },
  config: config(),
  data: cardData(dataset, "/data/ravdess", ["d"]),
  results: { dev: result },
  environment: { deno: "2.9.6", engine: "onnx" },
  extended: [],
  ...changes,
});

Deno.test("a card has every section in order, the corpus' facts, and no words of the rows", () => {
  const text = cardText(runCard(facts()));
  deepEqual([...text.matchAll(/^## (.*)$/gm)].map(([, name]) => name), [...SECTIONS]);
  match(text, /^---\nlanguage:\n- en\nlibrary_name: undertone\n/);
  match(text, /Data, RAVDESS: CC BY-NC-SA 4\.0 \(\[its page\]/);
  match(text, /\| train \| +2 \| +2 \| +1 \| +1 \|/);
  match(text, /- 1 speaker of dev or test is in train, too/);
  match(text, /- 2 rows could not be used\./);
  match(text, /\| weighted F1 +\| +64\.3 % \| +25\.0 to 75\.0 \| +33\.3 % \|/); // 3/4 · 6/7; 1/2 · 2/3
  match(text, /weighted F1 of 3 speakers: from 50\.0 % to 90\.0 %, median 70\.0 %/);
  match(text, /Article 5\(1\)\(f\)/);
  match(text, /deno task train --data=\/data\/ravdess --method=memocmt --name=first-again\n/);
  for (const hidden of ["Jane", "secret", "words", "NaN", "undefined %"]) ok(!text.includes(hidden), hidden);
});

Deno.test("a label can't break out of a table, a list or the YAML", () => {
  const text = cardText(runCard(facts()));
  ok(!text.includes("<script>"));
  equal([...text.matchAll(/^# /gm)].length, 1);
  match(text, /^\| joy \\\| \\<script\\>\\`\\\* # anger \| +1 \| +0 \|$/m);
});

Deno.test("what is not known is said, and a resumed run has all its commands", () => {
  const data = cardData({ ...dataset, name: "mine" }, "mine.csv", []);
  const text = cardText(runCard(facts({
    data,
    config: config({ epochs: 30, text: "hf:owner/bert", use: ["/home/me/my_head.ts"] }),
    results: {},
    environment: { init: "outputs/before" },
    extended: [10, 20],
  })));
  match(text, /^---\nlibrary_name/);
  match(text, /^base_model:\n- "owner\/bert"$/m);
  match(text, /Data, mine: not known: look at the data's own licence\./);
  match(text, /The run has no results yet\./);
  match(text, /^Not measured\. /m);
  match(
    text,
    /--text=hf:owner\/bert .*--init=outputs\/before --name=first-again\ndeno task train --resume=outputs\/first-again --epochs=20 /,
  );
  match(text, /--resume=outputs\/first-again --epochs=30 --use=\/home\/me\/my_head\.ts\n```/);
  match(text, /my\\_head\.ts; the run has copies/);
  match(text, /environment\.json is missing or damaged/);
});

Deno.test("results of earlier weights are left out, and undefined values are said", () => {
  const metrics = metricsOfOutcomes(classOutcomes([1], [1], dataset.labels));
  const text = cardText(
    runCard(facts({ results: { dev: { ...result, outdated: true }, test: { metrics, read: ["a", "b"] } } })),
  );
  ok(!text.includes("### On dev"));
  match(text, /\| kappa +\| +undefined \|/);
  match(text, /The test split was read 2 times\./);
  ok(!/type: cohen_kappa/.test(text));
});

Deno.test("YAML quotes what it would take for something else than text, and takes no NaN", () => {
  const about = { library_name: "undertone", language: ["no", "de"], tags: ["a: b", "x", "2", '"q"\u0007'] };
  equal(
    frontMatterText(about),
    [
      "---",
      "library_name: undertone",
      "language:",
      '- "no"',
      "- de",
      "tags:",
      '- "a: b"',
      "- x",
      '- "2"',
      '- "\\"q\\" "',
      "---",
    ]
      .join("\n"),
  );
  const metrics = [{ type: "f1", name: "F1", value: NaN }];
  const task = { type: "other", name: "x" }, dataset = { name: "x", type: "x", split: "dev" };
  throws(
    () =>
      frontMatterText({ ...about, "model-index": [{ name: "x", results: [{ task, dataset, metrics }] }] }),
    /NaN in a model card/,
  );
});

Deno.test("a licence that the user wrote into a card stays when the card is written anew", () => {
  const card = "---\nlibrary_name: undertone\n---\n\n# run\n";
  const own =
    "---\nlicense: other\nlicense_name: ours\nlibrary_name: undertone\n---\n\nlicense: of the text\n";
  equal(
    withLicence(card, own),
    "---\nlicense: other\nlicense_name: ours\nlibrary_name: undertone\n---\n\n# run\n",
  );
  equal(withLicence(card, card), card);
  equal(withLicence(card, ""), card);
});
