/** The page's own part of a prediction, without a browser: it answers and refuses as `infer` does. */
import { Tensor } from "onnxruntime-node";
import { decodeWav } from "../../../lib/data/audio/wav.ts";
import { openSession } from "../../../lib/encoders/mod.ts";
import { exportModel, infer, trainRun } from "../../../lib/jobs/mod.ts";
import { collect, smallConfig, smallData, wav16 } from "../../../lib/jobs/testing.ts";
import { deepEqual, equal, match, ok, rejects } from "../../../lib/testing/assert.ts";
import { fixture } from "../../../lib/testing/shared.ts";
import { factsOf } from "../facts.ts";
import { LONGEST, type Opened, predictor, type Utterance } from "./predictor.ts";

const data = await smallData({ train: 12, dev: 4, test: 4 }), run = `${data}/outputs/run`;
await collect(trainRun(smallConfig(data, { name: "run", epochs: 1 }), { controls: false }));
const exported = await exportModel(run, { to: `${data}/page/model.onnx`, whole: true, counts: true });
const { files, about, bytes } = exported;
const session = await openSession(await Deno.readFile(files.model));
addEventListener("unload", () => Deno.removeSync(data, { recursive: true }));
const opened: Opened = {
  session,
  tensor: (type, data, shape) => new Tensor(type, data as Float32Array, shape),
  about,
  tokens: JSON.parse(await Deno.readTextFile(files.tokenizer!)),
  keepText: false,
};
const predict = predictor(opened);

const soundOf = async (path: string) => decodeWav(await Deno.readFile(path), path)!;
const silent = `${data}/silent.wav`;
await Deno.writeFile(silent, wav16(new Float32Array(16_000)));

Deno.test("words, a clip of any rate, or both get the probabilities of infer", async () => {
  ok(bytes > 1e7);
  const clips = ["pcm16_16k_mono.wav", "float32_44k1_mono.wav", "pcm24_48k_stereo.wav", "u8_8k_mono.wav"];
  const cases: { text?: string; audio?: string }[] = [
    ...clips.map((clip) => ({ audio: fixture(`audio/${clip}`) })),
    { text: "You did what?" },
    { text: "Ohhhhhhh nooooo", audio: fixture("audio/pcm16_16k_mono.wav") }, // splits that are equally probable
    { text: "I never said that you could take it with you, did I? ".repeat(30) },
    { text: "  ", audio: fixture("audio/pcm24_48k_stereo.wav") },
  ];
  const rows = cases.map((given, i) => ({ id: `${i}`, split: "test" as const, ...given }));
  const { predictions, notes } = await infer(run, { rows, root: data });
  equal(predictions.length, cases.length);
  for (const [i, { text, audio }] of cases.entries()) {
    const answer = await predict({ text, sound: audio === undefined ? undefined : await soundOf(audio) });
    const expected = about.labels.map((label) => predictions[i].probabilities[label]);
    expected.forEach((p, c) => ok(Math.abs(p - answer.values[c]) < 1e-5, `${i}: ${p} ${answer.values[c]}`));
    deepEqual(answer.notes.length, text && text.length > 1000 ? 1 : 0, `${answer.notes}`);
  }
  match(notes.join(" "), /only the first 128 tokens/);
});

Deno.test("a recording without speech is refused as infer refuses it, also beside words", async () => {
  const sound = await soundOf(silent), rows = [{ id: "a", split: "test" as const, audio: silent }];
  const both = { ...rows[0], id: "b", text: "Hello there." };
  const { predictions, rejected } = await infer(run, { rows: [...rows, both], root: data });
  deepEqual(predictions, []);
  deepEqual(rejected.map(({ id, reason }) => [id, /has no speech/.test(reason)]), [["a", true], ["b", true]]);
  await rejects(
    predict({ sound, name: "silent.wav" }),
    /with speech but found none at silent.wav. Speak louder/,
  );
  await rejects(predict({ sound, text: both.text }), /Remove the recording to predict from the words alone/);
  const answer = await predictor({ ...opened, keepText: true })({ sound, text: both.text });
  deepEqual(answer.values, (await predict({ text: both.text })).values);
  match(answer.notes.join(" "), /all samples are 0.*no speech, so the words are predicted alone/);
});

Deno.test("what is no utterance is refused with what to do", async () => {
  const made = (seconds: number, rate = 8000): Utterance["sound"] => ({
    channels: [new Float32Array(seconds * rate)],
    rate,
    warnings: [],
  });
  const refused: [Utterance, RegExp][] = [
    [{}, /^Error: Record something, choose a file, or write/],
    [{ text: " \n" }, /Record something/],
    [{ sound: made(LONGEST + 60) }, /at most 30 s but found a recording of 90 s .*infer --segments/],
    [{ sound: made(0) }, /found one without samples/],
    [{ sound: made(1, 500) }, /a rate of 1 to 768 kHz but found 500 Hz/],
    [{ sound: { channels: [Float32Array.of(NaN)], rate: 8000, warnings: [] } }, /1 of 1 that are not/],
  ];
  for (const [utterance, says] of refused) {
    await rejects(predict(utterance), (error) => {
      match(`Error: ${(error as Error).message}`, says);
      return true;
    });
  }
});

Deno.test("clipped sound is told", async () => {
  const sound = await soundOf(fixture("audio/pcm16_16k_mono.wav"));
  const loud = sound.channels[0].map((x) => Math.max(-1, Math.min(1, 40 * x)));
  const { notes } = await predict({ sound: { ...sound, channels: [loud] } });
  match(notes.join(" "), /% of the samples at full scale/);
});

Deno.test("an exported file counts the tokens and the states of speech that it is given", async () => {
  deepEqual(about.outputs.map(({ name }) => name), ["probabilities", "text_count", "speech_count"]);
  const { tensor } = opened,
    integers = (values: number[], shape: number[]) =>
      tensor("int64", BigInt64Array.from(values, BigInt), shape);
  const [samples] = (await soundOf(fixture("audio/pcm16_16k_mono.wav"))).channels;
  const waveform = new Float32Array(2 * samples.length);
  waveform.set(samples);
  const outputs = await session.run({
    input_ids: integers([7, 8, 9, 7, 0, 0], [2, 3]),
    attention_mask: integers([1, 1, 1, 1, 0, 0], [2, 3]),
    waveform: tensor("float32", waveform, [2, samples.length]),
    waveform_length: integers([samples.length, samples.length], [2]), // the second is silence
  });
  deepEqual([...outputs.text_count.data], [3, 1]);
  const [spoken, silent] = outputs.speech_count.data as Float32Array;
  ok(spoken > 0 && spoken <= samples.length / 1280 + 1, `${spoken}`); // at most 12.5 a second
  equal(silent, 0);
});

Deno.test("the page says what its model is, and no path of this machine", async () => {
  const facts = await factsOf(run, exported);
  match(
    facts.summary,
    /^The model 'run' says which of these fits an utterance best: .*from the data 'manifest.csv'. /,
  );
  match(
    facts.summary,
    /On 4 dev rows, which also chose its epoch, it was right in \d+ %; a blind guess among 7/,
  );
  match(JSON.stringify(facts.facts), /speech-embedding: .*CC BY-NC-SA/);
  ok(!JSON.stringify(facts).includes(data));
  const ours = await factsOf("pretrained", exported);
  match(ours.summary, /It is the small model of lib\/pretrained, trained on .* for research only/);
  equal(ours.card, true);
});
