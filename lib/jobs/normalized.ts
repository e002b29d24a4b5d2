/** Scales each row's hidden states by the statistics of its own group, where the configuration says so. */
import {
  type ByGroup,
  type Earlier,
  enrolledScalings,
  enrolmentOf,
  type Example,
  FEWEST,
  groupScalings,
  isCorpusOneSided,
  type Modality,
  normalizationWords,
  type Scalings,
  type Split,
  SPLITS,
  type Utterance,
} from "../data/mod.ts";
import { few } from "../errors.ts";
import { groupingOf, groupingWords, type TrainConfig } from "../config/mod.ts";
import { type Classifier, MODALITIES } from "../model/mod.ts";
import { type Prepared, withNotes } from "./prepare.ts";

type Normalize = Pick<TrainConfig, "normalize">;
type Scales = Pick<Classifier, "standardizers">;

/** Rows with their examples, in the same order. */
export interface ReadRows {
  rows: readonly Utterance[];
  examples: readonly Example[];
}

/**
 * Returns prepared data whose rows have the statistics of their groups, with notes. Rows of dev and test that
 * are an enrolment are left out, whatever the model reads, so that all recipes answer the same rows.
 */
export function normalized(prepared: Prepared, model: Scales, config: Normalize): Prepared {
  const groupings = MODALITIES.flatMap((modality) => groupingOf(config, modality) ?? []);
  if (groupings.length === 0) return prepared;
  const byId = new Map(prepared.dataset.rows.map((row) => [row.id, row])), notes: string[] = [];
  const examples = { ...prepared.examples };
  for (const split of SPLITS) {
    const given = examples[split], rows = given.map(({ id }) => byId.get(id)!);
    const read = withScalings({ rows, examples: given }, model, config);
    notes.push(...read.notes.map((note) => `${split}: ${note}`));
    const enrolled = new Set(groupings.flatMap((by) => [...enrolmentOf(rows, by)]));
    examples[split] = read.examples.filter((_, i) => !enrolled.has(rows[i]));
    if (enrolled.size > 0) notes.push(enrolmentNote(enrolled.size, split));
  }
  return withNotes({ ...prepared, examples, byGroups: true }, [
    ...MODALITIES.flatMap(meaning(model, config)),
    ...notes,
  ]);
}

const enrolmentNote = (count: number, split: Split) =>
  `${split}: ${count} rows are the enrolment of their groups and are not scored.`;

/**
 * Returns the examples with the statistics of their groups: those of rows that are given beforehand, or else
 * those that the configuration names. Notes count the rows that have none.
 */
export function withScalings(
  { rows, examples }: ReadRows,
  { standardizers }: Scales,
  config: Normalize,
  enrolment?: ReadRows,
): { examples: Example[]; notes: string[] } {
  const scaling: Example["scaling"][] = rows.map(() => undefined), notes: string[] = [];
  for (const modality of MODALITIES) {
    const by = groupingOf(config, modality), train = standardizers[modality];
    if (!by || !train) continue;
    const states = statesOf(examples, modality);
    const scalings = enrolment
      ? enrolledScalings(rows, { ...enrolment, states: statesOf(enrolment.examples, modality) }, by, train)
      : groupScalings({ rows, states }, by, train);
    scalings.forEach((found, i) => {
      if (found) scaling[i] = { ...scaling[i], [modality]: found };
    });
    const withoutCorpus = enrolment && by.by !== "corpus" && isCorpusOneSided(rows, enrolment.rows);
    if (withoutCorpus) notes.push(aloneNote(rows, by, modality));
    const given = enrolment && { withoutCorpus, rows: enrolment.rows };
    notes.push(...unknownNotes({ rows, states, scalings }, by, modality, given));
  }
  const byId = new Map(examples.map(({ id }, i) => [id, scaling[i]]));
  const scaled = <Row extends Example | Earlier>(row: Row): Row => {
    const found = byId.get(row.id);
    return found ? { ...row, scaling: found } : row;
  };
  return {
    examples: examples.map((row) => ({
      ...scaled(row),
      ...row.earlier && { earlier: row.earlier.map(scaled) },
    })),
    notes,
  };
}

const statesOf = (examples: readonly Example[], modality: Modality) =>
  examples.map((example) => example[modality]);

/** Returns what the scaling of a modality by groups means, in one sentence. */
export const meaning = ({ standardizers }: Scales, config: Normalize) => (modality: Modality): string[] => {
  const by = groupingOf(config, modality);
  if (!by || !standardizers[modality]) return [];
  const means = {
    transductive: `a prediction depends on the other, unlabelled rows of its ${by.by} in the split`,
    enrolled: `outside train, the first ${by.rows} rows of each ${by.by} give its statistics`,
    causal: `a prediction depends on the earlier rows of its ${by.by}`,
  };
  return [`${named(modality)} is scaled ${normalizationWords(by)}: ${means[by.variant]}.`];
};

/** Returns what names the scaling by groups in results and tables; nothing if there is none. */
export function normalizeNamed({ standardizers }: Scales, config: Normalize): { normalize?: string } {
  const normalize = groupingWords(config, MODALITIES.filter((modality) => standardizers[modality]));
  return normalize ? { normalize } : {};
}

const named = (modality: Modality) => modality === "audio" ? "Speech" : "Text";

/** Tells that only one of rows and enrolment names corpora. */
const aloneNote = (rows: readonly Utterance[], { by }: ByGroup, modality: Modality): string =>
  `${named(modality)} finds the enrolment of a row by its ${by} alone, because only the ` +
  `${
    rows.some(({ corpus }) => corpus !== undefined) ? "rows to be predicted name" : "enrolment names"
  } a corpus.`;

/** Counts the rows that the statistics of the train split have to do for. */
function unknownNotes(
  { rows, states, scalings }: { rows: readonly Utterance[]; states: readonly unknown[]; scalings: Scalings },
  { by, variant }: ByGroup,
  modality: Modality,
  given?: { withoutCorpus?: boolean; rows: readonly Utterance[] },
): string[] {
  const all = states.filter(Boolean).length;
  const unknown = rows.filter((row, i) =>
    states[i] && !scalings[i] && (given || variant !== "causal" || (by !== "corpus" && !row[by]))
  );
  if (unknown.length === 0) return [];
  const why = given
    ? `of a ${by} without enrolled rows${given.withoutCorpus ? `, or of one named in several corpora` : ""}`
    : variant === "causal"
    ? `without a ${by}`
    : `without a ${by}, or of one with too few rows (at least ${FEWEST})`;
  return [
    `${unknown.length} of ${all} rows ${why}: the statistics of the train split scale their ` +
    `${modality === "audio" ? "speech" : "text"}.` +
    (given && given.rows.length > 0 ? howToEnrol(unknown, given.rows, by) : ""),
  ];
}

/** Says which groups the rows and the enrolment name, and how to make them meet. */
function howToEnrol(rows: readonly Utterance[], enrolled: readonly Utterance[], by: ByGroup["by"]): string {
  const [here, there] = [rows, enrolled].map((some) => {
    const names = [...new Set(some.map((row) => row[by] ?? ""))];
    return few(names).replace("''", "none"); // of rows without the column
  });
  return ` Name the same ${by} in the column '${by}' of both, or in neither: these rows have ${here}, the ` +
    `enrolment ${there}.`;
}
