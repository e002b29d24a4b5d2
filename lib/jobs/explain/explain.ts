/** Explains the answer of a model to one row. */
import { clipPath, type Dataset, readClip, type Utterance } from "../../data/mod.ts";
import { badInput, nearest } from "../../errors.ts";
import { argmax, spearman } from "../../eval/mod.ts";
import { attentionOf, MODALITIES, scaleExamples } from "../../model/mod.ts";
import { fromProject } from "../../paths.ts";
import type { TargetKind } from "../../target.ts";
import { groupingOf } from "../../config/mod.ts";
import { noneGiven } from "../enrolment.ts";
import { type Loaded, openInference } from "../infer.ts";
import type { InferOptions } from "../inference.ts";
import { type Prediction, predictionOf } from "../predictions.ts";
import { type Attention, attentionIn, type WeightedSpan } from "./attention.ts";
import { answersByCoalition, type Contribution, contributionsOf } from "./contributions.ts";
import { occlude, type Occluding, silencedClips } from "./occlusion.ts";
import { placesOf } from "./places.ts";
import { type Word, wordsIn } from "./words.ts";

/** Options of an explanation. */
export interface ExplainOptions extends Pick<InferOptions, "use" | "enroll" | "engine" | "signal" | "among"> {
  /** The id of the row. Default: the first one. */
  row?: string;
  /** The class, label or dimension whose answer is explained. Default: the most probable, or the first. */
  label?: string;
  /** Where words and windows are taken out: of the input, or of its hidden states. Default: input. */
  by?: Occluding;
  /** Seconds of a window of sound. Default 0.2. */
  window?: number;
}

/** The rank correlation of attention and occlusion. */
export interface Agreement {
  /** Spearman's correlation; null if it is undefined, e.g. of a single word. */
  rho: number | null;
  /** Number of words or windows. */
  n: number;
}

/** Why a model answers as it does to one row. */
export interface Explanation {
  /** The row's id. */
  id: string;
  /** The fusion method. */
  method: string;
  /** The kind of the model's targets. */
  target: TargetKind;
  /** The class, label or dimension that is explained. */
  label: string;
  /** The prediction. */
  prediction: Prediction;
  /** What text and speech add to the answer, for each label. */
  contributions: Contribution[];
  /** The words that the model reads. */
  words: Word[];
  /** Where the head looks; absent if the method has no attention. */
  attention?: Attention;
  /** How far the answer for the label falls without each word and without each window of sound. */
  occlusion: {
    /** Where they are taken out. */
    by: Occluding;
    /** For each word. */
    words?: number[];
    /** For each window. */
    windows?: WeightedSpan[];
  };
  /** How far attention and occlusion agree on the order of words, and of windows. */
  agreement: {
    /** Of words. */
    words?: Agreement;
    /** Of windows; the attention of a window is the sum over its states. */
    windows?: Agreement;
  };
  /** The clip: mono samples at 16 kHz. */
  samples?: Float32Array;
  /** What a reader needs to know. */
  notes: string[];
}

/** Most words, since the text is encoded without each. */
const MOST_WORDS = 300;

/**
 * Explains the answer of a run to one of these rows: where its head looks, what each modality adds, and how
 * the answer falls without each word and each window of sound. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { configure, explain, loadDataset, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const { words, occlusion, label } = await explain(`${out}/first`, await loadDataset("sample"));
 * words.forEach(({ text }, i) => console.log(text, occlusion.words![i], label));
 * ```
 */
export async function explain(
  run: string,
  { rows, root }: Pick<Dataset, "rows" | "root">,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const { by = "input", window = 0.2, signal, among = rows } = options;
  const row = chosen(rows, options.row, root), clips = silencedClips();
  const modalities = MODALITIES.filter((modality) => row[modality] !== undefined);
  using opened = await openInference(run, modalities, {
    ...options,
    among,
    readClip: clips.readClip,
  });
  const { model, stored } = opened.loaded;
  const read = await opened.read({ rows: neededFor(row, rows, opened.loaded), root });
  const at = read.rows.findIndex(({ id }) => id === row.id);
  if (at < 0) throw unreadable(row, read.told.rejected.find(({ id }) => id === row.id)?.reason);
  const example = read.examples[at];
  const samples = row.audio !== undefined && (example.audio ?? example.raw?.audio)
    ? await samplesOf(clipPath(fromProject(root), row.audio), stored.includes("audio"))
    : undefined;

  const answers = await answersByCoalition(model, [example], signal), [answer] = answers.both;
  const label = labelFor(options.label, model.labels, model.target === "values" ? 0 : argmax(answer));
  const places = await placesOf(opened.loaded, row, example, samples, among);
  const words = places.text?.words ?? wordsIn(row.text ?? "");
  if (words.length > MOST_WORDS) throw tooLong(row, words.length);
  const [looked] = await attentionOf(model, scaleExamples(model, [example]));
  const attention = attentionIn(looked, places);
  const { notes, ...parts } = await occlude(
    opened,
    clips,
    { row, root, example, places, words, samples, label, answer: answer[label] },
    { by, window, signal },
  );
  const agreement = agreementOf(attention, parts);
  return {
    id: row.id,
    method: model.method.id,
    target: model.target,
    label: model.labels[label],
    prediction: predictionOf(read.rows[at], answer, model),
    contributions: contributionsOf(
      { none: answers.none[0], text: answers.text[0], audio: answers.audio[0], both: answer },
      model.labels,
    ),
    words,
    ...attention && { attention },
    occlusion: { by, ...parts },
    agreement,
    ...samples && { samples },
    notes: [
      ...read.told.notes,
      ...places.notes,
      ...attentionNotes(model.method.id, looked.unknown, attention, agreement),
      ...notes,
    ],
  };
}

