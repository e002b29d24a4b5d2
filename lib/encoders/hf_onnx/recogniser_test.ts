import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { readClip } from "../../data/mod.ts";
import { openRecogniser } from "./recogniser.ts";

const whisper = fixture("transcription/tiny-whisper");
const { languages } = jsonFixture("transcription/expected.json");

interface Heard {
  start: number;
  end: number | null;
  text: string;
}

const { samples: clip } = await readClip(fixture("audio/pcm16_16k_mono.wav"));
const joined = (...parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
const sounds: Record<string, Float32Array> = {
  "whole": clip,
  "backwards": clip.toReversed(),
  "from 0.5 s": clip.slice(8000),
  "twice and a half": joined(clip, clip.toReversed(), clip.slice(0, clip.length / 2)),
};

Deno.test("words and times are those of transformers' greedy decoding, up to the end of the sound", async () => {
  for (const [language, expected] of Object.entries<Record<string, { segments: Heard[] }>>(languages)) {
    const model = await openRecogniser(whisper, language);
    deepEqual([model.name, model.longest, model.language], ["tiny-whisper", 4, language]);
    for (const [name, { segments }] of Object.entries(expected)) {
      const seconds = sounds[name].length / 16000, within = segments.filter(({ start }) => start < seconds);
      const first = (await model.hear(sounds[name])).slice(0, within.length);
      const bounded = within.map(({ start, end, text }) => ({
        start,
        end: Math.max(start, Math.min(end ?? seconds, seconds)),
        text,
      }));
      deepEqual(first, bounded.filter(({ text }) => text.trim() !== ""), `${language}: ${name}`);
    }
    await model.close();
  }
});

/** Copies the model without some files, or with other contents. */
async function copy(without: string[], changed: Record<string, unknown> = {}): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/onnx`);
  for (const place of ["", "onnx/"]) {
    for await (const { name, isFile } of Deno.readDir(`${whisper}/${place}`)) {
      if (!isFile || without.includes(name)) continue;
      if (name in changed) {
        const given = JSON.parse(await Deno.readTextFile(`${whisper}/${place}${name}`));
        const text = JSON.stringify({ ...given, ...changed[name] as object });
        await Deno.writeTextFile(`${folder}/${place}${name}`, text);
      } else await Deno.copyFile(`${whisper}/${place}${name}`, `${folder}/${place}${name}`);
    }
  }
  return folder;
}

Deno.test("a folder that is no whole Whisper is told", async () => {
  const cases: [string[], Record<string, unknown>, RegExp][] = [
    [["decoder_model_merged.onnx"], {}, /found no onnx\/decoder_model_merged\.onnx at .*merged decoder/],
    [["decoder_model_merged.onnx", "encoder_model.onnx"], {}, /found neither at .*models add .* --onnx/],
    [["tokenizer.json"], {}, /tokenizer\.json/],
    [["preprocessor_config.json"], {}, /preprocessor_config\.json/],
    [["generation_config.json"], {}, /Expected generation_config\.json/],
    [[], { "config.json": { model_type: "wav2vec2" } }, /found a model of the type 'wav2vec2'/],
    [[], { "preprocessor_config.json": { sampling_rate: 8000 } }, /sampling_rate/],
  ];
  for (const [without, changed, message] of cases) {
    const folder = await copy(without, changed);
    await rejects(openRecogniser(folder, "en"), message);
    await Deno.remove(folder, { recursive: true });
  }
  await rejects(openRecogniser(`${whisper}#q8`, "en"), /found the precisions fp32 at .*#fp32/);
  const folder = await copy(["encoder_model.onnx"]);
  await Deno.writeTextFile(`${folder}/onnx/encoder_model.onnx`, "no graph");
  await rejects(openRecogniser(folder, "en"), /found one that can't be opened/);
  await Deno.writeTextFile(
    `${folder}/onnx/encoder_model.onnx`,
    "version https://git-lfs.github.com/spec/v1\n",
  );
  await rejects(openRecogniser(folder, "en"), /git-lfs pointer/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a model of several languages needs one that it knows, a model of English none", async () => {
  await rejects(openRecogniser(whisper), /found none at .*--language de \(de, en\)/);
  await rejects(openRecogniser(whisper, "fr"), /found 'fr' at .*Choose one of de, en/);
  const english = await copy([], { "generation_config.json": { is_multilingual: false } });
  await rejects(openRecogniser(english, "de"), /English.*found the language 'de'/);
  const model = await openRecogniser(english, "en");
  equal(model.language, undefined);
  ok(Array.isArray(await model.hear(clip)));
  match(model.fingerprint, /^[0-9a-f]{16}$/);
  await model.close();
  await Deno.remove(english, { recursive: true });
});
