import { cutNotes, type Dataset } from "../data/mod.ts";
import type { Classifier } from "../model/mod.ts";
import type { Prepared } from "./prepare.ts";

/** The data set of prepared examples, with notes of what is cut off of those that a model of these bounds reads. */
export function withCuts(
  { dataset, examples, encoders }: Prepared,
  { maxLength, modelEncoders = {} }:
    & Pick<Classifier, "maxLength">
    & Partial<Pick<Classifier, "modelEncoders">>,
): Dataset {
  const all = Object.values(examples).flat();
  const notes = cutNotes(all, dataset.rows, { ...encoders, ...modelEncoders }, maxLength);
  return { ...dataset, notes: [...dataset.notes, ...notes] };
}
