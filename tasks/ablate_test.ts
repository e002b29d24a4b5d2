import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { smallData } from "../lib/jobs/testing.ts";
import { task } from "./ablate.ts";
import { captured } from "./cli/testing.ts";

const data = await smallData();
const place = ["--data", `${data}/manifest.csv`, `--out=${data}/outputs`, `--cache=${data}/cache`];

const run = (...args: string[]) => captured(task, ...args);

Deno.test("a file gives recipes, flags override them, and stdout is the result as JSON", async () => {
  const recipes = {
    epochs: 3,
    seeds: [7],
    compare: [["text_only", "audio_only"]],
    methods: { pooled: { method: "attention_pooling", lr: 3e-4, epochs: 2 }, text_only: { lr: 0.01 } },
  };
  await Deno.writeTextFile(`${data}/recipes.json`, JSON.stringify(recipes));
  const { code, out, err } = await run(
    ...place,
    `--config=${data}/recipes.json`,
    "--name=tuned",
    "--epochs=1",
    "--batch-size=8",
    "--json",
  );
  equal(code, 0);
  const { ablation, seeds, systems, best, gains, comparisons } = JSON.parse(out.join("\n"));
  equal(ablation, `${data}/outputs/tuned`);
  deepEqual(seeds, [7]);
  deepEqual(systems.map(({ name }: { name: string }) => name), [
    "majority",
    "text_only",
    "audio_only",
    "pooled",
  ]);
  for (const split of ["dev", "test"]) {
    for (const measure of ["accuracy", "weighted_f1", "macro_f1"]) {
      equal(typeof systems[3][split][measure].mean, "number");
      equal(systems[3][split][measure].deviation, null);
    }
  }
  equal(best, "pooled");
  equal(gains.length, 3);
  deepEqual([comparisons.length, comparisons[3].recipe, comparisons[3].against], [
    8,
    "text_only",
    "audio_only",
  ]);
  match(err.join("\n"), /Difference of weighted F1 on test/);
  match(err.join("\n"), /Difference of balanced acc. on test/);
  match(
    err.join("\n"),
    /pooled over audio_only on test: .* points of weighted F1 \(95 %: .*8 distinct rows\)/,
  );

  const configOf = async (cell: string) =>
    JSON.parse(await Deno.readTextFile(`${data}/outputs/tuned/${cell}-s7/config.json`));
  const [pooled, text, audio] = await Promise.all(["pooled", "text_only", "audio_only"].map(configOf));
  deepEqual([pooled.lr, pooled.epochs, pooled.batch_size], [3e-4, 1, 8]);
  deepEqual([text.lr, text.epochs], [0.01, 1]);
  deepEqual([audio.lr, audio.epochs], [1e-3, 1]);
});

Deno.test("a mistake gives one sentence, and nothing starts", async () => {
  const wrong = `${data}/wrong.json`;
  await Deno.writeTextFile(wrong, JSON.stringify({ methods: { memocmt: { leraning_rate: 1 } } }));
  const cases: [string[], RegExp][] = [
    [["--methods=memocnt"], /Did you mean memocmt\?/],
    [["--seeds=0"], /--seeds=3 for 1, 2, 3/],
    [["--seeds=1,x"], /found '1,x' at --seeds/],
    [["--method=memocmt"], /Did you mean --methods\?/],
    [["--methods=memocmt", "--compare=memocmt"], /two names for each --compare but found memocmt/],
    [["--methods=memocmt", "--compare=memocmt,text_onyl"], /Did you mean text_only\?/],
    [[`--config=${wrong}`], /found 'leraning_rate' at the recipe 'memocmt'/],
    [["--methods=memocmt", "--audio=none"], /audio for memocmt/],
  ];
  for (const [args, sentence] of cases) {
    const { code, err } = await run(...place, "--name=none", ...args);
    equal(code, 2, err.join("\n"));
    match(err.at(-1)!, sentence);
  }
  const begun = await Deno.stat(`${data}/outputs/none`).catch(() => undefined);
  equal(begun, undefined);
});
