/** What a card says of a run's data: rows, speakers and labels of each split, and the corpora's licences. */
import {
  type CorpusFacts,
  corpusFacts,
  type Dataset,
  SAMPLE_FACTS,
  SPLITS,
  type Utterance,
} from "../../data/mod.ts";
import { mdLink, mdList, mdTable, mdText, wrapped } from "../../markdown.ts";
import { count } from "../../errors.ts";

/** The rows of a run's data, without those that could not be read. */
export interface CardData extends Pick<Dataset, "name" | "target" | "labels" | "rows"> {
  /** The corpora that are known. */
  corpora: readonly CorpusFacts[];
  /** Names of data or corpora of which nothing is known. */
  unknown: readonly string[];
  /** Number of rows that were left out. */
  rejected: number;
}

/**
 * Returns what a card says of data. `given` is the data's path, `unusable` the ids of rows without features.
 */
export function cardData(
  { name, target, labels, rows, rejected }: Dataset,
  given: string,
  unusable: readonly string[],
): CardData {
  const lost = new Set(unusable), usable = rows.filter(({ id }) => !lost.has(id));
  const named = [...new Set(usable.map(({ corpus }) => corpus ?? name))].sort();
  const facts = named.map((name) => given === "sample" ? SAMPLE_FACTS : corpusFacts(name));
  return {
    ...{ name, target, labels, rows: usable },
    corpora: [...new Set(facts.flatMap((found) => found ?? []))],
    unknown: named.filter((_, i) => !facts[i]),
    rejected: rejected.length + rows.length - usable.length,
  };
}

const number = (value: number): string => value.toLocaleString("en");

const linked = ({ name, page }: CorpusFacts): string => page ? mdLink(name, page) : mdText(name);

/** Returns the section on data. */
export function dataText(data: CardData): string {
  const { name, rows, corpora, unknown, rejected } = data;
  const bySplit = SPLITS.map((split) => ({ split, own: rows.filter((row) => row.split === split) }))
    .filter(({ own }) => own.length > 0);
  const having = (own: readonly Utterance[], key: "text" | "audio") =>
    number(own.filter((row) => row[key] !== undefined).length);
  const speakers = (own: readonly Utterance[]) => new Set(own.flatMap(({ speaker }) => speaker ?? [])).size;
  const isNamed = rows.some(({ speaker }) => speaker !== undefined);
  const languages = new Intl.DisplayNames("en", { type: "language" });
  const of = corpora.flatMap(({ languages }) => languages);
  const spoken = [...new Set(of)].map((code) => languages.of(code) ?? code);
  return [
    wrapped(
      `The data are called “${mdText(name)}”. ` +
        (corpora.length
          ? `${corpora.length === 1 ? "Corpus, found by its name" : "Corpora, found by their names"}: ` +
            `${corpora.map(linked).join(", ")}, in ${spoken.join(", ")}.` +
            (unknown.length ? ` Not known here: ${unknown.map(mdText).join(", ")}.` : "")
          : "No corpus of that name is known here, so neither language nor origin is known."),
    ),
    mdTable(
      ["split", "rows", "with text", "with a clip", ...isNamed ? ["speakers"] : []],
      bySplit.map(({ split, own }) => [
        split,
        number(own.length),
        having(own, "text"),
        having(own, "audio"),
        ...isNamed ? [number(speakers(own))] : [],
      ]),
    ),
    mdList([
      isNamed ? sharedSpeakers(rows) : "The data name no speakers, so one may be in several splits.",
      ...rejected ? [`${count(rejected, "row")} could not be used.`] : [],
    ]),
  ].join("\n\n");
}

function sharedSpeakers(rows: readonly Utterance[]): string {
  const inTrain = new Set(rows.flatMap(({ split, speaker }) => split === "train" ? speaker ?? [] : []));
  const others = rows.flatMap(({ split, speaker }) => split !== "train" ? speaker ?? [] : []);
  const { size } = new Set(others.filter((speaker) => inTrain.has(speaker)));
  return size === 0
    ? "No speaker of train is in dev or test."
    : `${count(size, "speaker")} of dev or test ${
      size === 1 ? "is" : "are"
    } in train, too: the results are partly of known voices.`;
}

/** Returns the section on labels: how often each occurs in each split, or how its values spread. */
export function labelsText({ target, labels, rows }: CardData): string {
  const splits = SPLITS.filter((split) => rows.some((row) => row.split === split));
  const said = {
    class: "Each row has one label. The table counts rows.",
    labels: "Each row has any number of labels. The table counts rows.",
    distribution: "Each row has a share of votes for each label. The table has the mean shares.",
    values: "Each row has a value for each dimension. The table has their means and standard deviations.",
  }[target];
  const cell = (split: string, label: string): string => {
    const own = rows.filter((row) => row.split === split);
    if (target === "class") return number(own.filter((row) => row.label === label).length);
    const values = own.flatMap(({ target }) => target?.[label] ?? []);
    if (target === "labels") return number(values.filter((value) => value > 0.5).length);
    if (values.length === 0) return "–";
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (target === "distribution") return `${(100 * mean).toFixed(1)} %`;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return `${mean.toFixed(2)} ± ${spread.toFixed(2)}`;
  };
  const head = target === "values" ? "dimension" : "label";
  return [
    wrapped(said),
    mdTable(
      [head, ...splits],
      labels.map((label) => [mdText(label), ...splits.map((split) => cell(split, label))]),
    ),
  ].join("\n\n");
}

/** Returns the section on licences: of the data, and of the encoders' weights by name. */
export function licenceText(
  { corpora, unknown }: CardData,
  encoders: Readonly<Record<string, string>>,
): string {
  return [
    wrapped(
      "No licence is set for this model: its owner chooses one, and writes it at the head of this card as " +
        "`license: <id>`. The licences of the data and of the encoders may bind the model, too; this is no legal advice.",
    ),
    mdList([
      ...corpora.map(({ name, licence, page }) =>
        `Data, ${mdText(name)}: ${mdText(licence)}${page ? ` (${mdLink("its page", page)} counts)` : ""}.`
      ),
      ...unknown.map((name) => `Data, ${mdText(name)}: not known: look at the data's own licence.`),
      ...Object.entries(encoders).map(([name, licence]) => `Encoder, ${mdText(name)}: ${mdText(licence)}.`),
    ]),
  ].join("\n\n");
}
