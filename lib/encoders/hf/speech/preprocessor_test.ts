import { readSafetensors } from "../../../files/safetensors.ts";
import { deepEqual, equal, ok, throws } from "../../../testing/assert.ts";
import { fixture } from "../../../testing/shared.ts";
import { tinySpeech } from "../../../testing/tiny_encoders.ts";
import { onnxSpeechEncoder } from "../../hf_onnx/speech.ts";
import { frozenEncoder } from "../../network.ts";
import { normalisation, settled } from "./preprocessor.ts";
import { frozenSpeechEncoder, readSpeechEncoder, speechEncoderOf } from "./speech_encoder.ts";
import { readSpeechWeights } from "./speech_model.ts";

const { config } = tinySpeech("tiny-wav2vec2");
const OWN = "preprocessor_config.json", WITHIN = "processor_config.json";

Deno.test("processor_config.json comes first, then preprocessor_config.json, then transformers' default", () => {
  const made = (files: Record<string, unknown>) => {
    const { files: all, normalise, notes } = settled(files, "here");
    equal((all[OWN] as Record<string, unknown>).do_normalize, normalise);
    deepEqual(Object.keys(all), [OWN]);
    return [normalise, notes.length];
  };
  const no = { do_normalize: false }, yes = { do_normalize: true };
  deepEqual(made({}), [true, 1]);
  deepEqual(made({ [OWN]: { sampling_rate: 16000 } }), [true, 1]);
  deepEqual(made({ [OWN]: no }), [false, 0]);
  deepEqual(made({ [OWN]: yes }), [true, 0]);
  deepEqual(made({ [WITHIN]: { feature_extractor: no } }), [false, 0]);
  deepEqual(made({ [OWN]: yes, [WITHIN]: { feature_extractor: no } }), [false, 0]);
  deepEqual(made({ [OWN]: no, [WITHIN]: { feature_extractor: {} } }), [true, 1]);
  deepEqual(made({ [OWN]: no, [WITHIN]: { processor_class: "Wav2Vec2Processor" } }), [false, 0]);
  deepEqual(settled({ [OWN]: { padding_value: 0 } }, "here").files[OWN], {
    sampling_rate: 16000,
    padding_value: 0,
    do_normalize: true,
  });
});

Deno.test("the preprocessing in a folder is part of the fingerprint", () => {
  throws(
    () => settled({ [OWN]: { sampling_rate: 8000 } }, "here"),
    /Expected 16000 but found 8000 at sampling_rate \(here.preprocessor_config\.json\)\. The weights .* another model\.$/,
  );
  throws(
    () => settled({ [WITHIN]: { feature_extractor: { do_normalize: "yes" } } }, "here"),
    /Expected true or false but found "yes" at do_normalize \(here.processor_config\.json\)/,
  );
  throws(
    () => settled({ [WITHIN]: [] }, "here"),
    /Expected an object but found \[\] at here.processor_config\.json/,
  );
});

Deno.test("files that an earlier version kept with a model are read as that version read them", () => {
  const layer = { ...config, feat_extract_norm: "layer" as const };
  equal(normalisation({ [OWN]: { do_normalize: true } }, config, "here"), true);
  equal(normalisation({ [OWN]: { do_normalize: false } }, layer, "here"), false);
  equal(normalisation({}, config, "here"), false);
  equal(normalisation({ [OWN]: { sampling_rate: 16000 } }, config, "here"), false);
  equal(normalisation({}, layer, "here"), true);
});

const source = fixture("encoders/tiny-wav2vec2");
const { tensors } = await readSafetensors(`${source}/quiet.safetensors`);
const clips = [0, 1, 2].map((b) => tensors[`input.${b}`].data as Float32Array);

/** Makes a folder with the tiny wav2vec2, its export, and these files. */
async function folder(files: Record<string, unknown>): Promise<string> {
  const path = await Deno.makeTempDir();
  await Deno.mkdir(`${path}/onnx`);
  for (const file of ["onnx/model.onnx", "config.json", "model.safetensors"]) {
    await Deno.copyFile(`${source}/${file}`, `${path}/${file}`);
  }
  for (const [name, json] of Object.entries(files)) {
    await Deno.writeTextFile(`${path}/${name}`, JSON.stringify(json));
  }
  return path;
}

const cases: [why: string, files: Record<string, unknown>, kind: "normalised" | "plain", notes: number][] = [
  ["nothing", {}, "normalised", 1],
  ["all but do_normalize", { [OWN]: { sampling_rate: 16000 } }, "normalised", 1],
  ["false", { [OWN]: { do_normalize: false } }, "plain", 0],
  ["false as transformers 5 does", { [WITHIN]: { feature_extractor: { do_normalize: false } } }, "plain", 0],
];
for (const [why, files, kind, notes] of cases) {
  Deno.test(`if the folder says ${why}, hf and hf-onnx give PyTorch's states of quiet speech, ${kind}`, async () => {
    const path = await folder(files);
    for (const made of [await frozenSpeechEncoder(path), await onnxSpeechEncoder(path)]) {
      equal(made.notes?.length ?? 0, notes);
      for (const [b, { data }] of (await made.encode(clips)).entries()) {
        const expected = tensors[`${kind}.${b}.last_hidden`].data;
        const off = data.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i])), 0);
        ok(data.length === expected.length && off < 2e-5, `${made.id}, utterance ${b}: ${off}`);
      }
    }
  });
}

Deno.test("a model keeps files that state do_normalize, even if an earlier version did not", async () => {
  const path = await folder({});
  const made = await readSpeechEncoder(path);
  const old = { "config.json": made.files["config.json"] };
  const weights = await readSpeechWeights(path, tinySpeech("tiny-wav2vec2"));
  const restored = speechEncoderOf("hf:x", old, weights, "run/last.safetensors");
  deepEqual(
    [made, restored].map(({ files }) => (files[OWN] as Record<string, unknown>).do_normalize),
    [true, false],
  );
  const said = await readSpeechEncoder(await folder({ [OWN]: { do_normalize: false } }));
  const named = [made, restored, said].map((network) => frozenEncoder(network).fingerprint);
  equal(named[1], named[2]);
  ok(named[0] !== named[2]);
});

Deno.test("a different normalisation in earlier versions is named, with its fingerprint", async () => {
  const encoder = async (files: Record<string, unknown>) => await frozenSpeechEncoder(await folder(files));
  const plain = await encoder({ [OWN]: { do_normalize: false } });
  const odd = { [OWN]: { do_normalize: null }, [WITHIN]: { feature_extractor: { do_normalize: true } } };
  for (const files of [{}, odd]) {
    deepEqual((await encoder(files)).formerly, {
      fingerprint: plain.fingerprint,
      did: "left recordings at their own loudness",
    });
  }
  equal(plain.formerly, undefined);
  equal((await encoder({ [OWN]: { do_normalize: true } })).formerly, undefined);
  const { formerly } = await encoder({
    [OWN]: { do_normalize: true },
    [WITHIN]: { feature_extractor: { do_normalize: false } },
  });
  equal(formerly?.did, "scaled recordings to mean 0 and deviation 1");
});
