/** The README's Python code for exported files runs as written, and answers as `infer` does. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ok } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { testPython } from "../testing/python.ts";
import { fixture, shared } from "../testing/shared.ts";
import { tinySpeechFolder, tinyTextFolder } from "../testing/tiny_encoders.ts";
import type { TrainConfig } from "../config/train.ts";
import { exportModel } from "./export.ts";
import { infer } from "./infer.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

const readme = Deno.readTextFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)));
const snippet = readme.match(/```python\n(.*?onnxruntime.*?)```/s)![1];
const said = snippet.match(/encode\("(.*?)"\)/)![1];

/** A folder whose tokenizer.json was saved with truncation and padding, like all-MiniLM-L6-v2's. */
async function savedAfterTraining(): Promise<string> {
  const folder = await tinyTextFolder(), path = `${folder}/tokenizer.json`;
  const json = JSON.parse(await Deno.readTextFile(path));
  const left = {
    truncation: { direction: "Right", max_length: 20, strategy: "LongestFirst", stride: 0 },
    padding: {
      strategy: { Fixed: 20 },
      direction: "Right",
      pad_to_multiple_of: null,
      pad_id: 1,
      pad_type_id: 0,
      pad_token: "<pad>",
    },
  };
  await Deno.writeTextFile(path, JSON.stringify({ ...json, ...left }));
  return folder;
}

/** Trains and exports, then compares the README's code, run on these texts, with `infer`. */
async function compare(changes: Partial<TrainConfig>, texts: readonly string[]): Promise<void> {
  const data = await smallData({ train: 8, dev: 4, test: 4 });
  const audio = `hf:${await tinySpeechFolder("tiny-wavlm", { conv_stride: [10, 8, 4] })}`;
  await collect(
    trainRun(smallConfig(data, { name: "run", epochs: 1, audio, ...changes }), { controls: false }),
  );
  const run = `${data}/outputs/run`;
  await exportModel(run, { to: `${data}/there/model.onnx` });
  await Deno.copyFile(fixture("audio/pcm16_16k_mono.wav"), `${data}/there/me.wav`);
  for (const text of texts) {
    const code = snippet.replace(said, text);
    const { status, stdout, stderr } = spawnSync(testPython(), ["-c", code], { cwd: `${data}/there` });
    ok(status === 0, `${stderr}`);
    const row = { id: "me", split: "test" as const, text, audio: `${data}/there/me.wav` };
    const { predictions: [{ probabilities }] } = await infer(run, { rows: [row], root: "" });
    for (const [label, p] of Object.entries<number>(JSON.parse(`${stdout}`))) {
      ok(
        Math.abs(p - probabilities[label]) < 1e-4,
        `${label} of '${text}': ${p} for ${probabilities[label]}`,
      );
    }
  }
}

const long = "stop shouting at me ".repeat(60).trim();

testWith("Python's onnxruntime", {
  name: "Python answers as infer does: the default encoders",
  fn: () =>
    compare({ text: "use-lite", audio: "acoustic" }, [
      said,
      long,
      "𠀀 and Ünïcödé, 12:30 :-)",
      "  two  spaces\u3000and\u00a0more ",
    ]),
});

testWith(["Python's onnxruntime", "shared/models/all-MiniLM-L6-v2"], {
  name: "Python answers as infer does: MiniLM's text, speech beside it",
  fn: () => compare({ text: `hf:${shared("models/all-MiniLM-L6-v2")}` }, [said, long, "𠀀 and Ünïcödé"]),
});

testWith("Python's onnxruntime", {
  name: "Python answers as infer does: frozen states that are cut, after a tokenizer that cuts and pads",
  fn: async () =>
    await compare({ text: `hf:${await savedAfterTraining()}`, max_text_length: 9 }, [said, long]),
});

testWith("Python's onnxruntime", {
  name: "Python answers as infer does: a fine-tuned encoder whose texts are cut",
  fn: async () =>
    await compare({
      text: `hf:${await savedAfterTraining()}`,
      train: ["text", "head"],
      max_text_length: 9,
    }, [said, long]),
});
