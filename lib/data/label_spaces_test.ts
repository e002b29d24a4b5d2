import { deepEqual, equal } from "../testing/assert.ts";
import { LABEL_SPACES, labelInSpace, labelsOfSpace } from "./label_spaces.ts";

/** The published labels of corpora, and what the spaces are known to make of them. */
const EXPECTED: Record<string, [labels: string, inSpace: string][]> = {
  "meld-7": [
    [
      "happy sad angry fearful disgust surprised neutral calm",
      "joy sadness anger fear disgust surprise neutral -",
    ],
    [
      "ang hap sad neu fea sur dis exc fru oth xxx",
      "anger joy sadness neutral fear surprise disgust - - - -",
    ],
    ["Joyful Mad Neutral Peaceful Powerful Sad Scared", "joy anger neutral - - sadness fear"],
    ["no_emotion happiness boredom anxiety NEUTRALITY", "neutral joy - fear neutral"],
    ["Pleasant_surprise pleasant-surprised ps", "surprise surprise surprise"],
  ],
  "ekman-6-neutral": [
    ["joy anger contempt", "happiness anger -"],
    ["happiness fear surprise", "happiness fear surprise"],
  ],
  "iemocap-4": [["exc hap neu ang sad fru sur", "happy happy neutral angry sad - -"]],
  "angry-happy-neutral-sad": [[
    "excited happy neutral anger sadness surprise",
    "- happy neutral angry sad -",
  ]],
  "sentiment-3": [
    ["positive negative neutral", "positive negative neutral"],
    [
      "joy excitement anger fru disgust contempt surprise calm",
      "positive positive negative negative negative negative - -",
    ],
  ],
};

Deno.test("label spaces know the names of the corpora, in any case and spelling", () => {
  deepEqual(Object.keys(EXPECTED), LABEL_SPACES);
  for (const [space, cases] of Object.entries(EXPECTED)) {
    for (const [labels, inSpace] of cases) {
      equal(labels.split(" ").map((label) => labelInSpace(space, label) ?? "-").join(" "), inSpace, space);
    }
  }
});

Deno.test("a space keeps its own labels, in its order", () => {
  for (const space of LABEL_SPACES) {
    const labels = labelsOfSpace(space)!;
    deepEqual(labels.map((label) => labelInSpace(space, label)), labels);
  }
  deepEqual(labelsOfSpace("sentiment-3"), ["negative", "neutral", "positive"]);
  equal(labelsOfSpace("toString"), undefined);
});
