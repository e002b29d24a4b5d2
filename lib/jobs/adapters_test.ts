/** The files in a run's `adapters/` open here and in peft, and equal the trained encoders. */
import { join } from "node:path";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { encodeRows } from "../encoders/encode_rows.ts";
import { speechEncoder, textEncoder } from "../encoders/mod.ts";
import { loadClassifier } from "../model/mod.ts";
import { equal, ok, rejects } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { testPython } from "../testing/python.ts";
import { tinySpeechFolder, tinyTextFolder } from "../testing/tiny_encoders.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();

const data = await smallData({ train: 12, dev: 4, test: 4 });
const run = `${data}/outputs/changed`;
const lora = { r: 2, alpha: 8, dropout: 0, targets: ["query", "value", "q_proj", "v_proj"] };
const config = (name: string, text: string) =>
  smallConfig(data, {
    name,
    text,
    train: ["text", "audio", "head"],
    encoder_lr: 0.05,
    warmup: 0,
    max_audio_length: 48,
    lora,
  });

const audio = `hf:${await tinySpeechFolder("tiny-wav2vec2", { mask_time_prob: 0 })}`;
const text = `hf:${await tinyTextFolder()}`;
const texts = ["You did what?", "oh my god, I am so happy!!"];
const clips = [900, 700].map((length) => Float32Array.from({ length }, (_, i) => Math.sin(i * i / 99)));

/** Largest difference between two lists of numbers of the same lengths. */
const apart = (a: ArrayLike<number>[], b: ArrayLike<number>[]): number => {
  equal(`${a.map(({ length }) => length)}`, `${b.map(({ length }) => length)}`);
  return Math.max(...a.flatMap((row, i) => Array.from(row, (x, j) => Math.abs(x - b[i][j]))));
};

/** Returns the inputs as the run's encoders read them, and the hidden states. */
async function trained(): Promise<
  Record<"text" | "audio", { rows: ArrayLike<number>[]; states: Float32Array[] }>
> {
  const { model } = await loadClassifier(runFolder(run).best);
  const statesOf = async (modality: "text" | "audio", inputs: readonly unknown[]) => {
    const encoder = model.modelEncoders[modality]!,
      rows = inputs.map((input) => encoder.preprocess.rowOf(input as never));
    return { rows, states: (await encodeRows(encoder as never, rows)).map(({ data }) => data) };
  };
  const both = { text: await statesOf("text", texts), audio: await statesOf("audio", clips) };
  disposeParams(model.params);
  return both;
}

Deno.test("adapters of a run equal its trained encoders to 1e-5", async () => {
  await collect(trainRun({ ...config("changed", text), audio }, { controls: false }));
  const { text: words, audio: sound } = await trained();
  const states = {
    text: (await (await textEncoder(`hf:${run}/adapters/text`)).encode(texts)).map(({ data }) => data),
    audio: (await (await speechEncoder(`hf:${run}/adapters/audio`)).encode(clips)).map(({ data }) => data),
    before: (await (await textEncoder(text)).encode(texts)).map(({ data }) => data),
  };
  ok(apart(states.text, words.states) < 1e-5, `${apart(states.text, words.states)}`);
  ok(apart(states.audio, sound.states) < 1e-5, `${apart(states.audio, sound.states)}`);
  ok(apart(states.before, words.states) > 0.05, `${apart(states.before, words.states)}`);
  const moved = join(await Deno.makeTempDir(), "moved");
  await Deno.rename(run, moved);
  const again = (await (await textEncoder(`hf:${moved}/adapters/text`)).encode(texts)).map(({ data }) =>
    data
  );
  equal(apart(again, states.text), 0);
  await Deno.rename(moved, run);
});

Deno.test("lora refuses an adapter as its base model, because peft could not read the result", async () => {
  await rejects(
    collect(trainRun({ ...config("again", `hf:${run}/adapters/text`), audio }, { controls: false })),
    /Expected a model with its own weights for lora but found an adapter of another model at .*merge_and_unload/,
  );
});

const PEFT = `
import json, sys, torch
from peft import PeftConfig, PeftModel
from transformers import AutoModel
given = json.load(sys.stdin)
states = {}
for modality, rows in given["rows"].items():
    folder = given["run"] + "/adapters/" + modality
    base = AutoModel.from_pretrained(PeftConfig.from_pretrained(folder).base_model_name_or_path)
    model = PeftModel.from_pretrained(base, folder).eval()
    with torch.no_grad():
        states[modality] = [model(torch.tensor([row])).last_hidden_state[0].flatten().tolist() for row in rows]
print(json.dumps(states))
`;

testWith("peft", {
  name: "peft loads a run's adapters with the base model they name, and computes the same hidden states",
  async fn() {
    const { text: words, audio: sound } = await trained();
    const python = new Deno.Command(testPython(), {
      args: ["-c", PEFT],
      env: { HF_HUB_OFFLINE: "1", CUDA_VISIBLE_DEVICES: "" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const rows = {
      text: words.rows.map((row) => [...row as number[]]),
      audio: sound.rows.map((row) => [...row as number[]]),
    };
    const writer = python.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify({ run, rows })));
    await writer.close();
    const { stdout, stderr, success } = await python.output();
    ok(success, new TextDecoder().decode(stderr));
    const states = JSON.parse(new TextDecoder().decode(stdout)) as Record<string, number[][]>;
    ok(apart(states.text, words.states) < 1e-5, `text: ${apart(states.text, words.states)}`);
    ok(apart(states.audio, sound.states) < 1e-5, `audio: ${apart(states.audio, sound.states)}`);
  },
});
