/** How an answer changes when a word or a window of sound is taken out. */
import {
  clipOf,
  clipPath,
  type Example,
  readClip,
  SAMPLE_RATE,
  type Sequence,
  type Span,
  type Utterance,
} from "../../data/mod.ts";
import type { Modality } from "../../encoders/mod.ts";
import { badInput } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import { KINDS } from "../../eval/mod.ts";
import { type Classifier, predictLogits, scaleExamples } from "../../model/mod.ts";
import type { OpenInference } from "../infer.ts";
import type { InferOptions } from "../inference.ts";
import type { WeightedSpan } from "./attention.ts";
import { withOnly } from "./contributions.ts";
import type { Places } from "./places.ts";
import { withoutWord, type Word } from "./words.ts";

/**
 * What is taken out. `input`: the word is cut from the text, or the window is silenced, and the rest is
 * encoded anew, so that nothing of it is left. `states`: its hidden states are taken from those of the whole
 * input; the other states still know it, since an encoder mixes them.
 */
export type Occluding = "input" | "states";

/** The row, as the model reads it. */
export interface OccludedRow {
  row: Utterance;
  root: string;
  example: Example;
  places: Places;
  words: readonly Word[];
  samples?: Float32Array;
  /** The index of the label whose answer is compared, and this answer. */
  label: number;
  answer: number;
}

/** How far the answer falls without each part: positive if the part speaks for the label. */
export interface Occlusion {
  /** For each word. */
  words?: number[];
  /** For each window of sound. */
  windows?: WeightedSpan[];
  notes: string[];
}

/** Most windows, since each is encoded. */
const MOST_WINDOWS = 300;

/** Rounds to a sample, so that 3 * 0.2 is 0.6. */
const place = (seconds: number): number => Math.round(seconds * SAMPLE_RATE) / SAMPLE_RATE;

/** Returns the windows of a clip in seconds. A rest of less than half a window belongs to the last one. */
export function windowsOf(seconds: number, window: number): Span[] {
  const count = Math.max(1, Math.round(seconds / window));
  if (!(window > 0) || count > MOST_WINDOWS) {
    throw badInput({
      expected: `windows of sound, at most ${MOST_WINDOWS} in a clip,`,
      found: `${seconds.toFixed(1)} s in windows of ${window} s`,
      at: "the option window",
      todo: `Choose windows of at least ${Math.ceil(seconds / MOST_WINDOWS * 10) / 10 || 0.1} s.`,
    });
  }
  return Array.from({ length: count }, (_, i) => ({
    start: place(i * window),
    end: i + 1 < count ? place((i + 1) * window) : seconds,
  }));
}

/** Samples of clips with a silenced window, made when they are read. */
export function silencedClips() {
  const made = new Map<string, () => Float32Array>();
  return {
    /** Reads clips: those that were added, and all others from their files. */
    readClip: ((path) => {
      const samples = made.get(path);
      return samples ? Promise.resolve(clipOf(samples())) : readClip(path);
    }) satisfies InferOptions["readClip"],
    add: (path: string, samples: Float32Array, { start, end }: Span) =>
      made.set(
        path,
        () => samples.slice().fill(0, Math.round(start * SAMPLE_RATE), Math.round(end * SAMPLE_RATE)),
      ),
  };
}

/** Takes out each word and each window. `clips` are those that `opened` reads. */
export async function occlude(
  opened: OpenInference,
  clips: ReturnType<typeof silencedClips>,
  { row, root, example, places, words, samples, label, answer }: OccludedRow,
  { by, window, signal }: { by: Occluding; window: number; signal?: AbortSignal },
): Promise<Occlusion> {
  const { model } = opened.loaded, notes: string[] = [], occlusion: Occlusion = { notes };
  const fallsOf = async (examples: readonly Example[]) => {
    if (examples.length === 0) return [];
    const logits = await predictLogits(model, scaleExamples(model, examples), { signal });
    return KINDS[model.target].answers(logits).map((answers) => answer - answers[label]);
  };
  /** Encodes changed inputs of one modality; the example keeps all else. */
  const encoded = async (modality: Modality, variants: readonly Utterance[]): Promise<Example[]> => {
    const { rows, examples } = await opened.read({ rows: variants, root });
    const found = new Map(rows.map(({ id }, i) => [id, examples[i]]));
    const lost = variants.filter(({ id }) => !found.has(id)).length;
    if (lost > 0) {
      const [part, left] = modality === "audio" ? ["windows", "sound"] : ["words", "text"];
      notes.push(
        `Without ${lost} of the ${part}, nothing is left to encode: there the answer is that without ${left}.`,
      );
    }
    return variants.map(({ id }) => {
      const other = found.get(id);
      if (!other) return withOnly(modality === "audio" ? ["text"] : ["audio"], example);
      const raw = { ...example.raw, ...other.raw?.[modality] && { [modality]: other.raw[modality] } };
      return { ...example, [modality]: other[modality], ...example.raw && { raw } };
    });
  };
  const stored = (modality: Modality) => opened.loaded.stored.includes(modality);
  const shortened = (modality: Modality, drop: (i: number) => boolean): Example => ({
    ...example,
    [modality]: withoutStates(example[modality]!, model.maxLength[modality], drop),
  });

  const { of } = places.text ?? {}, isRead = (modality: Modality) => model.encoders[modality] !== undefined;
  if (words.length > 0 && isRead("text") && (by === "states" ? of : !stored("text"))) {
    if (by === "states") requireStates(model, "text", example);
    occlusion.words = await fallsOf(
      by === "states" ? words.map((_, word) => shortened("text", (i) => of![i] === word)) : await encoded(
        "text",
        words.map((word, i): Utterance => {
          const { audio: _, ...rest } = row;
          return { ...rest, id: `${row.id} without word ${i}`, text: withoutWord(row.text!, word) };
        }),
      ),
    );
  }
  const times = places.audio;
  if (samples && isRead("audio") && (by === "states" ? times : !stored("audio"))) {
    const windows = windowsOf(samples.length / SAMPLE_RATE, window);
    if (by === "states") requireStates(model, "audio", example);
    const variants = by === "states"
      ? windows.map(({ start, end }) =>
        shortened("audio", (i) => {
          const middle = (times![i].start + times![i].end) / 2;
          return middle >= start && middle < end;
        })
      )
      : await encoded(
        "audio",
        windows.map((span, i): Utterance => {
          const { text: _, ...rest } = row, audio = `${row.audio} without window ${i}`;
          clips.add(clipPath(fromProject(root), audio), samples, span);
          return { ...rest, id: audio, audio };
        }),
      );
    const falls = await fallsOf(variants);
    occlusion.windows = windows.map((span, i) => ({ ...span, weight: falls[i] }));
  }
  return occlusion;
}

/** Returns the states that the model reads, without some of them. */
function withoutStates(
  { data, length, width }: Sequence,
  most: number,
  drop: (i: number) => boolean,
): Sequence {
  const kept = Array.from({ length: Math.min(length, most) }, (_, i) => i).filter((i) => !drop(i));
  const rest = new Float32Array(kept.length * width);
  kept.forEach((i, k) => rest.set(data.subarray(i * width, (i + 1) * width), k * width));
  return { data: rest, length: kept.length, width };
}

function requireStates({ encoders }: Classifier, modality: Modality, example: Example): void {
  if (example[modality]) return;
  throw badInput({
    expected: `hidden states of ${modality}, to take some out,`,
    found: `${encoders[modality]!.id} as a part of the model`,
    at: 'the option by: "states"',
    todo: 'Take words and sound out of the input: by: "input".',
  });
}
