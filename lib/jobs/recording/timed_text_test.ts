/** The expected texts follow W3C's WebVTT and Praat's manual, "TextGrid file formats". */
import { deepEqual, equal } from "../../testing/assert.ts";
import type { Segment } from "./infer_recording.ts";
import { textGrid, webVtt } from "./timed_text.ts";

const segment = (id: string, start: number, end: number, predicted?: string, p = 0.5): Segment => ({
  id,
  start,
  end,
  warnings: [],
  ...predicted === undefined
    ? { reason: "no speech" }
    : { predicted, probabilities: { [predicted]: p, other: 1 - p } },
});

Deno.test("WebVTT has a cue for each prediction, with times in thousandths and escaped text", () => {
  const segments = [
    segment("1", 0.0604, 2.7236, "joy", 0.874),
    segment("2", 3, 4),
    segment("3", 3599.9996, 36061.25, 'a <b> & "c"\n\n-->', 1),
  ];
  equal(
    webVtt({ segments }),
    `WEBVTT

1
00:00:00.060 --> 00:00:02.724
joy (87 %)

3
01:00:00.000 --> 10:01:01.250
a &lt;b&gt; &amp; "c" --&gt; (100 %)
`,
  );
  equal(webVtt({ segments: [] }), "WEBVTT\n");
});

Deno.test("several labels and continuous values are cues without a probability", () => {
  const segments: Segment[] = [
    {
      id: "1",
      start: 0,
      end: 0.0001,
      warnings: [],
      predicted: "joy + fear",
      probabilities: { joy: 0.9, fear: 0.8 },
    },
    {
      id: "2",
      start: 1,
      end: 2,
      warnings: [],
      predicted: "valence 0.100",
      probabilities: {},
      values: { valence: 0.1 },
    },
  ];
  deepEqual(webVtt({ segments }).split("\n").slice(2), [
    "1",
    "00:00:00.000 --> 00:00:00.001",
    "joy + fear",
    "",
    "2",
    "00:00:01.000 --> 00:00:02.000",
    "valence 0.100",
    "",
  ]);
  equal(textGrid({ segments, seconds: 2 }).match(/name = /g)!.length, 1);
});

Deno.test("the intervals of a TextGrid cover the recording, and quotes are doubled", () => {
  const segments = [
    segment("1", 0, 1, 'so "so"', 0.25),
    segment("2", 1, 2),
    segment("3", 2.5, 3.0000004, "joy", 1),
  ];
  equal(
    textGrid({ segments, seconds: 3 }),
    `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 3
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "emotion"
        xmin = 0
        xmax = 3
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1
            text = "so ""so"""
        intervals [2]:
            xmin = 1
            xmax = 2.5
            text = ""
        intervals [3]:
            xmin = 2.5
            xmax = 3
            text = "joy"
    item [2]:
        class = "IntervalTier"
        name = "probability"
        xmin = 0
        xmax = 3
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1
            text = "0.250"
        intervals [2]:
            xmin = 1
            xmax = 2.5
            text = ""
        intervals [3]:
            xmin = 2.5
            xmax = 3
            text = "1.000"
`,
  );
});

Deno.test("a recording without a prediction is one empty interval", () => {
  const text = textGrid({ segments: [], seconds: 2.5 });
  equal(text.includes("intervals: size = 1"), true);
  equal(text.includes('xmax = 2.5\n            text = ""'), true);
});
