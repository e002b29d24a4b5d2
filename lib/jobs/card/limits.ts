/** What every card says of emotion recognition: its limits with their sources, and what a model is for. */
import { type CorpusFacts, SPEAKING } from "../../data/mod.ts";
import type { TargetKind } from "../../target.ts";
import { mdLink, mdList, mdText, wrapped } from "../../markdown.ts";

const BARRETT = mdLink("Barrett et al. 2019", "https://doi.org/10.1177/1529100619832930");
const SPEECH = mdLink("Douglas-Cowie et al. 2003", "https://doi.org/10.1016/S0167-6393(02)00070-5");
const CULTURE = mdLink("Elfenbein & Ambady 2002", "https://doi.org/10.1037/0033-2909.128.2.203");
const CORPORA = mdLink("Schuller et al. 2010", "https://doi.org/10.1109/T-AFFC.2010.8");
const AI_ACT = mdLink("Regulation (EU) 2024/1689", "https://eur-lex.europa.eu/eli/reg/2024/1689/oj");

/** What a model of each kind of target answers to any input. */
const ANSWERS: Readonly<Record<TargetKind, string>> = {
  class: "The model has no answer “none of these”: it names one of its labels for any input.",
  distribution:
    "The model has no answer “none of these”: it divides its shares among its labels for any input.",
  labels: "The model scores each of its labels for any input, and knows no others.",
  values: "The model gives values for any input, also for one that is unlike its training data.",
};

/**
 * Returns the section on limits. `corpora` are those that the model was trained on, as far as they are known.
 */
export function limitsText(corpora: readonly CorpusFacts[], target: TargetKind = "class"): string {
  const speaking = corpora.map(({ name, speaking }) => `${mdText(name)}: ${SPEAKING[speaking]}.`);
  return mdList([
    "The labels are what annotators heard or what actors were told to show. They are not what a person feels. " +
    `How people express an emotion varies with culture, situation and person (${BARRETT}, a review of faces).`,
    "Acted speech differs from spontaneous speech, and a model of one may fail on the other " +
    `(${SPEECH}).${speaking.length ? ` Here: ${speaking.join(" ")}` : ""}`,
    `Emotions are recognised better within a culture than across cultures (${CULTURE}, of people). Other ` +
    "languages, accents and ages than those of the training data are untested unless Metrics says so.",
    `Results within one corpus say little about another one (${CORPORA}). Microphones, rooms and topics ` +
    "may differ from those of the training data.",
    target === "values"
      ? ANSWERS.values
      : `The probabilities are scores, not certainties. ${ANSWERS[target]}`,
  ]);
}

/** What a model is for and what it is not for. */
export const INTENDED_USE: string = [
  wrapped(
    "For research: to compare methods, and to study corpora whose speakers agreed to it. Measure the model on " +
      "labelled data of your own before you read anything into its answers.",
  ),
  wrapped(
    "Not for decisions about people: not in hiring, work, school, policing, insurance or diagnosis, and not to " +
      "judge whether somebody tells the truth.",
  ),
  wrapped(
    `In the European Union, Article 5(1)(f) of ${AI_ACT} prohibits AI systems that infer emotions of a person ` +
      "at the workplace and in education institutions, except for medical or safety reasons. It has applied " +
      "since 2 February 2025.",
  ),
].join("\n\n");
