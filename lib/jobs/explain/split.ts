/** What each modality adds to the answers over many rows. */
import type { Dataset } from "../../data/mod.ts";
import {
  type Coalition,
  COALITIONS,
  KINDS,
  metricNamed,
  metricsOfOutcomes,
  metricValue,
} from "../../eval/mod.ts";
import { badInput, count } from "../../errors.ts";
import { MODALITIES } from "../../model/mod.ts";
import type { Target } from "../../target.ts";
import { openInference } from "../infer.ts";
import type { InferOptions } from "../inference.ts";
import { outcomesOf } from "../scored.ts";
import { answersByCoalition, type Contribution, contributionOf, contributionsOf } from "./contributions.ts";

/** What each modality adds, over the rows of a split. */
export interface SplitContributions {
  /** Number of rows that the model could read. */
  rows: number;
  /** The main metric of the kind of target, with neither modality, with one, and with both. */
  metric: {
    /** Key in files: `weighted_f1`. */
    id: string;
    /** Name in tables. */
    label: string;
    /** Whether values are fractions, shown in percent. */
    percent: boolean;
    /** Its values; null where it is undefined. */
    values: Record<Coalition, number | null>;
    /** What each modality adds to it; absent if a value is undefined. */
    contribution?: Contribution;
  };
  /**
   * Means by label. Of classes, the mean answer for the true class over the rows of this class; of other
   * targets, the mean over all rows.
   */
  labels: (Contribution & {
    /** Number of rows in the mean. */
    rows: number;
  })[];
  /** The contributions to the answer of each row. */
  each: { id: string; contributions: Contribution[] }[];
  /** What a reader needs to know. */
  notes: string[];
}

/**
 * Returns what text and speech add to the answers of a run, over these rows: the answers and the main metric
 * with neither modality, with one, and with both, and exact Shapley values of the two. Rows without a target
 * are left out. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { configure, loadDataset, modalityContributions, rowsOf, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "late_fusion", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const dataset = await loadDataset("sample"), dev = rowsOf(dataset, "dev").slice(0, 8);
 * const { metric } = await modalityContributions(`${out}/first`, { ...dataset, rows: dev });
 * console.log(metric.label, metric.values, metric.contribution);
 * ```
 */
export async function modalityContributions(
  run: string,
  { rows, root }: Pick<Dataset, "rows" | "root">,
  options: InferOptions = {},
): Promise<SplitContributions> {
  const modalities = MODALITIES.filter((modality) => rows.some((row) => row[modality] !== undefined));
  using opened = await openInference(run, modalities, options);
  const { model } = opened.loaded, read = await opened.read({ rows, root });
  const known = read.examples.filter((each): each is typeof each & { target: Target } =>
    each.target !== undefined
  );
  if (known.length === 0) {
    throw badInput({
      expected: "rows with a target that the model knows",
      found: `none among ${rows.length}`,
      at: run,
      todo: "Give labelled rows, or explain a single row.",
    });
  }
  const answers = await answersByCoalition(model, known, options.signal);
  const metric = metricNamed(KINDS[model.target].headline, "the kind of target");
  const values = Object.fromEntries(COALITIONS.map((coalition) => {
    const scored = known.map(({ target }, i) => ({ target, answer: answers[coalition][i] }));
    return [coalition, metricValue(metricsOfOutcomes(outcomesOf(scored, model)), metric.id) ?? null];
  })) as Record<Coalition, number | null>;
  const { none, text, audio, both } = values;
  const isDefined = none !== null && text !== null && audio !== null && both !== null;
  const left = read.examples.length - known.length, refused = read.told.rejected.length;
  return {
    rows: known.length,
    metric: {
      id: metric.id,
      label: metric.label,
      percent: metric.percent ?? true,
      values,
      ...isDefined && {
        contribution: contributionOf(metric.label, (coalition) => ({ none, text, audio, both })[coalition]),
      },
    },
    labels: model.labels.flatMap((label, c) => {
      const own = [...known.keys()].filter((i) => {
        const { target } = known[i];
        return target.kind !== "class" || target.value === c;
      });
      const mean = (coalition: Coalition) =>
        own.reduce((sum, i) => sum + answers[coalition][i][c], 0) / own.length;
      return own.length === 0 ? [] : [{ ...contributionOf(label, mean), rows: own.length }];
    }),
    each: known.map(({ id }, i) => ({
      id,
      contributions: contributionsOf(
        { none: answers.none[i], text: answers.text[i], audio: answers.audio[i], both: answers.both[i] },
        model.labels,
      ),
    })),
    notes: [
      ...read.told.notes,
      ...left === 0 ? [] : [`Left out: ${count(left, "row")} without a target that the model knows.`],
      ...refused === 0
        ? []
        : [`Left out: ${count(refused, "row")} that can't be read, e.g. ${read.told.rejected[0].id}.`],
    ],
  };
}
