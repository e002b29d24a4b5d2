/** Divides a data set into folds by a protocol: each fold trains and tests a model of its own. */
import { badInput } from "../../errors.ts";
import { coverageNotes } from "../coverage.ts";
import { quoted } from "../sources/source.ts";
import { type GroupKey, groupsOf, partByGroups, splitByGroups } from "../split.ts";
import { type Dataset, type Split, SPLITS, type Utterance } from "../utterance.ts";
import { emoboxFolds, missingActors } from "./emobox.ts";
import { type Protocol, protocolNamed } from "./protocol.ts";
import { tiesOf } from "./ties.ts";

/** One fold of a protocol. */
export interface Fold {
  /** Number of the fold, from 1. */
  number: number;
  /** What it tests: a speaker, a session, a corpus, or `fold 1`. */
  name: string;
  /** All rows that the fold uses, with the splits of this fold. */
  dataset: Dataset;
}

/** What a fold tests, by the protocols that leave one out. */
const TESTED: Readonly<Record<string, "speaker" | "session" | "corpus">> = {
  loso: "speaker",
  session: "session",
  lodo: "corpus",
};

/** What one fold tests: the split of each row, undefined where the fold lacks the row. */
interface Part {
  name: string;
  splits: (Split | undefined)[];
}

/** Share of the rows that are not tested which become dev. */
const DEV = 0.1;

/**
 * Divides a data set into the folds of a protocol, the same for any order of the rows. The splits that the
 * rows have are not used, except by `split`, which gives one fold as the data set is.
 *
 * - `kfold:5` tests a fifth of the rows in each of 5 folds, with the shares of the labels kept alike. No two
 *   splits share a speaker; without speakers, a dialogue; without dialogues, a text or a clip. `kfold:5:7`
 *   draws other folds, with seed 7.
 * - `loso` tests one speaker in each fold, `session` one session, `lodo` one corpus (leave one data set out).
 *   Sessions that share a speaker form one fold.
 * - `all` tests nothing: its single fold trains on all rows but dev.
 * - `emobox` takes EmoBox's published folds: those of RAVDESS, or those of data that `emobox:<folder>` reads.
 *
 * Dev is about a tenth of the other rows, of speakers who are in no other split. Throws UndertoneError if the
 * rows lack what the protocol needs, or can't be divided.
 *
 * @example
 * ```ts
 * import { foldsOf, loadDataset } from "@undertone/undertone";
 *
 * for (const { name, dataset } of foldsOf(await loadDataset("sample"), "kfold:3")) {
 *   console.log(name, dataset.rows.filter(({ split }) => split === "test").length);
 * }
 * ```
 */
export function foldsOf(dataset: Dataset, protocol: string): Fold[] {
  const named = protocolNamed(protocol);
  if (named.kind === "split") return [{ number: 1, name: "split", dataset }];
  if (named.kind === "all") return [{ number: 1, name: "all", dataset: trainAndDev(dataset, named) }];
  const { parts, notes } = divide(dataset, named, protocol);
  const whole = parts.map((part) => withDev(part, dataset, named, protocol));
  const told = [...notes, ...crossings(whole, dataset.rows), ...testedOnce(whole, dataset.rows)];
  return whole.map(({ name, splits }, i) => {
    const rows = dataset.rows.flatMap((row, r) => splits[r] ? [{ ...row, split: splits[r]! }] : []);
    const counts = SPLITS.map((split) => `${split} ${splits.filter((each) => each === split).length}`);
    const note = `Protocol ${protocol}, fold ${i + 1} of ${whole.length} (tests ${name}): ${
      counts.join(", ")
    } rows.`;
    const coverage = coverageNotes(rows, dataset.labels, dataset.target);
    return { number: i + 1, name, dataset: { ...dataset, rows, notes: [note, ...told, ...coverage] } };
  });
}

