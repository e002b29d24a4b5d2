import { deepEqual, equal, throws } from "../testing/assert.ts";
import { parseWith } from "../schema.ts";
import { groupingOf, groupingWords, normalizationOf } from "./normalize.ts";
import { planRun } from "./run_plan.ts";
import { trainConfig } from "./train.ts";

const parse = (values: Record<string, unknown>) => parseWith(trainConfig, values, "the test");
const plan = (values: Record<string, unknown>) =>
  planRun(parse({ method: "early_fusion", ...values })).config;

Deno.test("one value is for both modalities, and a plan keeps whole forms", () => {
  equal(plan({}).normalize, "train");
  equal(plan({ normalize: "speaker" }).normalize, "speaker:transductive");
  const config = plan({ normalize: { audio: "speaker:enrolled" } });
  deepEqual(config.normalize, { text: "train", audio: "speaker:enrolled:8" });
  deepEqual(plan({ ...config }), config);
  equal(groupingOf(config, "text"), undefined);
  equal(groupingWords(config, ["text", "audio"]), "speech by speaker (enrolled, 8 rows)");
  equal(normalizationOf(plan({ normalize: "none" }), "text").by, "none");
});

Deno.test("a wrong value or modality is told, with what there is", () => {
  throws(
    () => parse({ normalize: "speker" }),
    /Expected none, train, or corpus.* found "speker" at normalize/,
  );
  throws(() => parse({ normalize: { audio: "sex" } }), /found "sex" at normalize\.audio/);
  throws(() => parse({ normalize: { speech: "speaker" } }), /normalize\.speech.*Known are normalize\.text, /);
});

Deno.test("an encoder that trains has no statistics of groups, and the advice works", () => {
  const training = { text: "hf:a", audio: "acoustic", train: ["text", "head"] };
  throws(
    () => plan({ ...training, normalize: "speaker" }),
    /frozen text encoder for --normalize\.text=speaker.*Write --normalize\.audio=speaker:transductive alone/,
  );
  deepEqual(plan({ ...training, normalize: { audio: "speaker" } }).normalize, {
    text: "train",
    audio: "speaker:transductive",
  });
  const alone = { ...training, method: "audio_only", normalize: "speaker" };
  equal(plan(alone).normalize, "speaker:transductive"); // the text encoder is not read
  const both = { text: "hf:a", audio: "hf:b", train: ["text", "audio", "head"] };
  throws(() => plan({ ...both, normalize: "speaker" }), /Write --normalize\.audio=train alone/);
  equal(plan({ ...both, normalize: { audio: "train" } }).normalize, "train");
});
