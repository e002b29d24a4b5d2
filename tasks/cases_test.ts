/**
 * Inputs that once failed, each with its correct answer. They are in the folder `shared/cases` beside the
 * checkout. Other tests cover the same faults with inputs of their own.
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { useEngine } from "../lib/compute/mod.ts";
import { loadDataset } from "../lib/data/mod.ts";
import { speechEncoder, textEncoder } from "../lib/encoders/mod.ts";
import { UndertoneError } from "../lib/errors.ts";
import { decodeSafetensors } from "../lib/files/safetensors.ts";
import { loadAudio } from "../lib/data/mod.ts";
import { smallData } from "../lib/jobs/testing.ts";
import { deepEqual, equal, match, ok, rejects } from "../lib/testing/assert.ts";
import { testWith } from "../lib/testing/needs.ts";
import { shared } from "../lib/testing/shared.ts";
import { captured as run } from "./cli/testing.ts";
import { task as data } from "./data.ts";
import { task as infer } from "./infer.ts";
import { task as train } from "./train.ts";

const cases = shared("cases") ?? "";
const at = (name: string) => join(cases, name);
const names = (folder: string) =>
  cases ? [...Deno.readDirSync(at(folder))].map(({ name }) => name).sort() : [];

const test = (name: string, fn: () => Promise<void>) => testWith("shared/cases", name, fn);

const TEXTS = ["You did what?", "oh my god, I am so happy!! 😀 café naïve"];

/** Returns the arrays of a .npz file of float32 arrays, in order. */
function arraysOf(path: string): Float32Array[] {
  const bytes = Deno.readFileSync(path), text = Buffer.from(bytes).toString("latin1");
  return [...text.matchAll(/\x93NUMPY[^]{4}\{'descr': '<f4'.*?'shape': \(([\d, ]*)\).*?\n/g)].map((found) => {
    const size = found[1].split(",").filter((d) => d.trim()).reduce((n, d) => n * Number(d), 1);
    const start = found.index + found[0].length;
    return new Float32Array(bytes.slice(start, start + 4 * size).buffer);
  });
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce(
    (most, x, i) => Math.max(most, Math.abs(x - b[i])),
    a.length === b.length ? 0 : Infinity,
  );

const REFUSED: Record<string, RegExp> = {
  hub_name: /no config\.json in .*models add bert-base-uncased/,
  hub_added: /no config\.json in .*models add tiny-bert-x/,
};

for (const name of names("peft_adapters").filter((name) => !/^_|README|obeyed/.test(name))) {
  test(`peft_adapters/${name}: peft's states, or a refusal that says why`, async () => {
    await useEngine();
    const reading = textEncoder(`hf:${at(`peft_adapters/${name}`)}`);
    if (REFUSED[name]) return await rejects(reading, REFUSED[name]);
    const encoder = await reading, states = await encoder.encode(TEXTS);
    if (name === "colocated") return match(encoder.notes!.join(), /the model beside the adapter was taken/);
    const expected = arraysOf(at(`peft_adapters/${name}/ref.npz`));
    equal(expected.length, TEXTS.length);
    states.forEach(({ data }, i) => ok(apart(data, expected[i]) < 1e-4, `${apart(data, expected[i])} off`));
  });
}

test("config_advice: each configuration is computed or refused, and no advice says to change it", async () => {
  await useEngine();
  for (const name of ["gelu_python", "gelu_new", "relu"]) {
    await textEncoder(`hf:${at(`config_advice/${name}`)}`);
  }
  const refused = /which is not supported here: choose another model/;
  await rejects(speechEncoder(`hf:${at("config_advice/preproc_8k")}`), refused);
  await rejects(speechEncoder(`hf:${at("config_advice/w2v_adapter")}`), refused);
});

test("csv_one_bad_byte: one line is left out, the others are untouched", async () => {
  const { rows, rejected } = await loadDataset(at("csv_one_bad_byte/manifest.csv"));
  deepEqual(rejected.map(({ at, reason }) => [at.match(/line \d+/)![0], reason]), [
    ["line 8", "not utf-8: byte C3 on line 8"],
  ]);
  ok(rows.length > 10 && rows.every(({ text }) => !/[ÃÂ�]/.test(text!)));
});

test("csv_windows_paths: backslashes are read as folders, with a note", async () => {
  const { rows, rejected, notes } = await loadDataset(at("csv_windows_paths/manifest.csv"));
  deepEqual(rejected, []);
  ok(rows.length === 12 && rows.every(({ audio }) => audio!.startsWith("clips/")));
  match(notes.join(" "), /Read the paths of 12 clips backslashes as folders/);
});

test("meld_uppercase_clips: .WAV is found", async () => {
  const { rows } = await loadDataset(at("meld_uppercase_clips"), { labelled: false });
  ok(rows.length === 8 && rows.every(({ audio }) => audio?.endsWith(".WAV")));
});

test("ravdess_kaggle: each clip once, with a note", async () => {
  const { rows, rejected, notes } = await loadDataset(at("ravdess_kaggle"));
  deepEqual([rows.length, rejected.length], [12, 0]);
  match(notes.join(" "), /Ignored 12 copies of clips/);
});

/** Samples of the recording that all containers hold, by the container, if not 73433. */
const SAMPLES: Record<string, number> = {
  "gsm.wav": 73600,
  "mp3in.wav": 74880,
  "speex.ogg": 73600,
  "w64.w64": 73436,
};

for (const name of names("containers").filter((name) => name !== "README")) {
  testWith(["shared/cases", "ffmpeg"], `containers/${name}: the same sound as in the others`, async () => {
    const samples = await loadAudio(at(`containers/${name}`)),
      wanted = await loadAudio(at("containers/rf64.wav"));
    equal(samples.length, SAMPLES[name] ?? wanted.length);
    if (/^(au|bits20|rifx|sph|w64)/.test(name)) {
      ok(apart(samples.subarray(0, wanted.length), wanted) < 1e-4, `${apart(samples, wanted)}`);
    }
  });
}

test("hostile/rows: an odd row is left out or read, and the file is never refused with a stack", async () => {
  for (const name of names("hostile/rows")) {
    const { code, err } = await run(data, "--data", at(`hostile/rows/${name}`));
    ok(code === 0 || (code === 2 && /^Expected .* but found /.test(err.at(-1)!)), `${name}: ${code} ${err}`);
  }
});

test("do_normalize: hf: and hf-onnx: use transformers' default, and say so", async () => {
  await useEngine();
  const waves = await Promise.all(
    ["quiet_0.1.wav", "quiet_0.01.wav"].map(async (name) => await loadAudio(at(`do_normalize/${name}`))),
  );
  const encoderOf = (kind: string, name: string) => speechEncoder(`${kind}:${at(`do_normalize/${name}`)}`);
  for (const name of ["no_preproc", "preproc_no_norm", "processor_config_of_transformers_5"]) {
    const encoder = await encoderOf("hf", name), [quiet, quieter] = await encoder.encode(waves);
    ok(
      apart(quiet.data, quieter.data) < 0.05,
      `${name}: loudness changes states by ${apart(quiet.data, quieter.data)}`,
    );
    const told = encoder.notes?.some((note) => note.includes("do_normalize")) ?? false;
    equal(told, name !== "processor_config_of_transformers_5");
  }
  // hf-onnx encodes clips of over 1500 hidden states, 1.9 s here, in independent pieces.
  const short = [waves[0].subarray(0, 16000)];
  const [ours] = await (await encoderOf("hf", "hf_beside_hf-onnx")).encode(short);
  const [theirs] = await (await encoderOf("hf-onnx", "hf_beside_hf-onnx")).encode(short);
  ok(apart(ours.data, theirs.data) < 1e-4, `${apart(ours.data, theirs.data)} apart`);
});

test("label_only_in_test: reported, with its effect on macro F1", async () => {
  const { notes } = await loadDataset(at("label_only_in_test/manifest.csv"));
  match(notes.join(" "), /The label 'fear' \(0 in dev, 2 in test\) has no row in train.*Macro F1/);
});

test("manifest_with_meld_columns: a manifest, with its own split, text and label", async () => {
  const path = at("manifest_with_meld_columns/friends_train_dev_test.csv");
  const { rows, notes } = await loadDataset(path, { modalities: ["text"] });
  deepEqual(Object.values(Object.groupBy(rows, ({ split }) => split)).map((of) => of!.length), [8, 4, 4]);
  match(notes.join(" "), /read as a manifest, though it has all columns of MELD.*Ignored columns/);
});

test("meld_dyadic: each text has the clip of its old numbers", async () => {
  const { rows, notes } = await loadDataset(at("meld_dyadic/train_sent_emo_dya.csv"), { labelled: false });
  const csv = (await Deno.readTextFile(at("meld_dyadic/train_sent_emo_dya.csv"))).trim().split(/\r?\n/);
  const [header, ...lines] = csv.map((line) => line.split(","));
  const column = (name: string) => header.indexOf(name);
  for (const { dialogue, turn, audio } of rows.filter(({ audio }) => audio)) {
    const line = lines.find((cells) =>
      `train_dia${cells[column("Dialogue_ID")]}` === dialogue && cells[column("Utterance_ID")] === `${turn}`
    );
    if (!line) continue; // a quoted text with commas
    const [old, utterance] = [line[column("Old_Dialogue_ID")], line[column("Old_Utterance_ID")]];
    match(audio!, new RegExp(`dia${old}_utt${utterance}\\.`));
  }
  match(notes.join(" "), /Old_Dialogue_ID/);
});

test("tokenizer_truncation_left_by_training: texts are not truncated to 24 tokens", async () => {
  await useEngine();
  const encoder = await textEncoder(`hf:${at("tokenizer_truncation_left_by_training")}`);
  const [{ length }] = await encoder.encode(["what ".repeat(35)]);
  ok(length > 35, `${length} states`);
});

for (const name of names("weights_with_prefix").filter((name) => name !== "README")) {
  test(`weights_with_prefix/${name}: read, and told`, async () => {
    await useEngine();
    match(
      (await textEncoder(`hf:${at(`weights_with_prefix/${name}`)}`)).notes!.join(),
      /have the prefix .*read without/,
    );
  });
}

/** Returns a copy of the cached model in hub_forms, with links where the checkout has their paths as text. */
async function cachedCase(): Promise<string> {
  const from = at("hub_forms/models--x--bert"), folder = await Deno.makeTempDir();
  for (const part of ["refs", "blobs", "snapshots/abc"]) {
    await Deno.mkdir(`${folder}/${part}`, { recursive: true });
    for (const { name } of Deno.readDirSync(`${from}/${part}`)) {
      const [source, target] = [`${from}/${part}/${name}`, `${folder}/${part}/${name}`];
      const text = part === "snapshots/abc" && !Deno.lstatSync(source).isSymlink &&
        Deno.readTextFileSync(source);
      if (text && text.startsWith("../../blobs/")) await Deno.symlink(text.trim(), target);
      else await Deno.copyFile(source, target);
    }
  }
  return folder;
}

test("old_forms: pytorch_model.bin and vocab.txt give the states of the newer files", async () => {
  await useEngine();
  const encoded = async (name: string) => (await (await textEncoder(`hf:${name}`)).encode(TEXTS))[0].data;
  const expected = await encoded(await cachedCase());
  for (const name of ["bin_only", "vocab_txt_only"]) {
    const states = await encoded(at(`old_forms/${name}`));
    ok(apart(states, expected) < 1e-5, `${name}: ${apart(states, expected)} off`);
  }
});

test("hub_forms: a cache folder means its snapshot, and git-lfs pointers are named", async () => {
  await useEngine();
  const { notes } = await textEncoder(`hf:${await cachedCase()}`);
  match(notes!.join(), /read from Hugging Face's cache: .*snapshots\/abc, which refs\/main names/);
  for (const name of ["lfs_pointer", "lfs_tokenizer"]) {
    await rejects(
      textEncoder(`hf:${at(`hub_forms/${name}`)}`),
      /found a git-lfs pointer to it at .*git lfs pull/,
    );
  }
});

test("onnx_at_root: an export as optimum writes it is read", async () => {
  const encoder = await speechEncoder(`hf-onnx:${at("onnx_at_root")}`);
  const [states] = await encoder.encode([new Float32Array(16000).map((_, i) => Math.sin(i / 9))]);
  ok(states.length > 0 && states.data.every(Number.isFinite));
});

for (const name of names("hostile/checkpoints").filter((name) => name !== "README")) {
  test(`hostile/checkpoints/${name}: refused in a sentence, and the intact one predicts`, async () => {
    const { code, err, out } = await run(
      infer,
      "--checkpoint",
      at(`hostile/checkpoints/${name}`),
      "--text",
      "you did what",
    );
    equal(code, name === "ok.safetensors" ? 0 : 2, err.join("\n"));
    if (code) match(err.at(-1)!, /^Expected .* but found .*\. \w.*\.$/s);
    else match(out.join("\n"), /sadness +24\.7 %/);
  });
}

for (const name of names("hostile/hf").filter((name) => name !== "README")) {
  test(`hostile/hf/${name}: refused in a sentence`, async () => {
    await useEngine();
    await rejects(textEncoder(`hf:${at(`hostile/hf/${name}`)}`), (error: unknown) => {
      ok(error instanceof UndertoneError && error.code === "input", `${error}`);
      return true;
    });
  });
}

for (const name of names("hostile/safetensors").filter((name) => name !== "README")) {
  test(`hostile/safetensors/${name}: as the format's own reader has it`, async () => {
    const bytes = await Deno.readFile(at(`hostile/safetensors/${name}`));
    try {
      decodeSafetensors(bytes, name);
      match(name, /strictly_valid/);
    } catch (error) {
      ok(error instanceof UndertoneError, `${error}`);
      ok(!name.includes("strictly_valid"), `${error}`);
    }
  });
}

test("hostile/json: an impossible configuration is refused in a sentence", async () => {
  const folder = await smallData({ train: 8, dev: 4, test: 4 });
  const able = ["hugebatch.json", "maxlen.json", "optproto.json"];
  for (const name of names("hostile/json").filter((name) => name !== "README" && !able.includes(name))) {
    const { code, err } = await run(
      train,
      "--config",
      at(`hostile/json/${name}`),
      `--data=${folder}/manifest.csv`,
    );
    equal(code, 2, `${name}: ${err.join("\n")}`);
  }
});

test("a learning rate that spoils the weights ends the training, and the error mentions no checkpoint", async () => {
  const folder = await smallData({ train: 8, dev: 4, test: 4 });
  const flags = "--lr=1e38 --epochs=1 --batch-size=1000 --warmup=0 --no-controls --name=spoilt".split(" ");
  const places = [`--data=${folder}/manifest.csv`, `--out=${folder}/outputs`, `--cache=${folder}/cache`];
  const { code, err } = await run(train, ...flags, ...places);
  equal(code, 2);
  match(err.at(-1)!, /Expected finite numbers but found .* at step 1 \(epoch 1\)\. Lower the learning rate/);
  ok(!err.at(-1)!.includes("checkpoint"));
  deepEqual(Array.from(Deno.readDirSync(`${folder}/outputs`)), []);
});

test("the task shows the data source that was recognised, and its notes", async () => {
  const { code, out } = await run(data, "--data", at("meld_dyadic/train_sent_emo_dya.csv"));
  equal(code, 0);
  match(out.join("\n"), /Old_Dialogue_ID/);
});

test("long_clip_hf: a clip of 285 s among short ones trains in a data segment of 4 GB", async () => {
  const folder = await Deno.makeTempDir(), rate = 16_000;
  await Deno.mkdir(`${folder}/clips`);
  for (const { name } of Deno.readDirSync(at("long_clip_hf/clips"))) {
    await Deno.copyFile(at(`long_clip_hf/clips/${name}`), `${folder}/clips/${name}`);
  }
  // The manifest names its long clip .flac; clips are recognised by content.
  const voice = await loadAudio(at("long_clip_hf/clips/train_sadness_0.wav"));
  const header = new DataView(new ArrayBuffer(44)), samples = new Int16Array(285 * rate);
  samples.forEach((_, i) => samples[i] = 32_767 * voice[i % voice.length]);
  const letters = (at: number, text: string) =>
    [...text].forEach((letter, i) => header.setUint8(at + i, letter.charCodeAt(0)));
  letters(0, "RIFF");
  letters(8, "WAVEfmt ");
  letters(36, "data");
  const numbers = [[4, 36 + samples.byteLength], [16, 16], [24, rate], [28, 2 * rate], [
    40,
    samples.byteLength,
  ]];
  for (const [place, value] of numbers) header.setUint32(place, value, true);
  for (const [place, value] of [[20, 1], [22, 1], [32, 2], [34, 16]]) header.setUint16(place, value, true);
  await Deno.writeFile(`${folder}/clips/long_285.flac`, new Uint8Array(header.buffer));
  await Deno.writeFile(`${folder}/clips/long_285.flac`, new Uint8Array(samples.buffer), { append: true });
  await Deno.copyFile(at("long_clip_hf/manifest.csv"), `${folder}/manifest.csv`);
  const command = [
    `${Deno.execPath()} run -A ${join(import.meta.dirname!, "train.ts")} --data ${folder}/manifest.csv`,
    `--audio hf:${at("long_clip_hf/w2v-12heads")} --epochs 1 --out ${folder}/runs --cache ${folder}/cache`,
  ].join(" ");
  const { code, stderr } = await new Deno.Command("sh", { args: ["-c", `ulimit -d 4000000; ${command}`] })
    .output();
  const told = new TextDecoder().decode(stderr);
  equal(code, 0, told);
  match(told, /encodes 1 clip longer than 44 s in windows of that length that overlap by half/);
  await Deno.remove(folder, { recursive: true });
});
