import { deepEqual } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

/** UTF-16, little-endian, with its mark. */
const utf16 = (text: string) =>
  new Uint8Array(Uint16Array.from(`\ufeff${text}`, (c) => c.charCodeAt(0)).buffer);
/** Latin-1. */
const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
/** "0001_000001<tab>中立<tab>中立<line end>" in GB 2312. */
const GB = Uint8Array.from([
  ...latin1("0001_000001\t"),
  0xd6,
  0xd0,
  0xc1,
  0xa2,
  9,
  0xd6,
  0xd0,
  0xc1,
  0xa2,
  13,
  10,
]);

Deno.test("ESD whole: speaker, emotion and words, without folders of splits", async () => {
  const folder = await miniature({
    ...clipsAt(
      "0011/Neutral/0011_000001.wav",
      "0011/Angry/0011_000351.wav",
      "0011/Happy/0011_000701.wav",
      "0015/Sad/0015_001051.wav",
      "0015/Surprise/0015_001401.wav",
    ),
    "0011/0011.txt": "0011_000001\tThe nine the eggs, I keep.\tNeutral\n" +
      "0011_000351\tThe nine the eggs, I keep.\tAngry\n0011_000701\tThe nine the eggs, I keep.\tHappy\n",
    "0015/0015.txt":
      "0015_001051\tI did go, and made many prisoners.\tSad\r\n\r\n0015_001401\tYes.\tSurprise\r\n",
    "ReadMe.txt": "0011: English Male\n0015: English Female\n",
  });
  const { name, labels, rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual([name, rejected, notes], ["ESD", [], []]);
  deepEqual(labels, ["neutral", "joy", "anger", "sadness", "surprise"]);
  deepEqual(rows.map(({ id, label, speaker, gender, text }) => [id, label, speaker, gender, text]), [
    ["0011_000351", "anger", "0011", "male", "The nine the eggs, I keep."],
    ["0011_000701", "joy", "0011", "male", "The nine the eggs, I keep."],
    ["0011_000001", "neutral", "0011", "male", "The nine the eggs, I keep."],
    ["0015_001051", "sadness", "0015", "female", "I did go, and made many prisoners."],
    ["0015_001401", "surprise", "0015", "female", "Yes."],
  ]);
  const below = await loadDataset(`${folder}/0011/Angry`, { labelled: false });
  deepEqual(below.rows.map(({ id, label, text }) => [id, label, text]), [
    ["0011_000351", "anger", "The nine the eggs, I keep."],
  ]);
});

Deno.test("ESD with its faults: splits in folders, mixed encodings, spaces for tabs, a line that is missing", async () => {
  const at = "Emotional Speech Dataset (ESD)/Emotion Speech Dataset";
  const folder = await miniature({
    ...clipsAt(
      `${at}/0001/Neutral/train/0001_000001.wav`,
      `${at}/0012/Angry/train/0012_000352.wav`,
      `${at}/0012/Angry/evaluation/0012_000351.wav`,
      `${at}/0012/Angry/test/0012_000371.wav`,
      `${at}/0016/Sad/train/0016_001052.wav`,
      `${at}/0016/Sad/train/0016_001053.wav`,
      `${at}/0016/Sad/train/0021_001053.wav`,
    ),
    [`${at}/0001/0001.txt`]: GB,
    [`${at}/0012/0012.txt`]: utf16(
      "0012_000351\tLet the glass globe be.\tAngry\r\n0012_000352  Ah, what's the matter?  Angry\r\n" +
        "0012_000371\tTom was Angry",
    ),
    [`${at}/0016/0016.txt`]: latin1("0016_001052\tA caf\u00e9 \u0091here\u0092.\tSad\n"),
  });
  const { rows, rejected, notes } = await loadDataset(folder);
  deepEqual(rejected, []);
  deepEqual(
    rows.map(({ id, split, label, speaker, gender, text }) => [id, split, label, speaker, gender, text]),
    [
      ["0001_000001", "train", "neutral", "0001", "female", "中立"],
      ["0012_000351", "dev", "anger", "0012", "male", "Let the glass globe be."],
      ["0012_000371", "test", "anger", "0012", "male", "Tom was"],
      ["0012_000352", "train", "anger", "0012", "male", "Ah, what's the matter?"],
      ["0016_001052", "train", "sadness", "0016", "female", "A café ‘here’."],
      ["0016_001053", "train", "sadness", "0016", "female", undefined],
    ],
  );
  deepEqual(notes.slice(0, 5), [
    `Read transcripts that are no Unicode: ${at}/0001/0001.txt as gb18030, ${at}/0016/0016.txt as windows-1252.`,
    `No transcript has words for 1 clip, e.g. ${at}/0016/Sad/train/0016_001053.wav.`,
    "The speakers 0001 to 0010 speak Mandarin.",
    "The folders train, evaluation (dev) and test share their speakers and sentences.",
    `Ignored 1 other clip, e.g. ${at}/0016/Sad/train/0021_001053.wav.`,
  ]);
});
