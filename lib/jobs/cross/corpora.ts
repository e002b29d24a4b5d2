/** The corpora of a matrix: their names, the labels that they are read by, and what they lack. */
import { basename } from "node:path";
import { type CrossConfig, labelReading } from "../../config/mod.ts";
import { type Dataset, foldsOf, labelsOfSpace, loadWhole, type Modality } from "../../data/mod.ts";
import { isStored } from "../../encoders/mod.ts";
import { badInput, UndertoneError } from "../../errors.ts";
import { seenNotes } from "./seen_rows.ts";

/** A corpus of a matrix. */
export interface Corpus {
  /** Name in tables and of folders; no two corpora of a matrix share it. */
  name: string;
  /** Its path, as it was given. */
  data: string;
  /** All of its rows with a label of the matrix, as rows to test. */
  dataset: Dataset;
}

/** The corpora of a matrix, read by the same labels. */
export interface Corpora {
  all: Corpus[];
  train: Corpus[];
  test: Corpus[];
  /** The classes of all models, in order. */
  labels: string[];
  /** What a reader must know of the labels. */
  notes: string[];
}

/** Loads the corpora of a matrix. Throws UndertoneError if they have no labels in common. */
export async function loadCorpora(config: CrossConfig, modalities: readonly Modality[]): Promise<Corpora> {
  const train = distinct(config.train, "--train");
  const test = config.test.length > 0 ? distinct(config.test, "--test") : train;
  const { encoding, columns, pattern, cache, keep_text: keepText } = config;
  const stored = modalities.filter((modality) => isStored(modality, config[modality]));
  const load = (data: string, onlyLabels = config.labels?.only) =>
    loadWhole(data, {
      ...{ encoding, columns, pattern, cache, keepText, modalities, stored },
      ...{ ...labelReading(config), onlyLabels },
      target: "class",
    });
  const paths = [...new Set([...train, ...test])], names = new Set<string>();
  const named = new Map<string, { name: string; dataset: Dataset }>();
  for (const data of paths) {
    const dataset = await load(data), name = newName(dataset.name, names);
    requireModalities(dataset, config, modalities.filter((modality) => !stored.includes(modality)));
    named.set(data, { name, dataset });
  }
  if (stored.length > 0) requireOwnKeys([...named.values()]);
  const labels = labelsOf([...named.values()], config);
  const all: Corpus[] = [];
  for (const [data, { name }] of named) all.push({ name, data, dataset: await load(data, labels) });
  const of = (some: readonly string[]) => all.filter(({ data }) => some.includes(data));
  const corpora = { all, train: of(train), test: of(test), labels };
  return { ...corpora, notes: [...lackNotes(corpora), ...seenNotes(corpora.train, corpora.test)] };
}

/** Returns paths without a `/` at the end. Throws UndertoneError if one stands twice. */
function distinct(paths: readonly string[], flag: string): string[] {
  const plain = paths.map((path) => path.length > 1 ? path.replace(/[/\\]+$/, "") : path);
  const twice = plain.find((path, i) => plain.indexOf(path) < i);
  if (twice === undefined) return plain;
  throw badInput({
    expected: "each corpus once",
    found: `'${twice}' twice`,
    at: flag,
    todo: "Leave one of them out.",
  });
}

/** Returns a name for a folder that differs from those before, in any case. */
function newName(name: string, taken: Set<string>): string {
  const plain = name.replaceAll(/[^\w.-]+/g, "_").replace(/^\.+/, "") || "corpus";
  let free = plain;
  for (let i = 2; taken.has(free.toLowerCase()); i++) free = `${plain}-${i}`;
  taken.add(free.toLowerCase());
  return free;
}

type Named = readonly { name: string; dataset: Dataset }[];

const present = ({ rows }: Dataset): Set<string> => new Set(rows.flatMap(({ label }) => label ?? []));

/**
 * Returns the labels that all corpora have, or those of the label space that any has. Throws UndertoneError
 * if there are fewer than two.
 */
function labelsOf(corpora: Named, { labels, shared }: CrossConfig): string[] {
  const space = typeof labels?.map === "string" ? labelsOfSpace(labels.map) : undefined;
  const there = corpora.map(({ dataset }) => present(dataset));
  const order = labels?.only ?? space ?? corpora[0].dataset.labels;
  const found = shared ?? !space
    ? order.filter((label) => there.every((labels) => labels.has(label)))
    : [...new Set([...order, ...corpora.flatMap(({ dataset }) => dataset.labels)])]
      .filter((label) => there.some((labels) => labels.has(label)));
  if (found.length > 1) return found;
  throw badInput({
    expected: "at least two labels that all corpora have",
    found: `${found.length === 0 ? "none" : `'${found[0]}'`} (${
      corpora.map(({ name }, i) => `${name}: ${[...there[i]].sort().slice(0, 12).join(", ")}`).join("; ")
    })`,
    at: "the corpora",
    todo:
      "Bring their labels to common names, e.g. --labels.map=ekman-6-neutral or --labels.map=sentiment-3.",
  });
}

/** Says which labels a corpus lacks, and what that means for its row or column of the matrix. */
function lackNotes({ all, train, test, labels }: Omit<Corpora, "notes">): string[] {
  return all.flatMap((corpus) => {
    const { name, dataset } = corpus, there = present(dataset);
    const lacking = labels.filter((label) => !there.has(label)).map((label) => `'${label}'`).join(", ");
    if (lacking === "") return [];
    return [
      ...train.includes(corpus) ? [`${name} has no row of ${lacking}, so its models can't learn it.`] : [],
      ...test.includes(corpus)
        ? [`${name} has no row of ${lacking}: on it, UA leaves these out, and macro F1 counts them as 0.`]
        : [],
    ];
  });
}

/** Throws UndertoneError if no row of a corpus has one of the modalities that the models read. */
function requireModalities({ rows, source }: Dataset, { method }: CrossConfig, wanted: readonly Modality[]) {
  const lacking = wanted.find((modality) => !rows.some((row) => row[modality]));
  if (!lacking) return;
  throw badInput({
    expected: `${lacking} in every corpus, which ${method} reads`,
    found: "none",
    at: source,
    todo: `Leave this corpus out, or choose ${
      lacking === "text" ? "--method audio_only" : "--method text_only"
    }.`,
  });
}

/** Throws UndertoneError if features, which are stored by row, could be those of a row of another corpus. */
function requireOwnKeys(corpora: Named): void {
  const owner = new Map<string, string>();
  for (const { name, dataset } of corpora) {
    for (const { id, audio } of dataset.rows) {
      for (const key of new Set([id, ...audio ? [basename(audio)] : []])) {
        if ((owner.get(key) ?? name) !== name) {
          throw badInput({
            expected: "rows whose names are those of one corpus, for stored features",
            found: `'${key}' in ${owner.get(key)} and in ${name}`,
            at: "the corpora",
            todo: "Give the rows different ids and clips, or name an encoder.",
          });
        }
        owner.set(key, name);
      }
    }
  }
}

/**
 * Returns the protocol of the folds inside a corpus: as many as wanted, or as its speakers allow. Returns the
 * reason if it can't be divided.
 */
export function protocolWithin(
  { dataset }: Corpus,
  folds: number,
): { protocol: string } | { reason: string } {
  let reason = "";
  for (let k = folds; k >= 2; k--) {
    try {
      foldsOf(dataset, `kfold:${k}`);
      return { protocol: `kfold:${k}` };
    } catch (error) {
      if (!(error instanceof UndertoneError)) throw error;
      reason = error.message;
    }
  }
  return { reason };
}
