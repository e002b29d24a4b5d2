/** What the page says about its model: `page.json` beside it. */
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { speechEncoders } from "../../lib/encoders/mod.ts";
import { readJson } from "../../lib/files/mod.ts";
import {
  checkpointPath,
  CHECKPOINTS,
  type Exported,
  isPretrained,
  PRETRAINED_IS,
  type RunFolder,
  runFolder,
} from "../../lib/jobs/mod.ts";
import { configOf } from "../../lib/model/mod.ts";
import type { TargetKind } from "../../lib/target.ts";
import { loadCheckpoint } from "../../lib/train/mod.ts";

/** The content of `page.json`. */
export interface PageFacts {
  /** The first sentences of the page: what the model is. */
  summary: string;
  /** Names and values for the table about the model. */
  facts: [name: string, value: string][];
  /** Sentences about its limits. */
  limits: string[];
  /** The kind of its answer. */
  target: TargetKind;
  labels: readonly string[];
  reads: { text: boolean; audio: boolean };
  /** Whether the words of a recording without speech are predicted alone, as the run's own rows are. */
  keepText: boolean;
  /** Whether MODEL_CARD.md is beside the page. */
  card: boolean;
  /** Files that the page loads: the model, ONNX Runtime's WebAssembly and its library. */
  files: { model: string; runtime: string; library: string };
  /** Size of model and WebAssembly. */
  bytes: number;
}

type Results = Partial<Record<"dev" | "test", { metrics: { n: number; accuracy?: number } }>>;

/** Returns what the page says about an exported model, except its files. `given` is its run or checkpoint. */
export async function factsOf(
  given: string,
  { about, notes }: Exported,
): Promise<Omit<PageFacts, "files" | "bytes">> {
  const checkpoint = checkpointPath(given), run = runOf(checkpoint), ours = isPretrained(given);
  const { data, keep_text } = configOf(await loadCheckpoint(checkpoint), checkpoint);
  // The results of a run are those of its best checkpoint.
  const hasResults = checkpoint === run.best && existsSync(run.metrics);
  const results = hasResults ? await readJson(run.metrics) as Results : {};
  const { labels, target = "class", encoders } = about, name = basename(data);
  const learned = name === "sample"
    ? "Undertone's embedded sample, which is synthetic speech"
    : `the data '${name}'`;
  const origin = ours ? `It is ${PRETRAINED_IS}.` : `It learned from ${learned}.`;
  const own = Object.values(encoders).map(({ id, licence }) => ({ id, licence }));
  const meant = speechEncoders().filter(({ id }) =>
    own.some(({ licence }) => licence.includes(`that of ${id}`))
  );
  const licences = [...own, ...meant].map(({ id, licence }) => `${id}: ${licence}`);
  return {
    summary: [
      `The model '${run.name}' ${DOES[target]}: ${labels.join(", ")}.`,
      origin,
      ...scoreOf(results, labels.length),
    ].join(" "),
    facts: [
      ["Method", about.method],
      ["Encoders", Object.values(encoders).map(({ id }) => id).join(", ")],
      ["Licences", [...licences, "ONNX Runtime: MIT"].join("; ")],
      ["Built with", `Undertone, ONNX Runtime ${about.versions.onnxruntime}`],
    ],
    limits: [
      "It knows its own labels and its own data. Other voices, rooms, languages and ways to speak make it wrong.",
      ...target === "values" ? [] : [
        "The probabilities are the model's own. They are no measure of how often it is right on your recordings.",
      ],
      "Attention over time is not shown: the exported model gives its answer alone.",
      ...about.scaling ? [about.scaling] : [],
      ...notes.filter((note) => note.startsWith("Trained with")),
    ],
    target,
    labels,
    reads: { text: encoders.text !== undefined, audio: encoders.audio !== undefined },
    keepText: keep_text ?? false,
    card: existsSync(cardOf(given)),
  };
}

/** The name of a model card. */
export const CARD = "MODEL_CARD.md";

/** Returns where the card of a run or checkpoint is, if it has one. */
export const cardOf = (given: string): string => runOf(checkpointPath(given)).file(CARD);

/** Returns the run of a checkpoint, or the folder of a checkpoint that lies elsewhere. */
function runOf(checkpoint: string): RunFolder {
  const folder = dirname(checkpoint);
  return runFolder(basename(folder) === CHECKPOINTS ? dirname(folder) : folder);
}

/** What a model does with an utterance, by the kind of its answer. */
const DOES: Readonly<Record<TargetKind, string>> = {
  class: "says which of these fits an utterance best",
  distribution: "says how people would share their votes for an utterance among these",
  labels: "says which of these an utterance has",
  values: "gives an utterance a value of each of these",
};

/** Returns how often a model of classes is right, as a sentence; nothing if no result tells. */
function scoreOf(results: Results, classes: number): string[] {
  const split = results.test ? "test" : "dev", { n = 0, accuracy } = results[split]?.metrics ?? {};
  if (accuracy === undefined) return [];
  const rows = split === "test" ? `${n} test rows` : `${n} dev rows, which also chose its epoch`;
  const right = (share: number) => `${(100 * share).toFixed(0)} %`;
  return [
    `On ${rows}, it was right in ${right(accuracy)}; a blind guess among ${classes} labels is in ` +
    `${right(1 / classes)}.`,
  ];
}
