/** The attention of a head, in words and seconds. */
import type { Modality, Span } from "../../data/mod.ts";
import type { AttentionMap, RowAttention } from "../../model/mod.ts";
import type { Places } from "./places.ts";

/** A stretch of sound with a number. */
export interface WeightedSpan extends Span {
  /** The number. */
  weight: number;
}

/** Attention between words and sound: what asks, what is looked at, and how much. */
export interface CrossAttention {
  /** The method's name for it: `text_to_audio`. */
  name: string;
  /** Whether words ask and look at sound, or the other way round. */
  queries: Modality;
  /** Mean weights over the heads `[words][states of sound]`, whatever asks. */
  weights: number[][];
}

/** The attention of one row. Weights over words and the rest of text sum to 1, as do those over sound. */
export interface Attention {
  /** The weight of each word: the sum over its tokens. */
  words?: number[];
  /** The weight on special tokens and earlier turns of text. */
  otherText?: number;
  /** The weight of each state of sound. */
  times?: WeightedSpan[];
  /** The weight on earlier turns of sound. */
  otherSound?: number;
  /** Which maps the weights are from, in words. */
  from: Partial<Record<Modality, string>>;
  /** Attention between words and sound, if the method has some. */
  cross: CrossAttention[];
}

/**
 * Returns a head's attention in words and seconds; undefined if the method has none. The weights of a
 * modality are those by which the head pools it. If it pools in another way, they are the mean of the maps
 * that look at it, over heads and over the positions that ask.
 */
export function attentionIn({ maps }: RowAttention, { text, audio }: Places): Attention | undefined {
  if (maps.length === 0) return undefined;
  const over = { text: weightsOver("text", maps), audio: weightsOver("audio", maps) };
  const attention: Attention = { from: {}, cross: [] };
  if (over.text && text) {
    attention.words = sumsBy(text.of, over.text.weights, text.words.length);
    attention.otherText = rest(over.text.weights, attention.words);
    attention.from.text = over.text.from;
  }
  if (over.audio && audio) {
    const weights = over.audio.weights.slice(0, audio.length);
    attention.times = audio.map((span, i) => ({ ...span, weight: weights[i] ?? 0 }));
    attention.otherSound = rest(over.audio.weights, weights);
    attention.from.audio = over.audio.from;
  }
  if (text && audio) {
    for (const { name, queries, weights } of maps) {
      if (!queries) continue;
      const mean = meanOver(weights), states = audio.length;
      // By words: the mean over the tokens that ask, or the sum over those that are looked at.
      const byWord = text.words.map((_, word) => {
        const own = text.of.flatMap((of, i) => of === word ? [i] : []);
        return queries === "text"
          ? columnMeans(own.map((i) => mean[i].slice(0, states)))
          : Array.from({ length: states }, (_, t) => own.reduce((sum, i) => sum + (mean[t]?.[i] ?? 0), 0));
      });
      attention.cross.push({ name, queries, weights: byWord });
    }
  }
  return attention;
}

/** Returns the weights over the positions of a modality, and where they are from. */
function weightsOver(
  modality: Modality,
  maps: readonly AttentionMap[],
): { weights: number[]; from: string } | undefined {
  const own = maps.filter(({ keys }) => keys === modality);
  const pool = own.find(({ queries }) => !queries);
  if (pool) return { weights: meanOver(pool.weights)[0], from: pool.name };
  if (own.length === 0) return undefined;
  const rows = own.map(({ weights }) => columnMeans(meanOver(weights)));
  const from = `the mean of ${own.map(({ name }) => name).join(" and ")} over heads and positions`;
  return { weights: columnMeans(rows), from };
}

/** Means over the first axis of `[heads][queries][keys]`. */
const meanOver = (weights: readonly (readonly (readonly number[])[])[]): number[][] =>
  weights[0].map((row, q) =>
    row.map((_, k) => weights.reduce((sum, head) => sum + head[q][k], 0) / weights.length)
  );

const columnMeans = (rows: readonly (readonly number[])[]): number[] =>
  rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);

function sumsBy(of: readonly number[], weights: readonly number[], count: number): number[] {
  const sums = Array<number>(count).fill(0);
  of.forEach((place, i) => {
    if (place >= 0) sums[place] += weights[i];
  });
  return sums;
}

const total = (weights: readonly number[]): number => weights.reduce((sum, w) => sum + w, 0);

/** The weight that is left, without what rounding makes of nothing. */
const rest = (all: readonly number[], shown: readonly number[]): number =>
  Math.max(0, total(all) - total(shown));
