/** Kills tasks that run as processes: they leave complete files, and resume from them. */
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { loadDataset } from "../lib/data/mod.ts";
import { encodeDataset, type EncodeProgress, speechEncoder, textEncoder } from "../lib/encoders/mod.ts";
import { broken, fakeHub } from "../lib/hub/testing.ts";
import { smallData } from "../lib/jobs/testing.ts";
import { loadCheckpoint } from "../lib/train/checkpoint.ts";
import { killWhen, start } from "./killing.ts";

const folder = await smallData();
const cache = `${folder}/cache`;
const data = ["--data", `${folder}/manifest.csv`, "--audio=log-mel", `--cache=${cache}`];

Deno.test("a killed and interrupted training resumes to the bytes of an uninterrupted one", async () => {
  const run = `${folder}/outputs/run`;
  const args = [...data, "--method=memocmt", "--options.width=8", "--options.heads=2", "--batch-size=8"];
  const whole = [...args, "--epochs=25", "--no-controls", `--out=${folder}/outputs`, "--name=run"];
  const checkpoints = async (path: string) =>
    await Promise.all(
      ["best", "last"].map((name) => Deno.readFile(`${path}/checkpoints/${name}.safetensors`)),
    );
  const reached = (epoch: number) => async () =>
    (await Deno.readTextFile(`${run}/events.jsonl`)).includes(`{"type":"epoch","epoch":${epoch},`);

  equal((await start("train", ...whole).output()).code, 0);
  await Deno.rename(run, `${folder}/outputs/unbroken`);

  equal((await killWhen(start("train", ...whole), "SIGKILL", reached(3))).code, 137);
  const { state } = await loadCheckpoint(`${run}/checkpoints/last.safetensors`);
  ok(state!.epoch >= 3 && state!.epoch < 25, `${state!.epoch}`);

  const resume = ["--resume", run, "--no-controls"];
  const { code, err } = await killWhen(start("train", ...resume), "SIGINT", reached(10));
  equal(code, 130);
  match(err, /Stopped; the checkpoint is saved\. Continue with: .* task train --resume .*outputs\/run\n$/);

  equal((await start("train", ...resume).output()).code, 0);
  deepEqual(await checkpoints(run), await checkpoints(`${folder}/outputs/unbroken`));
});

Deno.test("killed encoding, resumed by two processes at once, leaves a complete cache", async () => {
  await Deno.remove(cache, { recursive: true });
  const begun = async () => (await Deno.stat(`${cache}/files.json`)).isFile;
  const { code, err } = await killWhen(start("encode", ...data), "SIGINT", begun);
  equal(code, 130);
  match(err, /Stopped\. What was encoded is kept: run the same command to continue\.\n$/);
  await Deno.remove(`${cache}/files.json`);
  equal((await killWhen(start("encode", ...data), "SIGKILL", begun)).code, 137);
  const both = await Promise.all(
    [start("encode", ...data), start("encode", ...data)].map((child) => child.output()),
  );
  deepEqual(both.map(({ code }) => code), [0, 0]);

  const dataset = await loadDataset(`${folder}/manifest.csv`), told: EncodeProgress[] = [];
  const encoders = { text: await textEncoder("use-lite"), audio: await speechEncoder("log-mel") };
  const onProgress = (progress: EncodeProgress) => void told.push(progress);
  const { damaged } = await encodeDataset(dataset, encoders, { cacheDir: cache, onProgress });
  deepEqual(damaged, []);
  for (const { cached, total } of told) equal(cached, total);
});

Deno.test("a killed and interrupted fetch continues where it stopped", async () => {
  await using fake = fakeHub();
  const model = `${folder}/model`, bytes = fake.files["model.safetensors"];
  const add = () => start("models", "add", "some/model", `--folder=${model}`);
  Deno.env.set("HF_ENDPOINT", fake.hub.endpoint);
  try {
    fake.intercept = ({ of }) =>
      of === "store" ? broken(bytes.slice(0, 1000), bytes.length, "is silent") : undefined;
    const begun = async () => (await Deno.stat(`${model}/model.safetensors.part`)).size === 1000;
    equal((await killWhen(add(), "SIGKILL", begun)).code, 137);

    fake.intercept = ({ of }) =>
      of === "store" ? broken(bytes.slice(0, 2000), bytes.length, "is silent") : undefined;
    const further = async () => (await Deno.stat(`${model}/model.safetensors.part`)).size === 2000;
    const { code, err } = await killWhen(add(), "SIGINT", further);
    equal(code, 130);
    match(err, /Stopped\. What was fetched is kept: run the same command to continue\.\n$/);

    fake.intercept = undefined;
    fake.asked.length = 0;
    const { code: done, stdout } = await add().output();
    equal(done, 0);
    match(
      new TextDecoder().decode(stdout),
      /^Complete and verified, in .*\nUse it .* task train --text hf:.*model\n$/,
    );
    deepEqual(fake.asked.filter(({ of }) => of === "store").map(({ range }) => range), ["bytes=2000-"]);
    deepEqual(await Deno.readFile(`${model}/model.safetensors`), bytes);
  } finally {
    Deno.env.delete("HF_ENDPOINT");
  }
});
