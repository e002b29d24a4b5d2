/** Rows that are given beforehand, for models that scale hidden states by groups. */
import { badInput } from "../errors.ts";
import {
  type ByGroup,
  type Dataset,
  enrolledFor,
  type Example,
  type Rejection,
  type Utterance,
} from "../data/mod.ts";
import {
  readableRows,
  type ReadExamples,
  readExamples,
  type SpeechEncoder,
  type TextEncoder,
} from "../encoders/mod.ts";
import { asking, SMALLER_INPUTS } from "../explain.ts";
import { fromProject } from "../paths.ts";
import { groupingOf, type TrainConfig } from "../config/mod.ts";
import { type Classifier, MODALITIES } from "../model/mod.ts";
import type { InferOptions } from "./inference.ts";
import type { ReadRows } from "./normalized.ts";

/**
 * Returns an empty enrolment for a model that needs one, because rows to be predicted are none themselves;
 * undefined for other models.
 */
export const noneGiven = (config: TrainConfig): ReadRows | undefined =>
  MODALITIES.some((modality) => groupingOf(config, modality)?.variant === "enrolled")
    ? { rows: [], examples: [] }
    : undefined;

/** An enrolment as some rows need it. Rows that they don't need have no hidden states. */
export interface Enrolment extends ReadRows {
  /** What it has, leaves out and lacks. */
  notes: string[];
}

/** A model in memory, and the encoders outside it. */
interface Opened {
  model: Classifier;
  config: TrainConfig;
  checkpoint: string;
  found: { text?: TextEncoder; audio?: SpeechEncoder };
}

/**
 * Returns a function from rows to be predicted to their enrolment. It reads the states that the model scales
 * by groups, of the rows that are needed, each once. Throws UndertoneError if the model scales none.
 */
export function enrolmentFor(
  { model, config, checkpoint, found }: Opened,
  { rows, root }: Pick<Dataset, "rows" | "root">,
  { cacheDir, signal, onProgress }: Pick<InferOptions, "cacheDir" | "signal" | "onProgress">,
): (predicted: readonly Utterance[]) => Promise<Enrolment> {
  requireGroups(config, model, checkpoint);
  const scaled = MODALITIES.filter((modality) =>
    groupingOf(config, modality) && model.standardizers[modality]
  );
  const encoders = Object.fromEntries(
    scaled.map((modality) => [modality, found[modality]]),
  ) as Opened["found"];
  const readable = scaled.map((modality) => readableRows(modality, encoders[modality], rows));
  const given = rows.filter(({ id }) => readable.some((ids) => ids.has(id)));
  const isStored = scaled.some((modality) => encoders[modality]?.stored), { context } = config;
  const read = (some: readonly Utterance[]) =>
    asking(`encoding ${some.length} rows`, SMALLER_INPUTS, () =>
      readExamples(
        {
          ...{ name: "enrolment", target: model.target, labels: model.labels, rejected: [], notes: [] },
          ...{ rows: isStored ? rows : some, source: root, root: fromProject(root) },
        },
        { frozen: encoders, modelEncoders: {} },
        model.maxLength,
        {
          cacheDir: cacheDir && fromProject(cacheDir),
          context: context && { ...context, among: rows },
          signal,
          onProgress,
        },
      ));
  const groupings = scaled.map((modality) => groupingOf(config, modality)!);
  return enrolmentReader({ rows: given, root }, groupings, read);
}

/** Returns that function for a way to read rows. It throws UndertoneError if no row can be read. */
export function enrolmentReader(
  { rows, root }: Pick<Dataset, "rows" | "root">,
  groupings: readonly ByGroup[],
  read: (rows: readonly Utterance[]) => Promise<Pick<ReadExamples, "examples" | "rejected">>,
): (predicted: readonly Utterance[]) => Promise<Enrolment> {
  const examples = new Map<string, Example>(), rejected = new Map<string, Rejection>();
  return async (predicted) => {
    const needed = new Set(groupings.flatMap((by) => enrolledFor(predicted, rows, by)));
    const unread = [...needed].filter(({ id }) => !examples.has(id) && !rejected.has(id));
    if (unread.length > 0) {
      const found = await read(unread);
      for (const example of found.examples) examples.set(example.id, example);
      for (const rejection of found.rejected) rejected.set(rejection.id, rejection);
    }
    const left = rows.filter(({ id }) => !rejected.has(id));
    if (left.length === 0) throw unusable([...rejected.values()], root);
    const used = left.filter((row) => needed.has(row)).length, others = rows.length - needed.size;
    return {
      rows: left,
      examples: left.map(({ id }) => examples.get(id) ?? { id }),
      notes: [
        `${used} ${used === 1 ? "row is" : "rows are"} the enrolment.`,
        ...others > 0 ? [`The enrolment has ${others} more of groups that no row here is of.`] : [],
        ...[...needed].flatMap(({ id }) => rejected.get(id) ?? [])
          .map(({ id, reason }) => `The enrolment lacks ${id}: ${reason}`),
      ],
    };
  };
}

/** Returns the error for an enrolment without a usable row. */
const unusable = ([first]: readonly Rejection[], at: string) =>
  badInput({
    expected: "rows of an enrolment with what the model scales by groups",
    found: first ? `none (${first.id}: ${first.reason})` : "none",
    at,
    todo: "Enrol recordings if the model scales speech by groups, and texts if it scales text.",
  });

/** Throws UndertoneError if a model scales no states by groups, so that an enrolment would change nothing. */
function requireGroups(config: TrainConfig, { standardizers }: Classifier, at: string): void {
  if (MODALITIES.some((modality) => groupingOf(config, modality) && standardizers[modality])) return;
  throw badInput({
    expected: "a model that scales states by groups, e.g. --normalize.audio=speaker, for an enrolment",
    found: "one that scales them by the train split or not at all",
    at,
    todo: "Leave the enrolment (--enroll) out, or use a model that was trained with --normalize by groups.",
  });
}
