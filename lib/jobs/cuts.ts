import { cutNotes, type Dataset } from "../data/mod.ts";
import type { Classifier } from "../model/mod.ts";
import type { Prepared } from "./prepare.ts";

/** Returns the data set of prepared examples, with notes on the utterances that the model's bounds cut. */
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
