import { deepEqual, throws } from "../testing/assert.ts";
import { parseWith } from "../schema.ts";
import { labelMapTexts } from "./labels.ts";
import { trainConfig } from "./train.ts";

const read = (labels: unknown) => parseWith(trainConfig, { labels }, "here").labels;

Deno.test("a map, the name of a label space, and both without `map` are read alike", () => {
  for (const map of ["meld-7", { ANG: "anger", oth: null, xxx: "" }]) {
    deepEqual(read({ map }), { map });
    deepEqual(read(map), { map });
  }
  deepEqual(read(undefined), undefined);
  deepEqual(read({ "map.ANG": "anger", "map.a.b": "c" }), { map: { ANG: "anger", "a.b": "c" } });
  deepEqual(read({ only: "angry, happy" }), { only: ["angry", "happy"] });
  deepEqual(read({ map: "meld-7", only: ["joy"] }), { map: "meld-7", only: ["joy"] });
});

Deno.test("anything else is refused with the forms", () => {
  for (const labels of ["meld7", { map: "meld7" }, { map: 7 }, { map: { ANG: 7 } }]) {
    throws(
      () => read(labels),
      /the name of a label space \(meld-7, .*sentiment-3\) or an object such as \{"excited": "happy", "oth": null\}/,
    );
  }
  throws(() => read(7), /Expected an object but found 7 at labels/);
});

Deno.test("a report says how labels are mapped", () => {
  deepEqual(labelMapTexts({}), []);
  deepEqual(labelMapTexts({ label_map: { exc: "happy" } }), ["Labels are mapped: exc as happy."]);
});
