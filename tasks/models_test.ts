import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { addModel } from "../lib/hub/mod.ts";
import { fakeHub } from "../lib/hub/testing.ts";
import { captured } from "./cli/testing.ts";
import { task } from "./models.ts";

const run = (...args: string[]) => captured(task, ...args);

Deno.test("add says how to use the model, check verifies it, and damage gives exit code 1", async () => {
  await using fake = fakeHub();
  const folder = `${await Deno.makeTempDir()}/model`, args = ["some/model", `--folder=${folder}`];
  Deno.env.set("HF_ENDPOINT", `${fake.hub.endpoint}/`);
  try {
    const added = await run("add", ...args, "--onnx", "--dtype=q8");
    equal(added.code, 0);
    match(added.err[0], /^some\/model at a{12} \(main\): 3 files, 0\.0 MB, into .*model$/);
    match(
      added.out.join("\n"),
      /^Complete and verified, in .*\nUse it .* task train --text hf-onnx:.*model#q8$/,
    );
    match((await run("add", "--onnx", ...args, "--dtype=q8")).out[0], /^Already complete, in /);
  } finally {
    Deno.env.delete("HF_ENDPOINT");
  }
  fake.asked.length = 0;
  const whole = await run("check", folder);
  equal(whole.code, 0);
  match(whole.out[0], /^some\/model +bert +a{12} \(main\) {2}0\.0 MB {2}complete {2}.*model$/);
  await Deno.remove(`${folder}/tokenizer.json`);
  match((await run("check", folder)).out[0], /incomplete: lacks tokenizer\.json/);
  await Deno.writeTextFile(`${folder}/config.json`, '{"model_type": "bart"}');
  const damaged = await run("check", folder);
  equal(damaged.code, 1);
  match(damaged.out[0], /damaged: config\.json/);
  match(damaged.err.at(-1)!, /^1 model incomplete\. To repair: '.*models add <name>'\.$/);
  deepEqual(fake.asked, []);
});

Deno.test("add recognises speech models", async () => {
  await using fake = fakeHub();
  const folder = `${await Deno.makeTempDir()}/model`;
  fake.files["preprocessor_config.json"] = new TextEncoder().encode("{}");
  await addModel("some/model", { folder, hub: fake.hub });
  Deno.env.set("HF_ENDPOINT", fake.hub.endpoint);
  try {
    match((await run("add", "some/model", `--folder=${folder}`)).out[1], /--audio hf:/);
  } finally {
    Deno.env.delete("HF_ENDPOINT");
  }
});

Deno.test("list also shows the models in Hugging Face's cache, and what is gone of them", async () => {
  const cache = await Deno.makeTempDir(), folder = `${cache}/models--some--model`;
  await Deno.mkdir(`${folder}/snapshots/abc`, { recursive: true });
  await Deno.writeTextFile(`${folder}/snapshots/abc/config.json`, '{"model_type": "bert"}');
  await Deno.symlink("../../blobs/gone", `${folder}/snapshots/abc/model.safetensors`);
  const before = Deno.env.get("HF_HUB_CACHE");
  Deno.env.set("HF_HUB_CACHE", cache);
  try {
    const { code, out } = await run("list");
    equal(code, 0);
    equal(out.at(-2), "In Hugging Face's cache, found by name unless added:");
    match(
      out.at(-1)!,
      /^some\/model +bert +abc +0\.0 MB +incomplete: files gone: model\.safetensors +.*snapshots\/abc$/,
    );
  } finally {
    if (before === undefined) Deno.env.delete("HF_HUB_CACHE");
    else Deno.env.set("HF_HUB_CACHE", before);
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("mistakes give sentences and exit code 2", async () => {
  const cases: [string[], RegExp][] = [
    [["ad", "x"], /found 'ad' at the first word\. Did you mean add\?/],
    [["add"], /Expected the name of one model but found nothing at deno task models add/],
    [["add", "a", "b"], /found 'a', 'b'/],
    [["list", "a"], /Expected no further word/],
    [["add", "../x"], /Expected the name of a model on the hub but found '\.\.\/x'/],
    [["add", "x", "--dtype=q8"], /Expected --onnx beside --dtype/],
    [["add", "x", "--dtype=q9", "--onnx"], /Did you mean q8\?/],
    [["check", "no-such-model"], /Expected a model that was added but found none at .*no-such-model/],
  ];
  for (const [args, sentence] of cases) {
    const { code, err } = await run(...args);
    equal(code, 2);
    match(err.at(-1)!, sentence);
  }
});
