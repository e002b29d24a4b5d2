/** Many recordings at once: a folder, a pattern, or several files give one row each. */
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { fixture } from "../lib/testing/shared.ts";
import { wav16 } from "../lib/jobs/testing.ts";
import { captured as run } from "./cli/testing.ts";
import { task as infer } from "./infer.ts";

const folder = await Deno.makeTempDir();
for (const [name, file] of [["a", "pcm16_16k_mono.wav"], ["b", "mp3_44k1_mono.mp3"]]) {
  await Deno.copyFile(fixture(`audio/${file}`), `${folder}/${name}.wav`);
}
await Deno.writeTextFile(`${folder}/bad.wav`, "no sound");
const model = ["--checkpoint", fixture("runs/v0.1/frozen"), `--cache=${folder}/cache`];

/** The predictions that `--json` prints. */
const predictions = (out: readonly string[]) =>
  JSON.parse(out.at(-1)!) as {
    id: string;
    predicted?: string;
    error?: string;
    probabilities: Record<string, number>;
  }[];

Deno.test("a folder gives a row for each clip, and a bad clip does not stop the others", async () => {
  const { code, out, err } = await run(infer, ...model, "--audio", folder, "--json");
  equal(code, 0, err.join("\n"));
  match(err.join("\n"), /^clip +predicted/m);
  deepEqual(predictions(out).map(({ id }) => id), ["a", "b", "bad"].map((name) => `${folder}/${name}.wav`));
  deepEqual(predictions(out).map(({ predicted }) => predicted !== undefined), [true, true, false]);
  match(predictions(out)[2].error!, /^.*Expected a recording/);
  match(err.join("\n"), /bad\.wav: Expected a recording .*\nnote: 1 clip of 3 can't be used/);
});

Deno.test("a pattern, and words that a shell made of one, give the same; each is as if alone", async () => {
  const given = async (...clips: string[]) =>
    predictions((await run(infer, ...model, ...clips, "--json")).out);
  const pattern = await given("--audio", `${folder}/{a,b}.wav`);
  const words = await given("--audio", `${folder}/a.wav`, `${folder}/b.wav`);
  const alone = await given("--audio", `${folder}/a.wav`);
  deepEqual(words, pattern);
  // Sums of other batches round differently.
  for (const [label, p] of Object.entries(alone[0].probabilities)) {
    ok(Math.abs(p - words[0].probabilities[label]) < 1e-6, `${label}: ${p}`);
  }
});

Deno.test("--output takes the rows, and --text beside several clips is refused", async () => {
  const { code, out } = await run(infer, ...model, "--audio", folder, "--output", `${folder}/rows.csv`);
  equal(code, 0);
  equal(out.at(-1), `2 predictions in ${folder}/rows.csv`);
  equal((await Deno.readTextFile(`${folder}/rows.csv`)).trim().split("\n").length, 3);
  const refused = await run(infer, ...model, "--audio", folder, "--text", "Hi");
  equal(refused.code, 2);
  match(refused.err.join("\n"), /one recording beside --text but found 3 recordings/);
  equal((await run(infer, ...model, `${folder}/a.wav`)).code, 2);
});

Deno.test("with --json every utterance is in the array, also a row or a clip that can't be read", async () => {
  const input = `${folder}/rows.csv`;
  await Deno.writeTextFile(input, "id,text,audio\n1,Hello.,\n2,,none.wav\n3,,\n4,,bad.wav\n");
  const of = async (...args: string[]) => predictions((await run(infer, ...model, ...args, "--json")).out);
  const rows = await of("--input", input);
  deepEqual(rows.map(({ id }) => id).sort(), ["1", "2", "3", "4"]);
  deepEqual(rows.filter(({ error }) => error).map(({ id }) => id).sort(), ["2", "3", "4"]);
  const [bad, ...more] = await of("--audio", `${folder}/bad.wav`);
  equal(more.length, 0);
  match(bad.error!, /Expected a recording/);
});

Deno.test("a recording in segments is told, written and refused where flags contradict each other", async () => {
  const talk = `${folder}/talk`, cut = ["--audio", `${folder}/a.wav`, "--windows=1"];
  const { code, out, err } = await run(
    infer,
    ...model,
    ...cut,
    "--output",
    talk,
    "--formats=csv,vtt",
    "--json",
  );
  equal(code, 0, err.join("\n"));
  const segments = JSON.parse(out.at(-1)!) as { recording: string; start: number; predicted?: string }[];
  ok(segments.some(({ predicted }) => predicted !== undefined));
  equal(segments[0].recording, `${folder}/a.wav`);
  match(err.join("\n"), / predictions? for [\d.]+ of [\d.]+ s; [\d.]+ s of computing per minute of sound/);
  deepEqual([...Deno.readDirSync(talk)].map(({ name }) => name).sort(), ["a.csv", "a.vtt"]);
  const refused = async (message: RegExp, ...args: string[]) => {
    const { code, err } = await run(infer, ...model, ...args);
    equal(code, 2);
    match(err.join("\n"), message);
  };
  await refused(/existing file/, ...cut, "--output", talk, "--formats=csv");
  await refused(/the ending \.xls/, ...cut, "--output", `${folder}/x.xls`);
  await refused(/--output beside --formats/, ...cut, "--formats=csv");
  await refused(/found --text beside --windows/, ...cut, "--text", "Hi");
  await refused(/found --no-segments beside --windows/, ...cut, "--no-segments");
  await refused(/found none .*Name a recording/, "--segments", "--text", "Hi");
  await refused(/--audio - beside --raw/, "--audio", `${folder}/a.wav`, "--raw");
  await refused(/a\.json for several/, "--audio", folder, "--segments", "--output", `${folder}/a.json`);
});

Deno.test("a single recording of more than 30 s is cut, and a note says so", async () => {
  const path = `${folder}/silence.flac.wav`;
  await Deno.writeFile(path, wav16(new Float32Array(31 * 16000)));
  const { code, err } = await run(infer, ...model, "--audio", path);
  equal(code, 2);
  match(
    err.join("\n"),
    /note: a recording of 31 s is cut .*--no-segments predicts it as one\nnote: No speech was found/s,
  );
  equal((await run(infer, ...model, "--audio", path, "--no-segments")).code, 0);
});
