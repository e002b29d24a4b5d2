/** An explanation as a page. */
import { existsSync } from "node:fs";
import type { Dataset } from "../../data/mod.ts";
import { clipPath } from "../../data/mod.ts";
import { count } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import {
  contributionsFigure,
  contributionsTable,
  playableType,
  predictionsTable,
  type Report,
} from "../../plot/mod.ts";
import { writePage } from "../pages.ts";
import type { Explanation } from "./explain.ts";
import { explanationFigures } from "./figures.ts";
import type { SplitContributions } from "./split.ts";

/** Largest recording that the page holds, in bytes. */
const MOST_SOUND = 2 ** 21;

/** Writes a page that explains the answer to one row. `root` is the folder of its clip. */
export async function writeExplanation(
  path: string,
  explanation: Explanation,
  { root }: Pick<Dataset, "root">,
): Promise<void> {
  const { id, label, method, prediction, contributions, notes, target } = explanation;
  const [adds, ...figures] = explanationFigures(explanation), { label: truth } = prediction;
  const report: Report = {
    title: `Why ${label}?`,
    subtitle: `row ${id}, ${method}`,
    notes,
    clips: [await clipIn(explanation, root)],
    tables: [predictionsTable([prediction])],
    texts: truth === undefined ? [] : [`The true label is ${truth}.`],
    sections: [
      { title: "Words and sound", figures },
      {
        title: "What text and speech add",
        texts: [NEITHER],
        figures: [adds],
        tables: [contributionsTable(contributions, { percent: target !== "values" })],
      },
    ],
  };
  await writePage(path, report);
}

/** Writes a page of what text and speech add over the rows of a split. */
export async function writeContributions(
  path: string,
  { rows, metric, labels, notes }: SplitContributions,
  { title, percent }: { title: string; percent: boolean },
): Promise<void> {
  const { contribution } = metric, means = "means over rows; of classes, of the true class over its rows";
  await writePage(path, {
    title,
    subtitle: count(rows, "row"),
    notes,
    texts: [NEITHER],
    tables: [
      ...contribution
        ? [contributionsTable([contribution], { title: metric.label, percent: metric.percent })]
        : [],
      contributionsTable(labels, { title: means, percent }),
    ],
    figures: [contributionsFigure(labels, { subtitle: means, percent })],
  });
}

const NEITHER =
  "The model answers four times: with neither modality, with text, with speech, and with both. A missing " +
  "modality is masked out; neither is what the head answers to a row without text and speech. The Shapley " +
  "values of text and speech sum to the answer with both minus the answer with neither.";

/** Returns the row with its recording, which the page holds if it is small. */
async function clipIn({ prediction: { id, text, audio, predicted } }: Explanation, root: string) {
  const title = `${id}: ${predicted}`;
  if (audio === undefined) return { title, text };
  const path = clipPath(fromProject(root), audio), type = playableType(path);
  const isSmall = existsSync(path) && (await Deno.stat(path)).size <= MOST_SOUND;
  const bytes = type && isSmall ? await Deno.readFile(path) : undefined;
  return { title, text, audio: { path: audio, type, bytes } };
}
