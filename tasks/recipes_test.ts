/**
 * Checks that every recipe is a valid configuration. Recipes that fine-tune encoders train unchanged, on tiny
 * encoders; the long tests train all, the quick ones the first.
 */
import { ablateConfig } from "../lib/config/ablation.ts";
import { collect, smallData } from "../lib/jobs/testing.ts";
import { trainRun } from "../lib/jobs/train.ts";
import { useEngine } from "../lib/compute/mod.ts";
import { parseWith } from "../lib/schema.ts";
import { equal, ok } from "../lib/testing/assert.ts";
import { testWith } from "../lib/testing/needs.ts";
import { tinySpeechFolder, tinyTextFolder } from "../lib/testing/tiny_encoders.ts";
import { trainConfig } from "../lib/config/train.ts";

const folder = new URL("./recipes/", import.meta.url);
const recipes = await Promise.all(
  Array.from(Deno.readDirSync(folder), async ({ name }) => ({
    name,
    recipe: JSON.parse(await Deno.readTextFile(new URL(name, folder))) as Record<string, unknown>,
  })),
);

Deno.test("every recipe configures a run or an ablation", () => {
  for (const { name, recipe } of recipes) {
    if ("methods" in recipe) parseWith(ablateConfig, { ...recipe, seeds: [1] }, name);
    else parseWith(trainConfig, recipe, name);
  }
});

const whole = recipes.toSorted((a, b) => a.name < b.name ? -1 : 1).filter(({ recipe }) =>
  recipe.audio && recipe.text && !recipe.methods
);
equal(whole.length, 7);

for (const [i, { name, recipe }] of whole.entries()) {
  testWith(i === 0 ? [] : "time", `${name} trains from raw text and audio`, async () => {
    await useEngine();
    const data = await smallData({ train: 8, dev: 4, test: 4 });
    const speech = String(recipe.audio).includes("hubert") ? "tiny-hubert" : "tiny-wav2vec2";
    const config = parseWith(trainConfig, {
      ...recipe,
      data: `${data}/manifest.csv`,
      text: `hf:${await tinyTextFolder()}`,
      audio: `hf:${await tinySpeechFolder(speech)}`,
      options: recipe.method === "fine_grained" || recipe.method === "memocmt"
        ? { ...recipe.options as object, width: 8, heads: 2 }
        : {},
      epochs: Math.min(3, recipe.epochs as number),
      max_audio_length: 48,
      out: `${data}/outputs`,
      cache: `${data}/cache`,
    }, name);
    const events = await collect(trainRun(config, { controls: false }));
    const losses = events.flatMap((event) => event.type === "epoch" ? [event.trainLoss] : []);
    equal(losses.length, config.epochs);
    ok(losses.every(Number.isFinite), `${losses}`);
    const result = events.at(-1)!;
    ok(result.type === "result" && Number(result.result.metrics.weighted_f1) >= 0);
  });
}
