import { equal, match, ok, rejects, throws } from "../testing/assert.ts";
import type { EncoderEntry } from "./built_in.ts";
import {
  registerSpeechEncoder,
  registerTextEncoder,
  speechEncoder,
  speechEncoders,
  textEncoder,
  textEncoders,
} from "./registry.ts";

Deno.test("every entry loads once, under its own name and with the facts of its kind", async () => {
  for (const { id } of textEncoders().filter(({ argument }) => !argument)) {
    const encoder = await textEncoder(id);
    equal(encoder.id, id);
    equal(encoder.modality, "text");
    ok(encoder === await textEncoder(id));
  }
  const fingerprints = new Set<string>();
  const present = speechEncoders().filter(({ argument }) => !argument);
  for (const { id } of present) {
    const encoder = await speechEncoder(id);
    equal(encoder.id, id);
    equal(encoder.modality, "audio");
    ok(encoder.rate! > 0);
    fingerprints.add(encoder.fingerprint);
    const [states] = await encoder.encode([new Float32Array(8000).fill(0.1)]);
    equal(states.width, encoder.width);
    equal(states.data.length, states.length * states.width);
  }
  equal(fingerprints.size, present.length);
});

Deno.test("one name can combine several speech encoders", async () => {
  const both = await speechEncoder("log-mel+prosody");
  equal(both.id, "log-mel+prosody");
  equal(both.width, 160 + 104);
  await rejects(speechEncoder("log-mel+prosdy"), /found 'prosdy' .*Did you mean 'prosody'/);
});

Deno.test("unknown names are refused with the nearest one", async () => {
  await rejects(
    textEncoder("use_lite"),
    /Expected a text encoder \(use-lite.*\) but found 'use_lite' .*Did you mean 'use-lite'/,
  );
  await rejects(
    speechEncoder("wav2vec9000"),
    /found 'wav2vec9000' at the name of the speech encoder. Name one/,
  );
  await rejects(textEncoder("use-lite:here"), /found 'use-lite:here'/);
});

Deno.test("a registered encoder is found, replaced on purpose, and never takes a built-in name", async () => {
  const letters = (width: number): EncoderEntry<string> => ({
    id: "letters",
    summary: "a state per letter",
    licence: "MIT",
    load: () =>
      Promise.resolve({
        id: "letters",
        modality: "text",
        fingerprint: `letters-${width}`,
        width,
        encode: (texts) =>
          Promise.resolve(
            texts.map(({ length }) => ({ data: new Float32Array(length * width), length, width })),
          ),
      }),
  });
  registerTextEncoder(letters(3));
  equal((await textEncoder("letters")).width, 3);
  match(textEncoders().map(({ id }) => id).join(), /^use-lite,hf,hf-onnx,features,letters$/);
  throws(() => registerTextEncoder(letters(4)), /'letters', which is registered already/);
  registerTextEncoder(letters(4), { replace: true });
  equal((await textEncoder("letters")).width, 4);
  throws(() => registerTextEncoder({ ...letters(1), id: "use-lite" }), /'use-lite', which is built in/);
  throws(() => registerTextEncoder({ ...letters(1), id: "x", licence: "" }), /no licence/);
});

Deno.test("a text and a speech encoder may have one name", async () => {
  const about = { id: "of-both-kinds", summary: "For tests.", licence: "none", width: 1, fingerprint: "" };
  const encode = () => Promise.resolve([]);
  registerTextEncoder({ ...about, load: () => Promise.resolve({ ...about, modality: "text", encode }) });
  registerSpeechEncoder({ ...about, load: () => Promise.resolve({ ...about, modality: "audio", encode }) });
  equal((await textEncoder("of-both-kinds")).modality, "text");
  equal((await speechEncoder("of-both-kinds")).modality, "audio");
});
