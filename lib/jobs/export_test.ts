/** Exports of runs answer as the trained model does, or are not written. */
import proto from "onnx-proto";
import { parse } from "csv-parse/sync";
import { existsSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../compute/mod.ts";
import { loadDataset } from "../data/mod.ts";
import { encodeDataset, speechEncoder, textEncoder } from "../encoders/mod.ts";
import { stateInputs } from "../export/parts_inputs.ts";
import { difference, outputOf } from "../export/testing.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { tinySpeechFolder, tinyTextFolder } from "../testing/tiny_encoders.ts";
import type { TrainConfig } from "../config/train.ts";
import { exportModel } from "./export.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

const data = await smallData({ train: 12, dev: 4, test: 4 });
const text = `hf:${await tinyTextFolder()}`,
  audio = `hf:${await tinySpeechFolder("tiny-wavlm", { conv_stride: [10, 8, 4] })}`; // 50 Hz
const train = async (name: string, changes: Partial<TrainConfig> = {}) => {
  await collect(trainRun(smallConfig(data, { name, epochs: 1, ...changes }), { controls: false }));
  return `${data}/outputs/${name}`;
};
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const outside = await train("outside");

Deno.test("an encoder that can't be exported stays outside, and the file takes its hidden states", async () => {
  const to = `${data}/outside/model.onnx`, live = tf.memory().numTensors;
  const { about, check, files } = await exportModel(outside, { to });
  equal(tf.memory().numTensors, live);
  deepEqual(about.inputs.map(({ name }) => name), [
    "text_states",
    "text_mask",
    "speech_states",
    "speech_mask",
  ]);
  deepEqual(about.encoders.text, { id: "use-lite", inside: false, licence: "Apache 2.0" });
  match(about.encoders.audio!.licence, /speech-embedding/);
  equal(files.tokenizer, undefined);
  ok(check.difference < 1e-6 && check.answers === 14 && check.source.endsWith("manifest.csv"));
  deepEqual(names(`${data}/outside`), ["model.json", "model.onnx"]);
  deepEqual(JSON.parse(await Deno.readTextFile(files.about)), JSON.parse(JSON.stringify(about)));
});

for (
  const [name, changes] of Object.entries<Partial<TrainConfig>>({
    frozen: { text, audio, max_text_length: 6, max_audio_length: 40 },
    "fine-tuned": { text, audio, train: ["text", "audio", "head"], max_text_length: 6, max_audio_length: 40 },
    "LoRA with a weighted sum of all layers": {
      text: `${text}#all`,
      audio,
      train: ["text", "audio", "head"],
      lora: { r: 2 } as TrainConfig["lora"],
      method: "fine_grained",
      options: { width: 8, heads: 2 },
    },
    "frozen, over all layers": {
      text: `${text}#all`,
      audio: `${audio}#all`,
      method: "memocmt",
      options: { width: 8, heads: 2 },
    },
    "fine-tuned text beside acoustics": { text, train: ["text", "head"], method: "early_fusion" },
    "speech alone": { audio, text: "none", method: "audio_only" },
  })
) {
  Deno.test(`${name}: encoders are in the file, which describes itself`, async () => {
    const run = await train(name.replaceAll(/\W+/g, "-"), changes),
      to = `${data}/exports/${name}/emotion.onnx`;
    const { about, check, files, bytes } = await exportModel(run, { to });
    ok(check.difference < 1e-6, `${check.difference}`);
    equal((await Deno.stat(to)).size, bytes);
    const { metadataProps, graph } = proto.onnx.ModelProto.decode(await Deno.readFile(to));
    const said = Object.fromEntries(metadataProps!.map(({ key, value }) => [key, value!]));
    deepEqual(JSON.parse(said.labels), about.labels);
    deepEqual(graph!.input!.map(({ name }) => name), about.inputs.map(({ name }) => name));
    ok(!JSON.stringify(about).includes(data) && !JSON.stringify(about).includes("/tmp"));
    if (changes.audio) equal(said.sample_rate, "16000");
    if (about.encoders.text) {
      match(await Deno.readTextFile(files.tokenizer!), /"model"/);
      equal(about.max_tokens, name === "fine-tuned" ? 6 : 40);
    }
  });
}

Deno.test("the file gives the probabilities in the run's dev predictions", async () => {
  const { files } = await exportModel(outside, { to: `${data}/again/model.onnx` });
  const bytes = await Deno.readFile(files.model);
  const written = parse(await Deno.readTextFile(runFolder(outside).predictions("dev")), {
    columns: true,
  }) as Record<string, string>[];
  const encoders = { text: await textEncoder("use-lite"), audio: await speechEncoder("acoustic") };
  const features = await encodeDataset(await loadDataset(`${data}/manifest.csv`), encoders);
  equal(written.length, 4);
  for (const row of written) {
    const feed: Feed = Object.assign(
      {},
      ...(["text", "audio"] as const).map((modality) => {
        const { data, width } = features[modality]!.get(row.id)!;
        return stateInputs(modality, width).feed([data], 0);
      }),
    );
    const expected = Object.keys(row).filter((key) => key.startsWith("p_")).map((key) => Number(row[key]));
    ok(difference(await outputOf(bytes, feed), expected) < 1e-5, row.id); // written with 6 digits
  }
});

Deno.test("existing files stay, unless overwrite is set", async () => {
  const to = `${data}/kept/model.onnx`;
  await Deno.mkdir(`${data}/kept`);
  await Deno.writeTextFile(`${data}/kept/model.json`, "mine");
  await rejects(
    exportModel(outside, { to }),
    /found an existing file at .*model\.json\. Choose another path .*--overwrite/,
  );
  deepEqual(names(`${data}/kept`), ["model.json"]);
  await exportModel(outside, { to, overwrite: true });
  deepEqual(names(`${data}/kept`), ["model.json", "model.onnx"]);
});

Deno.test("wrong paths and damaged checkpoints are refused in a sentence, and write nothing", async () => {
  const to = `${data}/none/model.onnx`;
  await rejects(exportModel(`${data}/nowhere`, { to }), /Expected the folder of a run but found nothing/);
  await rejects(
    exportModel(outside, { to: `${data}/none/model.pt` }),
    /a file that ends in \.onnx .*model\.pt' at --to/,
  );
  const damaged = `${data}/damaged.safetensors`, whole = await Deno.readFile(runFolder(outside).best);
  await Deno.writeFile(damaged, whole.subarray(0, whole.length / 2));
  await rejects(exportModel(damaged, { to }), /Expected a .*safetensors.* at .*damaged/);
  ok(!existsSync(`${data}/none`));
});

Deno.test("a stopped export writes nothing", async () => {
  const stop = new AbortController(), to = `${data}/stopped/model.onnx`;
  stop.abort();
  await rejects(exportModel(outside, { to, signal: stop.signal }), (error) => error === stop.signal.reason);
  deepEqual(existsSync(to), false);
});
