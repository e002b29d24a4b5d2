/** What each modality adds to an answer: answers without it, and exact Shapley values of the two. */
import type { Example } from "../../data/mod.ts";
import type { Modality } from "../../encoders/mod.ts";
import { type Coalition, COALITIONS, KINDS, shapley, type Shares } from "../../eval/mod.ts";
import { type Classifier, predictLogits, scaleExamples } from "../../model/mod.ts";

/** What text and speech add to the answer for one label. */
export interface Contribution extends Shares {
  /** The class, label or dimension. */
  label: string;
  /**
   * The answer if the model gets neither modality, text alone, speech alone, or both: a probability, or a
   * value.
   */
  answers: Record<Coalition, number>;
}

const KEPT: Record<Coalition, readonly Modality[]> = {
  none: [],
  text: ["text"],
  audio: ["audio"],
  both: ["text", "audio"],
};

/**
 * Returns an example with these modalities alone. The others are missing, as in a row without them: their
 * attention mask is 0 everywhere, and earlier turns have no states of them.
 */
export function withOnly(kept: readonly Modality[], example: Example): Example {
  const has = (modality: Modality) => kept.includes(modality);
  const { text, audio, raw, ...rest } = example;
  return {
    ...rest,
    ...has("text") && { text },
    ...has("audio") && { audio },
    ...raw && { raw: { ...has("text") && { text: raw.text }, ...has("audio") && { audio: raw.audio } } },
  };
}

/**
 * Returns the answers `[N][C]` of a model to unscaled examples with neither modality, one of them, and both.
 * "None" is what the head answers to a row without text and without speech, so it is the same for all rows.
 */
export async function answersByCoalition(
  model: Classifier,
  examples: readonly Example[],
  signal?: AbortSignal,
): Promise<Record<Coalition, number[][]>> {
  const scaled = scaleExamples(model, examples);
  const answers = {} as Record<Coalition, number[][]>;
  for (const coalition of COALITIONS) {
    const given = (coalition === "none" ? scaled.slice(0, 1) : scaled).map((each) =>
      withOnly(KEPT[coalition], each)
    );
    const found = KINDS[model.target].answers(await predictLogits(model, given, { signal }));
    answers[coalition] = coalition === "none" ? scaled.map(() => found[0]) : found;
  }
  return answers;
}

/** Returns the contributions to the answer of one row, label by label. */
export const contributionsOf = (
  answers: Readonly<Record<Coalition, readonly number[]>>,
  labels: readonly string[],
): Contribution[] => labels.map((label, i) => contributionOf(label, (coalition) => answers[coalition][i]));

/** Returns the contribution to the answer for a label. */
export function contributionOf(label: string, answer: (coalition: Coalition) => number): Contribution {
  const answers = Object.fromEntries(
    COALITIONS.map((each) => [each, answer(each)]),
  ) as Contribution["answers"];
  return { label, answers, ...shapley(answers) };
}