/** Returns the parts of a protocol, perhaps without dev, and what there is to say of them. */
function divide(dataset: Dataset, protocol: Protocol, name: string): { parts: Part[]; notes: string[] } {
  const { rows, target, source: at } = dataset, { kind, k = 0, seed } = protocol;
  if (kind === "emobox") return published(dataset);
  if (kind === "kfold") {
    const keys = tiesOf(rows, Math.max(k, 3), { what: name, at });
    const folds = partByGroups(rows, new Array(k).fill(1 / k), { keys, seed, target, loosely: true });
    const names = Array.from({ length: k }, (_, fold) => `fold ${fold + 1}`);
    return {
      parts: names.map((name, fold) => partOf(name, (row) => folds[row] === fold, rows.length)),
      notes: [`The folds are disjoint by ${keys.join(" and ")}.`, ...unnamed(rows, keys)],
    };
  }
  const key = TESTED[kind];
  requireAll(rows, key, name, at);
  const joined = key === "session" ? joinedBySpeaker(rows) : rows.map((row) => row[key]!);
  const names = [...new Set(joined)].sort(byNumber);
  if (names.length < 2) {
    throw badInput({
      expected: `at least 2 values of '${key}' for ${name}`,
      found: names.length === 0 ? "none" : `only '${names[0]}'`,
      at,
      todo: `Choose another protocol, or data with several${
        key === "session" ? " that share no speaker" : ""
      }.`,
    });
  }
  const merged = names.filter((name) => name.includes(" + "));
  return {
    parts: names.map((value) => partOf(value, (row) => joined[row] === value, rows.length)),
    notes: merged.length > 0 ? [`Sessions that share a speaker are one fold: ${quoted(merged)}.`] : [],
  };
}

const partOf = (name: string, tests: (row: number) => boolean, rows: number): Part => ({
  name,
  splits: Array.from({ length: rows }, (_, row) => tests(row) ? "test" : "train"),
});

/** Orders names, numbers in them by value. */
const byNumber = new Intl.Collator("en", { numeric: true }).compare;

/** Returns EmoBox's folds. Throws UndertoneError if there are none for these rows. */
function published({ rows, source }: Dataset): { parts: Part[]; notes: string[] } {
  const folds = emoboxFolds(rows);
  if (!folds) {
    throw badInput({
      expected: "clips of RAVDESS, or data that EmoBox's files divide, for emobox",
      found: "other rows",
      at: source,
      todo:
        "Name a folder of EmoBox's metadata, --data emobox:<EmoBox>/data/<corpus>, or use another protocol.",
    });
  }
  const parts = folds.map((splits, fold) => ({ name: `EmoBox's fold ${fold + 1}`, splits }));
  const full = parts.filter(({ splits }) => splits.includes("test") && splits.includes("train"));
  const gone = parts.filter((part) => !full.includes(part)).map(({ name }) => name);
  return {
    parts: full,
    notes: [
      ...missingActors(rows),
      ...gone.length > 0 ? [`No row is tested by ${gone.join(", ")}.`] : [],
    ],
  };
}

/** Returns the part with dev rows, taken from the training groups if it has none. */
function withDev({ name, splits }: Part, dataset: Dataset, { seed }: Protocol, protocol: string): Part {
  if (splits.includes("dev")) return { name, splits };
  const train = [...splits.keys()].filter((row) => splits[row] === "train");
  const rows = train.map((row) => dataset.rows[row]);
  const keys = tiesOf(rows, 2, {
    what: `train and dev of ${protocol}, where ${name} is tested`,
    at: dataset.source,
  });
  const { target } = dataset;
  const divided = splitByGroups(rows, { train: 1 - DEV, dev: DEV }, { keys, seed, target });
  const all = [...splits];
  train.forEach((row, i) => all[row] = divided[i]);
  return { name, splits: all };
}

/**
 * Returns the data set whose rows are all in train or dev. Speakers share no split, unless there is one
 * alone.
 */
