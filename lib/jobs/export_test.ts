/** Exports of runs answer as the trained model does, or are not written. */
import { Tokenizer } from "@huggingface/tokenizers";
import proto from "onnx-proto";
import { parse } from "csv-parse/sync";
import { existsSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../compute/mod.ts";
import { clipPath, loadAudio, loadDataset } from "../data/mod.ts";
import { registerSpeechEncoder, speechEncoder, textEncoder } from "../encoders/mod.ts";
import { difference, openedFile } from "../export/testing.ts";
import { readSafetensors } from "../files/safetensors.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { isLong } from "../testing/amount.ts";
import { fixture } from "../testing/shared.ts";
import { tinySpeechFolder, tinyTextFolder } from "../testing/tiny_encoders.ts";
import type { TrainConfig } from "../config/train.ts";
import { exportModel } from "./export.ts";
import { infer } from "./infer.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData, wav16 } from "./testing.ts";
import { trainRun } from "./train.ts";

const data = await smallData({ train: 12, dev: 4, test: 4 });
const text = `hf:${await tinyTextFolder()}`,
  audio = `hf:${await tinySpeechFolder("tiny-wavlm", { conv_stride: [10, 8, 4] })}`; // 50 Hz
const train = async (name: string, changes: Partial<TrainConfig> = {}) => {
  await collect(trainRun(smallConfig(data, { name, epochs: 1, ...changes }), { controls: false }));
  return `${data}/outputs/${name}`;
};
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const inside = await train("default");

Deno.test("an encoder that can't be exported stays outside, and the file takes its hidden states", async () => {
  registerSpeechEncoder({
    id: "own",
    summary: "An encoder without a graph",
    licence: "MIT",
    load: async () => ({ ...await speechEncoder("log-mel"), id: "own", graph: undefined }),
  });
  const outside = await train("outside", { audio: "own" });
  const to = `${data}/outside/model.onnx`, live = tf.memory().numTensors;
  const { about, check, files } = await exportModel(outside, { to });
  equal(tf.memory().numTensors, live);
  deepEqual(about.inputs.map(({ name }) => name), [
    "input_ids",
    "attention_mask",
    "speech_states",
    "speech_mask",
  ]);
  deepEqual(about.encoders.text, { id: "use-lite", inside: true, licence: "Apache 2.0" });
  deepEqual(about.encoders.audio, { id: "own", inside: false, licence: "MIT" });
  ok(check.difference < 1e-6 && check.answers === 14 && check.source.endsWith("manifest.csv"));
  deepEqual(names(`${data}/outside`), ["model.json", "model.onnx", "tokenizer.json"]);
  const whole = exportModel(outside, { to: `${data}/whole/model.onnx`, whole: true });
  await rejects(
    whole,
    /encoders can all be in one ONNX file but found the encoder own, which can't be in it/,
  );
  ok(!existsSync(`${data}/whole`));
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

/** Words of the sample said again and again, and speech of that many samples: inputs of any length. */
const CASES: { text?: string; samples?: number }[] = [
  { text: "You did what?", samples: 16_000 },
  { text: "no", samples: 16_001 },
  {
    text: "I never said that you could take it with you, did I? ".repeat(30),
    samples: 16_000 * (isLong ? 12 : 4),
  },
  { text: "", samples: 5000 },
  { samples: 33_333 },
  { text: "Ünïcödé 𠀀, 12:30 and \u2581", samples: undefined },
];
const { tensors } = await readSafetensors(fixture("audio/expected.safetensors"));
const voice = tensors["pcm16_16k_mono.wav"].data as Float32Array;
const spoken = (samples: number) =>
  Float32Array.from({ length: samples }, (_, i) => Math.round(32768 * voice[i % voice.length]) / 32768);

Deno.test("the default model's file takes texts and clips of any length, and answers as infer does", async () => {
  const { files, about } = await exportModel(inside, { to: `${data}/default/model.onnx` });
  const tokenizer = new Tokenizer(JSON.parse(await Deno.readTextFile(files.tokenizer!)), {});
  const ids = CASES.map(({ text }) => text ? tokenizer.encode(text).ids.slice(0, about.max_tokens) : []);
  const clips = CASES.map(({ samples }) => samples ? spoken(samples) : new Float32Array(0));
  const rows = await Promise.all(CASES.map(async ({ text, samples }, i) => {
    const audio = samples ? `${data}/${i}.wav` : undefined;
    if (audio) await Deno.writeFile(audio, wav16(clips[i]));
    return { id: `${i}`, split: "test" as const, text, audio };
  }));
  const { predictions } = await infer(inside, { rows, root: "" });
  const expected = predictions.map(({ probabilities }) => about.labels.map((label) => probabilities[label]));
  equal(expected.length, CASES.length);

  await using file = await openedFile(await Deno.readFile(files.model));
  /** Garbage at padding: a token id that does not exist, and NaN for samples. */
  const feed = (chosen: number[], spare: number): Feed => {
    const padded = <T>(rows: T[][], filler: T) => {
      const length = Math.max(...rows.map((row) => row.length)) + spare;
      return { flat: rows.flatMap((row) => [...row, ...Array(length - row.length).fill(filler)]), length };
    };
    const tokens = padded(chosen.map((i) => ids[i]), -7),
      sounds = padded(chosen.map((i) => [...clips[i]]), NaN);
    const masks = padded(chosen.map((i) => ids[i].map(() => 1)), 0), shape = [chosen.length, tokens.length];
    return {
      input_ids: { data: Int32Array.from(tokens.flat), shape },
      attention_mask: { data: Int32Array.from(masks.flat), shape },
      waveform: { data: Float32Array.from(sounds.flat), shape: [chosen.length, sounds.length] },
      waveform_length: { data: Int32Array.from(chosen, (i) => clips[i].length), shape: [chosen.length] },
    };
  };
  const all = CASES.map((_, i) => i);
  for (const [chosen, spare] of [[all, 0], [all, 5], [all.slice(2, 4), 900], ...all.map((i) => [[i], 1])]) {
    const answers = await file.output(feed(chosen as number[], spare as number));
    const off = difference(answers, (chosen as number[]).flatMap((i) => expected[i]));
    ok(off < 1e-5, `${chosen}, ${spare} more: ${off}`);
  }
});

Deno.test("the file gives the probabilities in the run's dev predictions", async () => {
  const { files } = await exportModel(inside, { to: `${data}/again/model.onnx` });
  await using file = await openedFile(await Deno.readFile(files.model));
  const dataset = await loadDataset(`${data}/manifest.csv`);
  const written = parse(await Deno.readTextFile(runFolder(inside).predictions("dev")), {
    columns: true,
  }) as Record<string, string>[];
  const [text, speech] = [await textEncoder("use-lite"), await speechEncoder("acoustic")];
  const [textGraph, speechGraph] = [await text.graph!(), await speech.graph!()];
  equal(written.length, 4);
  for (const row of written) {
    const utterance = dataset.rows.find(({ id }) => id === row.id)!;
    const samples = await loadAudio(clipPath(dataset.root, utterance.audio!));
    const feed: Feed = {
      ...textGraph.feed([textGraph.rowOf(utterance.text!)], 0),
      ...speechGraph.feed([samples], 0),
    };
    const expected = Object.keys(row).filter((key) => key.startsWith("p_")).map((key) => Number(row[key]));
    ok(difference(await file.output(feed), expected) < 1e-5, row.id); // written with 6 digits
  }
});

Deno.test("existing files stay, unless overwrite is set", async () => {
  const small = await train("small", { audio: "log-mel" }), to = `${data}/kept/model.onnx`;
  await Deno.mkdir(`${data}/kept`);
  await Deno.writeTextFile(`${data}/kept/model.json`, "mine");
  await rejects(
    exportModel(small, { to }),
    /found an existing file at .*model\.json\. Choose another path .*--overwrite/,
  );
  deepEqual(names(`${data}/kept`), ["model.json"]);
  await exportModel(small, { to, overwrite: true });
  const model = `${data}/model`, mine = "mine";
  await Deno.mkdir(model);
  await Deno.writeTextFile(`${model}/config.json`, '{ "model_type": "bert" }');
  await Deno.writeTextFile(`${model}/tokenizer.json`, mine);
  await rejects(
    exportModel(small, { to: `${model}/model.onnx`, overwrite: true }),
    /found a file of the model that is there at .*tokenizer\.json/,
  );
  equal(await Deno.readTextFile(`${model}/tokenizer.json`), mine);
  deepEqual(names(model), ["config.json", "tokenizer.json"]);
  await rejects(
    exportModel(small, { to: `${small}/config.onnx`, overwrite: true }),
    /found a file of the run that is there at .*config\.json/,
  );
  deepEqual(names(`${data}/kept`), ["model.json", "model.onnx", "tokenizer.json"]);
});

Deno.test("wrong paths and damaged checkpoints are refused in a sentence, and write nothing", async () => {
  const to = `${data}/none/model.onnx`;
  await rejects(exportModel(`${data}/nowhere`, { to }), /Expected the folder of a run but found nothing/);
  await rejects(
    exportModel(inside, { to: `${data}/none/model.pt` }),
    /a file that ends in \.onnx .*model\.pt' at --to/,
  );
  const damaged = `${data}/damaged.safetensors`, whole = await Deno.readFile(runFolder(inside).best);
  await Deno.writeFile(damaged, whole.subarray(0, whole.length / 2));
  await rejects(exportModel(damaged, { to }), /Expected a .*safetensors.* at .*damaged/);
  ok(!existsSync(`${data}/none`));
});

Deno.test("a stopped export writes nothing", async () => {
  const stop = new AbortController(), to = `${data}/stopped/model.onnx`;
  stop.abort();
  await rejects(exportModel(inside, { to, signal: stop.signal }), (error) => error === stop.signal.reason);
  deepEqual(existsSync(to), false);
});