function chosen(rows: readonly Utterance[], id: string | undefined, at: string): Utterance {
  const row = id === undefined ? rows[0] : rows.find((each) => each.id === id);
  if (row) return row;
  const meant = id === undefined ? undefined : nearest(id, rows.map(({ id }) => id));
  throw badInput({
    expected: id === undefined ? "a row to explain" : "the id of a row",
    found: id === undefined ? "none" : `'${id}', which none of ${rows.length} rows has`,
    at,
    todo: meant ? `Did you mean '${meant}'?` : "Name a row of these data.",
  });
}

function labelFor(name: string | undefined, labels: readonly string[], otherwise: number): number {
  if (name === undefined) return otherwise;
  const at = labels.indexOf(name);
  if (at >= 0) return at;
  throw badInput({
    expected: `a label of the model (${labels.join(", ")})`,
    found: `'${name}'`,
    at: "the option label",
    todo: "Name one of these.",
  });
}

/**
 * Returns the row, with those that its states depend on: of its groups, if these scale them, and all, if it
 * reads stored states, which are found among all rows.
 */
function neededFor(
  row: Utterance,
  rows: readonly Utterance[],
  { config, stored, enrolment }: Loaded,
): Utterance[] {
  if (stored.length > 0) return [...rows];
  const groups = enrolment || noneGiven(config)
    ? []
    : MODALITIES.flatMap((modality) => groupingOf(config, modality)?.by ?? []);
  return rows.filter((other) =>
    other === row ||
    groups.some((by) => other.split === row.split && row[by] !== undefined && other[by] === row[by])
  );
}

/** Reads a clip. One whose states are stored may be missing. */
async function samplesOf(path: string, mayLack: boolean): Promise<Float32Array | undefined> {
  try {
    return (await readClip(path)).samples;
  } catch (error) {
    if (mayLack) return undefined;
    throw error;
  }
}

const unreadable = (row: Utterance, reason = "the model can't read it") =>
  badInput({
    expected: "a row that the model can read",
    found: `one that it can't: ${reason}`,
    at: `row '${row.id}'`,
    todo: "Choose another row, or mend its text or its clip.",
  });

const tooLong = ({ id }: Utterance, count: number) =>
  badInput({
    expected: `a text of at most ${MOST_WORDS} words, since each is taken out`,
    found: `one of ${count}`,
    at: `row '${id}'`,
    todo: "Divide the text into utterances, one a row.",
  });

/** Returns the attention of a window: its states' weights, each by the share of its time in the window. */
const attentionAt = (times: readonly WeightedSpan[], { start, end }: WeightedSpan): number =>
  times.reduce((sum, span) => {
    const shared = Math.min(end, span.end) - Math.max(start, span.start), length = span.end - span.start;
    return sum + (shared > 0 && length > 0 ? span.weight * shared / length : 0);
  }, 0);

function agreementOf(
  attention: Attention | undefined,
  { words, windows }: Pick<Explanation["occlusion"], "words" | "windows">,
): Explanation["agreement"] {
  const compare = (weights: readonly number[], falls: readonly number[]): Agreement => ({
    rho: spearman(weights, falls),
    n: falls.length,
  });
  const { words: looked, times } = attention ?? {};
  return {
    ...looked && words && { words: compare(looked, words) },
    ...times && windows && {
      windows: compare(windows.map((each) => attentionAt(times, each)), windows.map(({ weight }) => weight)),
    },
  };
}

function attentionNotes(
  method: string,
  unknown: readonly string[],
  attention: Attention | undefined,
  { words, windows }: Explanation["agreement"],
): string[] {
  const said = (what: string, { rho, n }: Agreement) =>
    `${rho === null ? "undefined" : rho.toFixed(2)} over ${n} ${what}`;
  const both = [words && said("words", words), windows && said("windows", windows)].filter(Boolean);
  return [
    ...unknown.length === 0 ? [] : [
      `Attention maps without known axes are left out: ${unknown.join(", ")}. Name them as in ` +
      "text_pool and text_to_audio.",
    ],
    ...attention ? [] : [`${method} has no attention to show.`],
    ...both.length === 0 ? [] : [
      "Attention alone is no explanation: it shows where the head looks, not what would change its answer. " +
      `Rank correlation with occlusion: ${both.join(", ")}.`,
    ],
  ];
}
