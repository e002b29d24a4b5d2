/**
 * Draws how an emotion is spoken in the sample. Directions follow the review of Juslin & Laukka 2003
 * (doi:10.1037/0033-2909.129.5.770). Sizes are our own choice, with spreads wide enough to overlap.
 */
import type { Random } from "../../random.ts";
import type { Emotion } from "./sentences.ts";

/** The delivery of one utterance. */
export interface Prosody {
  /** Words per minute. */
  rate: number;
  /** Base pitch on espeak-ng's scale, 0 to 99; 50 is the voice's own. */
  pitch: number;
  /** Pitch range, % of the voice's own. */
  range: number;
  /** Silence at a comma and between sentences, ms. */
  pause: number;
  /** Level in dB relative to the speaker's usual one. */
  loudness: number;
  /** Spectral slope (vocal effort): dB at 4 kHz relative to the voice's own. */
  brightness: number;
  /** Breath noise, as a share of the voice's level. */
  breath: number;
  /** Depth of a 70 Hz modulation of the level, as in a pressed or creaky voice. */
  roughness: number;
  /** Depth of a 6 Hz modulation of the level, 0 to 1. */
  tremor: number;
  /** Final punctuation for the synthesiser. */
  contour: "." | "?" | "!";
}

/** A speaker: a voice of the synthesiser, and habits that do not depend on the emotion. */
export interface Speaker {
  name: string;
  /** Voice name in espeak-ng. */
  voice: string;
  /** Factor on an emotion's distance from neutral. */
  expressive: number;
  /** Factor on the rate. */
  pace: number;
}

const TRAITS = [
  "rate",
  "pitch",
  "range",
  "pause",
  "loudness",
  "brightness",
  "breath",
  "roughness",
  "tremor",
] as const satisfies readonly (keyof Prosody)[];

/** Mean of each trait, in the order of TRAITS. */
const MEAN: Record<Emotion, readonly number[]> = {
  neutral: [165, 45, 75, 150, 0, 0, 0.03, 0, 0.05],
  surprise: [165, 72, 190, 170, 2, 3, 0.1, 0, 0.05],
  fear: [205, 74, 60, 90, -3, 0, 0.3, 0.15, 0.55],
  sadness: [122, 34, 35, 420, -7, -8, 0.22, 0, 0.2],
  joy: [192, 60, 150, 110, 4, 5, 0.03, 0, 0.05],
  disgust: [130, 28, 130, 260, -1, -3, 0.03, 0.35, 0.1],
  anger: [185, 40, 150, 90, 7, 11, 0.03, 0.5, 0.05],
};
const SPREAD = [15, 7, 24, 60, 2, 2, 0.05, 0.1, 0.1];
const LOWEST = [95, 5, 10, 30, -12, -14, 0, 0, 0];
const HIGHEST = [260, 95, 230, 800, 10, 18, 0.6, 0.9, 0.8];

/** Probability that a line ends as a question or an exclamation, whatever its punctuation. */
const CONTOUR: Record<Emotion, [question: number, exclamation: number]> = {
  neutral: [0.1, 0],
  surprise: [0.7, 0.3],
  fear: [0.25, 0.25],
  sadness: [0.1, 0],
  joy: [0.1, 0.7],
  disgust: [0.1, 0.2],
  anger: [0.1, 0.7],
};

/** Draws a delivery of `emotion` by `speaker`. */
export function drawProsody(emotion: Emotion, speaker: Speaker, { normal, uniform }: Random): Prosody {
  const entries = TRAITS.map((trait, i) => {
    const usual = MEAN.neutral[i];
    const shown = usual + speaker.expressive * (MEAN[emotion][i] - usual) + SPREAD[i] * normal();
    const value = trait === "rate" ? shown * speaker.pace : shown;
    return [trait, Math.max(LOWEST[i], Math.min(HIGHEST[i], value))];
  });
  const [question, exclamation] = CONTOUR[emotion];
  const u = uniform();
  const contour = u < question ? "?" : u < question + exclamation ? "!" : ".";
  return { ...Object.fromEntries(entries) as Record<typeof TRAITS[number], number>, contour };
}