function trainAndDev(dataset: Dataset, protocol: Protocol): Dataset {
  const { rows, labels, target } = dataset, speakers = new Set(rows.map(({ speaker }) => speaker));
  const isAlone = speakers.size === 1 && !speakers.has(undefined);
  const tied = isAlone ? { ...dataset, rows: rows.map(({ speaker: _, ...row }) => row) } : dataset;
  const { splits } = withDev(partOf("nothing", () => false, rows.length), tied, protocol, "all");
  const divided = rows.map((row, i) => ({ ...row, split: splits[i]! }));
  const [train, dev] = ["train", "dev"].map((name) => splits.filter((split) => split === name).length);
  return {
    ...dataset,
    rows: divided,
    notes: [
      `Protocol all: train ${train}, dev ${dev} rows; none is tested.`,
      ...isAlone ? ["All rows are of one speaker, whom train and dev share."] : [],
      ...coverageNotes(divided, labels, target),
    ],
  };
}

/** Names each row's session, or all sessions that share speakers with it. */
function joinedBySpeaker(rows: readonly Utterance[]): string[] {
  const linked = rows.map(({ id, session, speaker }) => ({ id, dialogue: session, speaker }));
  const groups = groupsOf(linked, ["dialogue", "speaker"]);
  const names = new Map(
    [...Map.groupBy(rows.keys(), (row) => groups[row])].map(([group, members]) => [
      group,
      [...new Set(members.map((row) => rows[row].session!))].sort(byNumber).join(" + "),
    ]),
  );
  return groups.map((group) => names.get(group)!);
}

function requireAll(
  rows: readonly Utterance[],
  key: "speaker" | "session" | "corpus",
  what: string,
  at: string,
) {
  const lacking = rows.filter((row) => !row[key]);
  if (lacking.length === 0) return;
  const all = lacking.length === rows.length;
  throw badInput({
    expected: `the ${key} of every row for ${what}`,
    found: all ? "none" : `${lacking.length} of ${rows.length} rows without it, e.g. '${lacking[0].id}'`,
    at,
    todo:
      `Add a column '${key}', name the one that has it (--columns.${key}=<name>), or use another protocol.`,
  });
}

/** Says which rows could not be tied, because they lack the key that ties the others. */
const unnamed = (rows: readonly Utterance[], [key]: readonly GroupKey[]): string[] => {
  const count = rows.filter((row) => !row[key]).length;
  return count === 0 || key === "text" || key === "audio"
    ? []
    : [`${count} rows have no ${key}, so nothing ties them to others.`];
};

/** Says what test shares with train or dev in any fold. */
function crossings(parts: readonly Part[], rows: readonly Utterance[]): string[] {
  return (["speaker", "dialogue", "audio"] as const).flatMap((key) => {
    const crossing = new Set<string>();
    for (const { splits } of parts) {
      const tested = new Set(rows.flatMap((row, r) => splits[r] === "test" ? row[key] ?? [] : []));
      rows.forEach((row, r) => {
        const value = row[key];
        if (value && splits[r] && splits[r] !== "test" && tested.has(value)) crossing.add(value);
      });
    }
    const noun = key === "audio" ? "clips" : `${key}s`;
    return crossing.size === 0
      ? []
      : [`${crossing.size} ${noun} have rows in test and in another split of the same fold.`];
  });
}

/** Says which rows are not tested exactly once. */
function testedOnce(parts: readonly Part[], rows: readonly Utterance[]): string[] {
  const counts = rows.map((_, row) => parts.filter(({ splits }) => splits[row] === "test").length);
  const never = counts.filter((count) => count === 0).length,
    again = counts.filter((count) => count > 1).length;
  return [
    ...never > 0 ? [`${never} rows are tested in no fold.`] : [],
    ...again > 0 ? [`${again} rows are tested in several folds.`] : [],
  ];
}
