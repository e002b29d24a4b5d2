/** The recipes of published figures, from one command to the table, on tiny encoders. */
import { parse } from "csv-parse/sync";
import { smallData } from "../lib/jobs/testing.ts";
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { tinySpeechFolder, tinyTextFolder } from "../lib/testing/tiny_encoders.ts";
import { task } from "./ablate.ts";
import { captured } from "./cli/testing.ts";

const recipes = new URL("./recipes/published_meld.json", import.meta.url);
const data = await smallData({ train: 8, dev: 4, test: 4 });

/** Returns the recipes with tiny encoders in place of the large ones. */
async function tiny() {
  const text = await Deno.readTextFile(recipes);
  const bert = `hf:${await tinyTextFolder()}`, roberta = `hf:${await tinyTextFolder({ vocab_size: 1001 })}`;
  const audio = `hf:${await tinySpeechFolder("tiny-wav2vec2")}`;
  const config = JSON.parse(
    text.replaceAll("hf:bert-base-uncased", bert).replaceAll("hf:roberta-base", roberta)
      .replaceAll("hf:facebook/wav2vec2-base", audio),
  );
  for (const recipe of Object.values(config.methods) as Record<string, unknown>[]) {
    if (recipe.method === "fine_grained") recipe.options = { width: 8, heads: 2 };
  }
  return { bert, roberta, audio, config: { ...config, max_audio_length: 48 } };
}

Deno.test("one command trains the six published rows and shows their figures beside ours", async () => {
  const { bert, roberta, audio, config } = await tiny();
  await Deno.writeTextFile(`${data}/recipes.json`, JSON.stringify(config));
  const pair = ["fine_grained-roberta-head_last", "fine_grained-roberta"];
  const args = [
    ...[
      "--config",
      `${data}/recipes.json`,
      "--data",
      `${data}/manifest.csv`,
      "--seeds=1",
      "--name=published",
    ],
    ...[`--out=${data}/outputs`, `--cache=${data}/cache`, "--compare", pair.join(), "--json"],
  ];
  const { code, out, err } = await captured(task, ...args);
  equal(code, 0, err.join("\n"));
  const { systems, comparisons } = JSON.parse(out.join("\n"));
  const names = systems.map(({ name }: { name: string }) => name).slice(1);
  equal(names.length, 3 + 6);

  const configs = await Promise.all(
    names.map(async (name: string) =>
      JSON.parse(await Deno.readTextFile(`${data}/outputs/published/${name}-s1/config.json`))
    ),
  );
  const of = (name: string) => configs[names.indexOf(name)];
  const all = ["text", "audio", "head"], except = ["audio.feature_extractor"];
  for (const { text, audio: heard, batch_size } of configs) {
    ok([bert, roberta, "none"].includes(text) && [audio, "none"].includes(heard));
    equal(batch_size, 4);
  }
  equal(of("attention_pooling-bert").text, bert);
  deepEqual(of("fine_grained-roberta").freeze, [{ epochs: 3, train: all, except }]);
  deepEqual(of("fine_grained-roberta-head_last").freeze, [
    { epochs: 2, train: all, except },
    { epochs: 1, train: ["head"] },
  ]);
  equal(names.filter((name: string) => name.startsWith("text_only")).length, 2, "one for each text encoder");

  const published = Object.fromEntries(
    systems.flatMap((system: Record<string, never>) =>
      system.published ? [[system.name, (system.published as { dev: unknown }).dev]] : []
    ),
  );
  deepEqual(published, {
    "attention_pooling-bert": { accuracy: 0.63, weighted_f1: 0.6083 },
    "attention_pooling-roberta": { accuracy: 0.6273, weighted_f1: 0.6043 },
    "fine_grained-bert": { accuracy: 0.6264, weighted_f1: 0.6016 },
    "fine_grained-roberta": { accuracy: 0.6218, weighted_f1: 0.592 },
    "fine_grained-roberta-head_last": { accuracy: 0.6318, weighted_f1: 0.6051 },
    "early_fusion-bert": { accuracy: 0.6218, macro_f1: 0.4019 },
  });
  const named = comparisons.flatMap(({ recipe, against, metric }: Record<string, string>) =>
    metric === "weighted_f1" ? [[recipe, against].sort().join()] : []
  );
  ok(named.includes(pair.toSorted().join()), "the pair that was asked for");
  equal(new Set(named).size, named.length);

  const told = err.join("\n"), folder = `${data}/outputs/published`;
  match(told, /Published figures: Validation results published for MELD/);
  match(told, /dev accuracy, published/);
  match(told, /fine_grained-roberta-head_last +text hf:\S+, 2 epochs of/); // a long path cuts the rest off
  const rows = parse(await Deno.readTextFile(`${folder}/results.csv`), { columns: true }) as Record<
    string,
    string
  >[];
  const row = rows.find(({ system, split }) => system === "fine_grained-roberta" && split === "dev")!;
  deepEqual([row.accuracy_published, row.weighted_f1_published, row.macro_f1_published], [
    "0.6218",
    "0.592",
    "",
  ]);
  ok(row.options.includes(`text ${roberta}`), row.options);
  ok(
    rows.filter(({ split }) => split === "test").every(({ accuracy_published }) => accuracy_published === ""),
  );
  const report = await Deno.readTextFile(`${folder}/report.html`);
  ok(report.includes("60.83") && report.includes("Validation results published for MELD"));

  const again = await captured(task, ...args);
  equal(again.code, 0);
  deepEqual(JSON.parse(again.out.join("\n")).systems, systems, "what is trained is not trained again");
});
