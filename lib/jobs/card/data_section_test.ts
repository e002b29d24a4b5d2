import { equal, match } from "../../testing/assert.ts";
import type { Dataset, Utterance } from "../../data/mod.ts";
import { limitsText } from "./limits.ts";
import { cardData, dataText, labelsText, licenceText } from "./data_section.ts";

const dataset = (changes: Partial<Dataset>): Dataset => ({
  ...{
    name: "mine",
    target: "class",
    labels: ["a", "b"],
    rows: [],
    source: "",
    root: "",
    rejected: [],
    notes: [],
  },
  ...changes,
});

const rows = (targets: Record<string, number>[]): Utterance[] =>
  targets.map((target, i) => ({ id: String(i), split: i < 3 ? "train" : "dev", text: "x", target }));

const table = (changes: Partial<Dataset>) =>
  labelsText(cardData(dataset(changes), "x.csv", [])).replaceAll(/ +/g, " ").split("\n\n")[1].split("\n")
    .slice(2);

Deno.test("labels of every kind of target are counted or averaged by split", () => {
  const several = [{ a: 1, b: 0 }, { a: 1, b: 1 }, { a: 0, b: 0 }, { a: 0, b: 1 }];
  equal(table({ target: "labels", rows: rows(several) }).join(), "| a | 2 | 0 |,| b | 1 | 1 |");
  const votes = [{ a: 1, b: 0 }, { a: 0.5, b: 0.5 }, { a: 0, b: 1 }, { a: 0.25, b: 0.75 }];
  equal(
    table({ target: "distribution", rows: rows(votes) }).join(),
    "| a | 50.0 % | 25.0 % |,| b | 50.0 % | 75.0 % |",
  );
  const values = [{ a: 1 }, { a: 2 }, { a: 3 }, { a: -4 }]; // population deviation of 1, 2, 3: sqrt(2/3)
  equal(
    table({ target: "values", labels: ["a", "b"], rows: rows(values as Record<string, number>[]) }).join(),
    "| a | 2.00 ± 0.82 | -4.00 ± 0.00 |,| b | – | – |",
  );
});

Deno.test("rows of several corpora have the facts of each, and what is unknown is said", () => {
  const of = (corpus: string, i: number): Utterance => ({
    id: `${i}`,
    split: "train",
    text: "x",
    label: "a",
    corpus,
  });
  const data = cardData(dataset({ rows: ["EMO-DB", "TESS", "my clips"].map(of) }), "all.csv", []);
  match(
    dataText(data),
    /found by their names:\s\[EMO-DB\].*\[TESS\].*, in\sGerman, English\. Not known here: my clips\./s,
  );
  const licences = licenceText(data, { "use-lite": "Apache 2.0" });
  match(licences, /^- Data, TESS: CC BY-NC 4\.0; elsewhere -ND \(/m);
  match(licences, /^- Data, my clips: not known: look at the data's own licence\.$/m);
  match(licences, /^- Encoder, use-lite: Apache 2\.0\.$/m);
  match(
    dataText(cardData(dataset({ rows: [of("x", 1)] }), "x.csv", [])),
    /No corpus of that name is known here/,
  );
  match(
    limitsText(data.corpora, "values"),
    /EMO-DB:\s+actors or volunteers portray emotions.* gives values for any input/s,
  );
});
