import { deepEqual, equal, match, ok, throws } from "../testing/assert.ts";
import { mapLabels, mappedProbabilities, spaceMap } from "./label_map.ts";

const data = ["neutral", "joy", "anger"];

Deno.test("names match in any case, and the map comes before them", () => {
  deepEqual(mapLabels(["Anger", "JOY", "neutral"], data), { classes: [2, 1, 0], notes: [] });
  deepEqual(mapLabels(["joy", "anger", "neutral"], data, { JOY: "Anger", anger: "joy" }).classes, [2, 1, 0]);
});

Deno.test("a class that nothing names is refused with what to type", () => {
  throws(
    () => mapLabels(["LABEL_0", "angry", "joy"], data),
    /none for 'LABEL_0', 'angry' .*--labels\.map '\{"LABEL_0":"neutral","angry":"anger"\}'/,
  );
  throws(() => mapLabels(["a", "joy"], data, { b: "joy" }), /a class of the model \(a, joy\) but found 'b'/);
  throws(() => mapLabels(["a"], data, { a: "jo" }), /found 'jo' .* Did you mean 'joy'/);
  throws(() => mapLabels(["a"], data, { a: "joy", A: "joy" }), /each class of the model once/);
  throws(() => mapLabels(["a"], data, { a: null }), /for each class of the model/);
});

Deno.test("a label space maps both sides, and drops a class whose label the data lack", () => {
  deepEqual(spaceMap("meld-7", ["hap", "SAD", "Angry", "calm"], data), {
    hap: "joy",
    SAD: null,
    Angry: "anger",
    calm: null,
  });
});

Deno.test("dropped, joint and absent classes are told", () => {
  const { classes, notes } = mapLabels(["hap", "exc", "fru"], data, { hap: "joy", exc: "joy", fru: null });
  deepEqual(classes, [1, 1, undefined]);
  equal(notes.length, 3);
  match(notes[0], /drops 'fru' .* the rest is scaled to 1/);
  match(notes[1], /hap and exc count as joy/);
  match(notes[2], /no class for 'neutral', 'anger'/);
});

Deno.test("probabilities are those of the kept classes, scaled to 1", () => {
  const near = (found: number[], expected: number[]) => {
    equal(found.length, expected.length);
    found.forEach((p, i) => ok(Math.abs(p - expected[i]) < 1e-12, `${found}`));
  };
  const logits = [0.1, 0.2, 0.3, 0.4].map(Math.log);
  near(mappedProbabilities(logits, [2, 1, 0, 1], 3), [0.3, 0.6, 0.1]);
  near(mappedProbabilities(logits, [1, undefined, 1, 0], 3), [0.5, 0.5, 0]);
  near(mappedProbabilities([-3, -3, 1000], [0, 1, undefined], 2), [0.5, 0.5]); // no overflow
});
