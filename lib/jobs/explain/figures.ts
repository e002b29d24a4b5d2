/** The figures of an explanation. */
import {
  contributionsFigure,
  crossAttentionFigure,
  explainedSoundFigure,
  explainedWordsFigure,
  type Figure,
} from "../../plot/mod.ts";
import type { Attention, CrossAttention } from "./attention.ts";
import type { Explanation } from "./explain.ts";

/**
 * Returns the figures of an explanation: what text and speech add, the words, the sound, and attention
 * between both. A figure that does not apply is left out.
 *
 * @example
 * ```ts
 * import { configure, explain, explanationFigures, loadDataset, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const figures = explanationFigures(await explain(`${out}/first`, await loadDataset("sample")));
 * ```
 */
export function explanationFigures(explanation: Explanation): Figure[] {
  const { id, label, target, attention, occlusion, contributions, samples } = explanation;
  const isShare = target !== "values", own = contributions.find((each) => each.label === label)!;
  const answer = isShare ? `${(100 * own.answers.both).toFixed(0)} %` : own.answers.both.toFixed(3);
  const title = `${id}: ${label} ${answer}`, words = explanation.words.map(({ text }) => text);
  const { words: looked, times, from = {}, cross = [] }: Partial<Attention> = attention ?? {};
  const subtitle = (source: string | undefined, what: string | undefined) =>
    [source && `attention: ${source}`, what && `${what} taken out of the ${WAYS[occlusion.by]}`]
      .filter(Boolean).join("  ·  ");
  const figures = [
    contributionsFigure(
      isShare ? contributions.toSorted((a, b) => b.answers.both - a.answers.both) : contributions,
      {
        title: `${id}: what text and speech add`,
        subtitle: "exact Shapley values of the two, from the answer to neither",
        percent: isShare,
      },
    ),
  ];
  if (words.length > 0 && (looked || occlusion.words)) {
    figures.push(explainedWordsFigure({
      title,
      subtitle: subtitle(looked && from.text, occlusion.words && "words"),
      words,
      attention: looked,
      occlusion: occlusion.words,
      percent: isShare,
    }));
  }
  if (samples && (times || occlusion.windows)) {
    figures.push(explainedSoundFigure({
      title,
      subtitle: subtitle(times && from.audio, occlusion.windows && "windows"),
      samples,
      attention: times,
      occlusion: occlusion.windows,
      percent: isShare,
    }));
  }
  for (const map of times ? cross : []) {
    figures.push(
      crossAttentionFigure({
        title: `${id}: ${map.name}`,
        subtitle: looks(map),
        words,
        times: times!,
        weights: map.weights,
      }),
    );
  }
  return figures;
}

const WAYS = { input: "input", states: "hidden states" };

const looks = ({ queries }: CrossAttention): string =>
  queries === "text"
    ? "each word looks at the sound (mean over heads and tokens)"
    : "the sound looks at each word (mean over heads, sum over tokens)";
