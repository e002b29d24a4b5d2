/** Rows that are given beforehand, for models that scale hidden states by groups. */
import { badInput } from "../errors.ts";
import type { Rejection } from "../data/mod.ts";
import type { ReadExamples } from "../encoders/mod.ts";
import { groupingOf, type TrainConfig } from "../config/mod.ts";
import { type Classifier, MODALITIES } from "../model/mod.ts";
import type { ReadRows } from "./normalized.ts";

/**
 * Returns an empty enrolment for a model that needs one, because rows to be predicted are none themselves;
 * undefined for other models.
 */
export const noneGiven = (config: TrainConfig): ReadRows | undefined =>
  MODALITIES.some((modality) => groupingOf(config, modality)?.variant === "enrolled")
    ? { rows: [], examples: [] }
    : undefined;

/** Returns what the enrolment has and lacks. */
export const enrolmentNotes = ({ rows, rejected }: ReadExamples): string[] => [
  `${rows.length} ${rows.length === 1 ? "row is" : "rows are"} the enrolment.`,
  ...rejected.map(({ id, reason }) => `The enrolment lacks ${id}: ${reason}`),
];

/** Returns the error for an enrolment without a usable row. */
export const unusable = ([first]: readonly Rejection[], at: string) =>
  badInput({
    expected: "rows of an enrolment that the model can read",
    found: first ? `none (${first.id}: ${first.reason})` : "none",
    at,
    todo: "Enrol recordings for a model of speech, and texts for a model of text.",
  });

/** Throws UndertoneError if a model scales no states by groups, so that an enrolment would change nothing. */
export function requireGroups(config: TrainConfig, { standardizers }: Classifier, at: string): void {
  if (MODALITIES.some((modality) => groupingOf(config, modality) && standardizers[modality])) return;
  throw badInput({
    expected: "a model that scales states by groups, e.g. --normalize.audio=speaker, for an enrolment",
    found: "one that scales them by the train split or not at all",
    at,
    todo: "Leave the enrolment (--enroll) out, or use a model that was trained with --normalize by groups.",
  });
}
