/** What the page says about its model: `page.json` beside it. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { readJson } from "../../lib/files/mod.ts";
import type { Exported, RunFolder } from "../../lib/jobs/mod.ts";
import type { TargetKind } from "../../lib/target.ts";
import { count } from "../../lib/errors.ts";

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

/** What a run says of itself, as far as the page needs it. */
interface RunFacts {
  data: string;
  method: string;
  keep_text?: boolean;
  context?: unknown;
}
type Results = Partial<Record<"dev" | "test", { metrics: { n: number; accuracy?: number } }>>;

/** Returns what the page says about an exported run, except its files. */
export async function factsOf(
  run: RunFolder,
  { about, notes }: Exported,
): Promise<Omit<PageFacts, "files" | "bytes">> {
  const { data, method, keep_text } = await readJson(run.config) as RunFacts;
  const results = existsSync(run.metrics) ? await readJson(run.metrics) as Results : {};
  const { labels, target = "class", encoders } = about, name = basename(data);
  const learned = name === "sample"
    ? "Undertone's embedded sample, which is synthetic speech"
    : `the data '${name}'`;
  const licences = Object.values(encoders).map(({ id, licence }) => `${id}: ${licence}`);
  return {
    summary: `The model '${run.name}' says which of these fits an utterance best: ${labels.join(", ")}. ` +
      `It learned from ${learned}. ${scoreOf(results, labels.length)}`.trim(),
    facts: [
      ["Method", method],
      ["Encoders", Object.values(encoders).map(({ id }) => id).join(", ")],
      ["Licences", [...licences, "ONNX Runtime: MIT"].join("; ")],
      ["Built with", `Undertone, ONNX Runtime ${about.versions.onnxruntime}`],
    ],
    limits: [
      "It knows its own labels and its own data. Other voices, rooms, languages and ways to speak make it wrong.",
      "The probabilities are the model's own. They are no measure of how often it is right on your recordings.",
      "Attention over time is not shown: the exported model gives its answer alone.",
      ...about.scaling ? [about.scaling] : [],
      ...notes.filter((note) => note.startsWith("Trained with")),
    ],
    target,
    labels,
    reads: { text: encoders.text !== undefined, audio: encoders.audio !== undefined },
    keepText: keep_text ?? false,
    card: existsSync(run.file(CARD)),
  };
}

/** A run's model card. */
export const CARD = "MODEL_CARD.md";

/** Returns how often a model of classes is right, as a sentence; nothing if no result tells. */
function scoreOf(results: Results, classes: number): string {
  const split = results.test ? "test" : "dev", { n = 0, accuracy } = results[split]?.metrics ?? {};
  if (accuracy === undefined) return "";
  const rows = split === "test" ? count(n, "test row") : `${count(n, "row")} that also chose its epoch`;
  return `On ${rows} it is right in ${(100 * accuracy).toFixed(0)} %; ` +
    `a blind guess among ${classes} labels is right in ${(100 / classes).toFixed(0)} %.`;
}
