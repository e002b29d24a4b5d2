/** Segments of a recording as WebVTT and as a TextGrid of Praat. */
import type { Recording, Segment } from "./infer_recording.ts";

/** Returns a segment's answer in words: the label, with its probability in percent if it is a class. */
export function answerOf({ predicted = "", probabilities = {} }: Segment): string {
  const p = probabilities[predicted];
  return p === undefined ? predicted : `${predicted} (${Math.round(100 * p)} %)`;
}

/**
 * Returns a WebVTT file with a cue for each prediction. A segment without one has no cue
 * (https://www.w3.org/TR/webvtt1/).
 */
export function webVtt({ segments }: Pick<Recording, "segments">): string {
  const cues = segments.filter(({ predicted }) => predicted !== undefined).map((segment) => {
    const start = Math.round(segment.start * 1000), end = Math.max(start + 1, Math.round(segment.end * 1000));
    return `${segment.id}\n${clock(start)} --> ${clock(end)}\n${escapeCue(answerOf(segment))}\n`;
  });
  return ["WEBVTT\n", ...cues].join("\n");
}

/** Writes milliseconds as hours, minutes, seconds and thousandths. */
function clock(milliseconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0"), seconds = milliseconds / 1000;
  const thousandths = String(milliseconds % 1000).padStart(3, "0");
  return `${two(seconds / 3600)}:${two(seconds / 60 % 60)}:${two(seconds % 60)}.${thousandths}`;
}

/** Escapes what begins a tag or a reference. An empty line would end the cue, so that lines are joined. */
const escapeCue = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replace(/\s*[\r\n]+\s*/g, " ")
    .trim() || "–";

/** One interval of a tier, in seconds. */
interface Interval {
  start: number;
  end: number;
  text: string;
}

/**
 * Returns a TextGrid in Praat's long format, in UTF-8: a tier of answers and, for classes, one of their
 * probabilities. The intervals of a tier cover the whole recording; those without a prediction are empty.
 */
export function textGrid({ segments, seconds }: Pick<Recording, "segments" | "seconds">): string {
  const end = Math.max(round(seconds), 1e-6); // Praat wants a domain that is not empty
  const known = segments.filter(({ predicted }) => predicted !== undefined);
  const tiers: [string, (segment: Segment) => string][] = [["emotion", ({ predicted }) => predicted!]];
  if (known.some(({ predicted, probabilities }) => probabilities?.[predicted!] !== undefined)) {
    tiers.push(["probability", ({ predicted, probabilities }) => probabilities![predicted!].toFixed(3)]);
  }
  return [
    'File type = "ooTextFile"',
    'Object class = "TextGrid"',
    "",
    "xmin = 0",
    `xmax = ${end}`,
    "tiers? <exists>",
    `size = ${tiers.length}`,
    "item []:",
    ...tiers.flatMap(([name, text], i) => {
      const intervals = covering(known.map((segment) => ({ ...segment, text: text(segment) })), end);
      return [
        `    item [${i + 1}]:`,
        '        class = "IntervalTier"',
        `        name = "${name}"`,
        "        xmin = 0",
        `        xmax = ${end}`,
        `        intervals: size = ${intervals.length}`,
        ...intervals.flatMap((interval, k) => [
          `        intervals [${k + 1}]:`,
          `            xmin = ${interval.start}`,
          `            xmax = ${interval.end}`,
          `            text = "${interval.text.replaceAll('"', '""')}"`,
        ]),
      ];
    }),
    "",
  ].join("\n");
}

/** Fills the time between intervals with empty ones. Drops what has no length after rounding. */
function covering(intervals: readonly Interval[], whole: number): Interval[] {
  const all: Interval[] = [];
  let at = 0;
  const until = (end: number, text: string) => {
    if (end <= at) return;
    all.push({ start: at, end, text });
    at = end;
  };
  for (const { start, end, text } of intervals) {
    until(Math.min(round(start), whole), "");
    until(Math.min(round(end), whole), text);
  }
  until(whole, "");
  return all;
}

/** Rounds to microseconds. */
const round = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;
