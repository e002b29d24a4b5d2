import { equal, match, ok } from "../lib/testing/assert.ts";
import { collect, smallConfig, smallData } from "../lib/jobs/testing.ts";
import { registerSpeechEncoder } from "../lib/encoders/mod.ts";
import { trainRun } from "../lib/jobs/mod.ts";
import { captured } from "./cli/testing.ts";
import { readSafetensors } from "../lib/files/mod.ts";
import { task as encode } from "./encode.ts";
import { task } from "./export.ts";

const data = await smallData({ train: 8, dev: 4, test: 4 });
await collect(trainRun(smallConfig(data, { name: "run", epochs: 1 }), { controls: false }));

registerSpeechEncoder({
  id: "loudness",
  summary: "Energy, 10 Hz",
  licence: "MIT",
  load: () =>
    Promise.resolve({
      id: "loudness",
      modality: "audio",
      fingerprint: "loudness-1",
      width: 1,
      rate: 10,
      encode: (clips) =>
        Promise.resolve(
          clips.map((samples) => ({ data: samples.slice(0, 1).map(Math.abs), length: 1, width: 1 })),
        ),
    }),
});
await collect(
  trainRun(smallConfig(data, { name: "own", epochs: 1, audio: "loudness" }), { controls: false }),
);
const run = (...args: string[]) => captured(task, "--checkpoint", `${data}/outputs/run`, ...args);

Deno.test("export reports the inputs and the largest difference; stdout is JSON", async () => {
  const { code, out, err } = await run(`--to=${data}/model.onnx`, "--json");
  equal(code, 0);
  const told = err.join("\n");
  match(told, /^.*model\.onnx {2}3\d\.\d MB, attention_pooling, surprise, /m);
  match(told, /^ {2}input_ids int64\[batch, tokens\] +Token ids by tokenizer.json/m);
  match(told, /^ {2}waveform float32\[batch, samples\] +Mono samples/m);
  ok(!/pass its hidden states/.test(told));
  match(
    told,
    /^Compared with the model in 14 answers on 4 utterances .*: no probability differs by more than \d\.\de-\d+$/m,
  );
  equal(JSON.parse(out.join("\n")).files.model, `${data}/model.onnx`);
});

Deno.test("export names the encoder that stays outside, and the command that writes its states", async () => {
  const { code, out, err } = await captured(
    task,
    "--checkpoint",
    `${data}/outputs/own`,
    `--to=${data}/own/model.onnx`,
  );
  equal(code, 0, err.join("\n"));
  match(out.join("\n"), /^ {2}speech_states float32\[batch, speech_length, 1\] +Hidden states of/m);
  const said = out.join("\n").match(
    /^note: the speech encoder loudness can't be in the file; pass its hidden states as an input. '(.*)' writes them$/m,
  )!;
  equal(said[1], "deno task encode --data <data> --audio loudness --to states.safetensors");
  const flags = ["--audio", "loudness", `--to=${data}/states.safetensors`];
  const written = await captured(encode, `--data=${data}/manifest.csv`, `--cache=${data}/cache`, ...flags);
  equal(written.code, 0);
  const { tensors, metadata } = await readSafetensors(`${data}/states.safetensors`);
  equal(Object.keys(tensors).filter((name) => name.startsWith("audio/")).length, 16);
  equal(JSON.parse(metadata.audio).encoder, "loudness");
  const again = await captured(encode, `--data=${data}/manifest.csv`, ...flags);
  equal(again.code, 2);
  match(again.err.join("\n"), /an existing file .*--overwrite/);
});

Deno.test("a mistake gives one sentence and exit code 2", async () => {
  const taken = await run(`--to=${data}/manifest.onnx/model.txt`);
  equal(taken.code, 2);
  match(taken.err.join("\n"), /^Expected the path of a file that ends in \.onnx .*--to model\.onnx\.$/);
  const nothing = await captured(task, "--to=x.onnx");
  equal(nothing.code, 2);
  match(nothing.err.join("\n"), /--checkpoint/);
  equal(nothing.err.length, 1);
});
