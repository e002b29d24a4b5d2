/** Writes the segments of a recording: tables, subtitles, annotations and the timeline. */
import { basename, extname, join } from "node:path";
import { badInput } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import { csvText, writeFileAtomic } from "../../files/mod.ts";
import { adaptive, darkened, png, timelineFigure } from "../../plot/mod.ts";
import { writePage } from "../pages.ts";
import type { Recording, Segment } from "./infer_recording.ts";
import { textGrid, webVtt } from "./timed_text.ts";

/** Kinds of files by their ending, in the order in which they are written. */
export const FORMATS = ["csv", "json", "vtt", "TextGrid", "svg", "png", "html"] as const;
/** A kind of file, by its ending. */
export type Format = typeof FORMATS[number];

/** Returns the format that the name of a file ends with, in any case, or undefined. */
export const formatOf = (path: string): Format | undefined =>
  FORMATS.find((format) => extname(path).toLowerCase() === `.${format.toLowerCase()}`);

/** Names of files in a folder by format; a picture has two. */
const namesOf = (name: string, format: Format): string[] =>
  format === "png" ? [`${name}.png`, `${name}_dark.png`] : [`${name}.${format}`];

/**
 * Returns the files that a recording is written to. `output` is one file, whose ending says its format, or a
 * folder, which gets all `formats`. Throws UndertoneError if the two contradict each other.
 */
export function recordingFiles(output: string, name: string, formats?: readonly Format[]): string[] {
  const named = formatOf(output), ending = extname(output);
  if (named === undefined && /^\.[a-z]\w{0,7}$/i.test(ending)) {
    throw badInput({
      expected: `a folder, or a file that ends with ${FORMATS.map((format) => `.${format}`).join(", ")}`,
      found: `the ending ${ending}`,
      at: output,
      todo: "Choose one of these endings.",
    });
  }
  if (named === undefined) {
    const stem = name.replace(/\.\w{1,5}$/, "") || name;
    return (formats ?? FORMATS).flatMap((format) => namesOf(stem, format)).map((file) => join(output, file));
  }
  if (formats && formats.join() !== named) {
    throw badInput({
      expected: `a folder for the formats ${formats.join(", ")}`,
      found: `the file ${output}`,
      at: "the command line",
      todo: "Name a folder, or leave the formats out: the ending of the file says its format.",
    });
  }
  return [output];
}

/**
 * Writes a recording to these files. The ending of each says its format: csv, json, vtt, TextGrid, svg, png
 * or html. A PNG whose name ends with `_dark` is dark. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { writeRecording } from "@undertone/undertone";
 *
 * const heard = { predicted: "joy", probabilities: { joy: 1 }, warnings: [] };
 * const segments = [{ id: "1", start: 0.2, end: 1.5, ...heard }];
 * const envelope = { step: 1, low: [-0.5, -0.2], high: [0.4, 0.3] };
 * const model = { method: "audio_only", target: "class" as const, labels: ["joy"] };
 * const about = { ...model, notes: [], secondsPerMinute: 1 };
 * const folder = await Deno.makeTempDir();
 * await writeRecording([`${folder}/me.vtt`], { name: "me.wav", seconds: 2, segments, envelope, ...about });
 * ```
 */
export async function writeRecording(
  paths: readonly string[],
  recording: Recording,
  options: { formulas?: boolean } = {},
): Promise<void> {
  const { name, seconds, segments } = recording;
  for (const path of paths.map(fromProject)) {
    const format = formatOf(path);
    if (format === "csv") await writeFileAtomic(path, segmentsCsv(recording, options));
    else if (format === "json") await writeFileAtomic(path, segmentsJson(recording));
    else if (format === "vtt") await writeFileAtomic(path, webVtt(recording));
    else if (format === "TextGrid") await writeFileAtomic(path, textGrid(recording));
    else {
      const figure = timelineFigure(recording);
      if (format === "svg") await writeFileAtomic(path, adaptive(figure.svg));
      else if (format === "png") {
        const isDark = basename(path).endsWith("_dark.png");
        await writeFileAtomic(path, await png(isDark ? darkened(figure.svg) : figure.svg));
      } else {
        await writePage(path, {
          title: name,
          facts: {
            length: `${seconds.toFixed(1)} s`,
            segments: `${segments.filter(({ predicted }) => predicted !== undefined).length}`,
          },
          notes: recording.notes,
          figures: [figure],
        });
      }
    }
  }
}

/** Returns a CSV with a line for each segment; one without a prediction has its reason as a note. */
export function segmentsCsv(
  { segments, labels, target }: Pick<Recording, "segments" | "labels" | "target">,
  options: { formulas?: boolean } = {},
): string {
  const isValues = target === "values", prefix = isValues ? "predicted:" : "p_";
  return csvText([
    ["segment", "start", "end", ...isValues ? [] : ["predicted"], ...labels.map((l) => prefix + l), "note"],
    ...segments.map((segment) => {
      const { id, start, end, predicted, probabilities, values } = segment;
      return [
        id,
        start.toFixed(3),
        end.toFixed(3),
        ...isValues ? [] : [predicted],
        ...labels.map((label) => (values ?? probabilities)?.[label]?.toFixed(6)),
        noteOf(segment),
      ];
    }),
  ], options);
}

/** Returns why a segment has no prediction, or what is odd about its sound. */
export const noteOf = ({ reason, warnings }: Segment): string | undefined =>
  reason ?? (warnings.map(({ code, detail }) => `${code}: ${detail}`).join("; ") || undefined);

/** Returns a recording as JSON, without its outline. */
export function segmentsJson({ envelope: _, secondsPerMinute: __, ...recording }: Recording): string {
  return JSON.stringify(recording, null, 2) + "\n";
}
