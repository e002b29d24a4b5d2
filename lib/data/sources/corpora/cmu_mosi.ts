/**
 * Reads CMU-MOSI (Zadeh et al. 2016, https://arxiv.org/abs/1606.06259) in two layouts: as MMSA hands it out
 * (see mmsa.ts), and as CMU released it, `Raw/Labels/OpinionLevelSentiment.csv` (start, end, video, segment
 * and sentiment, without a header), `Raw/Transcript/Segmented/<video>.annotprocessed` (`1_DELIM_THE WORDS`)
 * and `Raw/Audio/WAV_16000/Segmented/<video>_1.wav`. The latter is as people's scripts on GitHub
 * read it; we found no description of it, so it is unconfirmed.
 */
import { basename } from "node:path";
import type { Rejection, Split } from "../../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "../source.ts";
import {
  clipOf,
  mmsaRows,
  mmsaTable,
  refuse,
  segment,
  segmentClips,
  segmentNotes,
  VIDEO_IS_SPEAKER,
  videosIn,
  wordlessNotes,
} from "./mmsa.ts";
import { linesOf, targetFor } from "./reading.ts";

/** The videos of the standard folds of CMU's Multimodal SDK. */
const FOLDS: Record<Split, string> = {
  train: "2iD-tVS8NPw 8d-gEyoeBzc Qr1Ca94K55A Ci-AH39fi3Y 8qrpnFRGt2A Bfr499ggo-0 QN9ZIUWUXsY 9T9Hf74oK10 " +
    "7JsX8y1ysxY 1iG0909rllw Oz06ZWiO20M BioHAh1qJAQ 9c67fiY0wGQ Iu2PFX3z_1s Nzq88NnDkEk Clx4VXItLTE " +
    "9J25DZhivz8 Af8D0E4ZXaw TvyZBvOMOTc W8NXH0Djyww 8OtFthrtaJM 0h-zjBukYpk Vj1wYRQjB-o GWuJjcEuzt8 " +
    "BI97DNYfe5I PZ-lDQFboO8 1DmNV9C1hbY OQvJTdtJ2H4 I5y0__X72p0 9qR7uwkblbs G6GlGvlkxAQ 6_0THN4chvY " +
    "Njd1F0vZSm4 BvYR0L6f2Ig 03bSnISJMiM Dg_0XKD0Mf4 5W7Z1C_fDaE VbQk4H8hgr0 G-xst2euQUc MLal-t_vJPM " +
    "BXuRRbG0Ugk LSi-o-IrDMs Jkswaaud0hk 2WGyTLYerpo 6Egk_28TtTM Sqr0AcuoNnk POKffnXeBds 73jzhE8R1TQ " +
    "OtBXNcAL_lE HEsqda8_d0Q VCslbP0mgZI IumbAb8q2dM",
  dev: "WKA5OygbEKI c5xsKMxpXnc atnd_PF-Lbs bvLlb-M3UXU bOL9jKpeJRs _dI--eQ6qVU ZAIRrfG22O0 X3j2zQgwYgE " +
    "aiEXnCPZubE ZUXBRvtny7o",
  test: "tmZoasNr4rU zhpQhgha_KU lXPQBPVc5Cw iiK8YX8oH1E tStelxIAHjw nzpVDcQ0ywM etzxEpPuc6I cW1FSBF59ik " +
    "d6hH302o4v8 k5Y_838nuGo pLTX3ipuDJI jUzDDGyPkXU f_pcplsH_V0 yvsjCA6Y5Fc nbWiPyCm4g0 rnaNMUZpvvg " +
    "wMbj6ajWbic cM3Yna7AavY yDtzw_Y-7RU vyB00TXsimI dq3Nf_lMPnE phBUpBr1hSo d3_k5Xpfmik v0zCBqDeKcE " +
    "tIrG4oNLFzE fvVhgmXxadc ob23OKe5a9Q cXypl4FnoZo vvZ4IcEtiZc f9O3YtZ2VfI c7UH_rxdZv4",
};

