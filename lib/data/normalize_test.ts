import { deepEqual, equal } from "../testing/assert.ts";
import { normalizationWords, readNormalization, wholeNormalization } from "./normalize.ts";

Deno.test("a group alone means all its unlabelled rows, and an enrolment has 8 rows", () => {
  deepEqual(readNormalization("none"), { by: "none" });
  deepEqual(readNormalization("speaker"), { by: "speaker", variant: "transductive" });
  deepEqual(readNormalization("session:causal"), { by: "session", variant: "causal" });
  deepEqual(readNormalization("speaker:enrolled"), { by: "speaker", variant: "enrolled", rows: 8 });
  deepEqual(readNormalization("dialogue:enrolled:3"), { by: "dialogue", variant: "enrolled", rows: 3 });
  equal(wholeNormalization("corpus"), "corpus:transductive");
  equal(wholeNormalization("speaker:enrolled"), "speaker:enrolled:8");
  equal(wholeNormalization("train"), "train");
  equal(normalizationWords({ by: "speaker", variant: "enrolled", rows: 3 }), "by speaker (enrolled, 3 rows)");
});

Deno.test("other forms are none", () => {
  const wrong = [
    "",
    "speker",
    "train:causal",
    "speaker:causal:3",
    "speaker:enrolled:0",
    "speaker:",
    "speaker:8",
  ];
  for (const text of wrong) equal(readNormalization(text), undefined, text);
});
