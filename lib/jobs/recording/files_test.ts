import { deepEqual, equal, ok, throws } from "../../testing/assert.ts";
import { FORMATS, recordingFiles, segmentsCsv, writeRecording } from "./files.ts";
import type { Recording } from "./infer_recording.ts";

const recording: Recording = {
  name: "talk.wav",
  seconds: 4,
  segments: [
    {
      id: "1",
      start: 0.5,
      end: 1.25,
      predicted: "joy",
      probabilities: { joy: 0.75, anger: 0.25 },
      warnings: [],
    },
    { id: "2", start: 1.5, end: 1.75, reason: "shorter than 0.5 s", warnings: [] },
    {
      id: "3",
      start: 2,
      end: 3,
      predicted: "anger",
      probabilities: { joy: 0.125, anger: 0.875 },
      warnings: [{ code: "clipped", detail: "3.0 % of the samples at full scale" }],
    },
  ],
  labels: ["joy", "anger"],
  target: "class",
  method: "audio_only",
  envelope: { step: 2, low: [-0.5, -0.25], high: [0.5, 0.125] },
  notes: ["A note."],
  secondsPerMinute: 1,
};

Deno.test("the CSV has a line for each segment, with the reason or the oddity as its note", () => {
  equal(
    segmentsCsv(recording),
    "segment,start,end,predicted,p_joy,p_anger,note\n" +
      "1,0.500,1.250,joy,0.750000,0.250000,\n" +
      "2,1.500,1.750,,,,shorter than 0.5 s\n" +
      "3,2.000,3.000,anger,0.125000,0.875000,clipped: 3.0 % of the samples at full scale\n",
  );
  const values = {
    id: "1",
    start: 0,
    end: 1,
    predicted: "valence -0.500",
    probabilities: {},
    values: { valence: -0.5 },
  };
  equal(
    segmentsCsv({ segments: [{ ...values, warnings: [] }], labels: ["valence"], target: "values" }),
    "segment,start,end,predicted:valence,note\n1,0.000,1.000,-0.500000,\n",
  );
});

Deno.test("a folder gets every format, a file the one of its ending", async () => {
  const folder = await Deno.makeTempDir(), files = recordingFiles(folder, "talk.wav");
  await writeRecording(files, recording);
  const names = FORMATS.flatMap((format) =>
    format === "png" ? ["talk.png", "talk_dark.png"] : [`talk.${format}`]
  );
  deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [...names, "plotly.min.js"].sort());
  deepEqual(recordingFiles("a/b.VTT", "talk.wav"), ["a/b.VTT"]);
  deepEqual(recordingFiles("a", "talk.v2.flac", ["csv", "TextGrid"]), [
    "a/talk.v2.csv",
    "a/talk.v2.TextGrid",
  ]);
  const json = JSON.parse(await Deno.readTextFile(`${folder}/talk.json`));
  deepEqual([json.name, json.segments.length, "envelope" in json], ["talk.wav", 3, false]);
  ok((await Deno.readTextFile(`${folder}/talk.svg`)).includes("prefers-color-scheme: dark"));
  const [light, dark] = await Promise.all(
    ["talk.png", "talk_dark.png"].map((name) => Deno.readFile(`${folder}/${name}`)),
  );
  ok(light.length > 1000 && dark.length > 1000 && light.join() !== dark.join());
});

Deno.test("an unknown ending, and formats beside a file, are refused", () => {
  throws(() => recordingFiles("talk.xlsx", "talk.wav"), /found the ending \.xlsx at talk\.xlsx/);
  throws(
    () => recordingFiles("talk.csv", "talk.wav", ["vtt"]),
    /a folder for the formats vtt but found the file/,
  );
});