/** The split of each video. */
export const MOSI_VIDEOS: ReadonlyMap<string, Split> = new Map(
  (Object.entries(FOLDS) as [Split, string][]).flatMap(([split, videos]) =>
    videos.split(" ").map((video) => [video, split] as const)
  ),
);

const LABELS = "OpinionLevelSentiment.csv";
const TRANSCRIPT = /(?:^|\/)Segmented\/([^/]+)\.annotprocessed$/;

/** Recognises CMU-MOSI by its label file, or by the videos in MMSA's. */
export const mosi: DataSource = {
  id: "mosi",
  name: "CMU-MOSI",
  summary: "a CMU-MOSI folder (with label.csv or OpinionLevelSentiment.csv)",

  async recognise(_, place) {
    const files = place.kind === "folder" ? await place.files() : [];
    if (files.some((path) => basename(path) === LABELS)) return { strength: 70, reason: LABELS };
    const table = await mmsaTable(place);
    return table && videosIn(table).every((video) => MOSI_VIDEOS.has(video))
      ? { strength: 70, reason: "columns of MMSA and videos of CMU-MOSI" }
      : undefined;
  },

  async read(path, place) {
    const files = place.kind === "folder" ? await place.files() : [];
    const labels = files.find((file) => basename(file) === LABELS);
    if (labels !== undefined) return await released(path, place, files, labels);
    const table = await mmsaTable(place);
    return table
      ? await mmsaRows("CMU-MOSI", path, place, table)
      : refuse("CMU-MOSI", place, path, `Labels/${LABELS}`);
  },
};

/** Reads CMU's own release. */
async function released(
  folder: string,
  place: Place,
  files: readonly string[],
  labels: string,
): Promise<SourceRows> {
  const target = targetFor(place, ["values"], folder), at = `${folder}/${labels}`;
  const notes: string[] = [], rejected: Rejection[] = [], words = new Map<string, string>();
  for (const path of files) {
    const [, video] = TRANSCRIPT.exec(path) ?? [];
    if (video === undefined) continue;
    for (const line of await linesOf(`${folder}/${path}`, place.encoding, notes)) {
      const [, clip, text] = /^(\d+)_DELIM_(.*)$/.exec(line) ?? [];
      if (clip) words.set(`${video}_${clip}`, text);
    }
  }
  const clips = segmentClips(place.audio ? files : []), candidates: Candidate[] = [];
  let wordless = 0;
  for (const [i, line] of (await linesOf(at, place.encoding, notes)).entries()) {
    const row = { at: `${at}, line ${i + 1}` }, [, , video, clip, sentiment, ...more] = line.split(",");
    if (line.trim() === "") continue;
    if (sentiment === undefined || more.length > 0) {
      rejected.push({
        ...row,
        id: `line ${i + 1}`,
        reason: `not start, end, video, segment and sentiment: ${line}`,
      });
      continue;
    }
    const split = MOSI_VIDEOS.get(video), named = segment(video, clip), text = words.get(named.id);
    if (split === undefined) {
      rejected.push({ ...row, id: named.id, reason: `a video of no standard fold: ${video}` });
      continue;
    }
    wordless += Number(text === undefined);
    candidates.push({
      ...row,
      ...named,
      split,
      text,
      audio: clipOf(clips, video, clip) ??
        (clips.paths.size > 0 || place.byName ? `Audio/WAV_16000/Segmented/${named.id}.wav` : undefined),
      target: { sentiment },
    });
  }
  return {
    name: "CMU-MOSI",
    path: folder,
    root: folder,
    target,
    labels: ["sentiment"],
    candidates,
    rejected,
    notes: [
      ...notes,
      ...clips.notes,
      ...segmentNotes(clips, place, folder, "Audio/WAV_16000/Segmented/<video>_1.wav"),
      ...wordlessNotes(wordless),
      VIDEO_IS_SPEAKER,
    ],
  };
}
