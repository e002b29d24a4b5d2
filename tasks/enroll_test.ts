/** `infer --enroll`: the clips of a speaker scale what the same speaker says. */
import { deepEqual, equal, match, notDeepEqual, ok } from "../lib/testing/assert.ts";
import { loadDataset, readClip } from "../lib/data/mod.ts";
import { wav16 } from "../lib/jobs/testing.ts";
import { captured as run } from "./cli/testing.ts";
import { task as infer } from "./infer.ts";
import { task as train } from "./train.ts";

const folder = await Deno.makeTempDir(), clips = `${folder}/clips`;
const { rows, root } = await loadDataset("sample");
const [first] = rows.filter(({ split }) => split === "test");
const own = rows.filter(({ speaker, split }) => speaker === first.speaker && split === "test").slice(0, 5);
await Deno.mkdir(clips);
for (const [i, { audio }] of own.entries()) await Deno.copyFile(`${root}/${audio}`, `${clips}/${i}.mp3`);
const lines = own.map(({ speaker }, i) => `${i},clips/${i}.mp3,${speaker}`);
await Deno.writeTextFile(`${folder}/own.csv`, ["id,audio,speaker", ...lines].join("\n") + "\n");

const cache = `--cache=${folder}/cache`, model = ["--checkpoint", `${folder}/spoken`, cache, "--json"];
const trained = await run(
  train,
  ...["--method=audio_only", "--audio=log-mel", "--epochs=1", "--name=spoken", `--out=${folder}`, cache],
  "--normalize.audio=speaker:enrolled:4",
);
equal(trained.code, 0, trained.err.join("\n"));
const answers = (out: readonly string[]) => JSON.parse(out.at(-1)!)[0].probabilities;

Deno.test("a folder of clips or a manifest with speakers enrols; without them, a note says so", async () => {
  const clip = ["--audio", `${clips}/0.mp3`];
  const stranger = await run(infer, ...model, ...clip);
  match(stranger.err.join("\n"), /note: This model scales by enrolled rows, and none are given \(--enroll/);
  ok(!/Name the same speaker/.test(stranger.err.join("\n")));
  const unnamed = await run(infer, ...model, ...clip, "--enroll", `${folder}/own.csv`);
  const names = `these rows have none, the enrolment '${first.speaker}'`;
  match(
    unnamed.err.join("\n"),
    new RegExp(`1 of 1 rows of a speaker without .* the train split .*: ${names}\\.`),
  );
  const known = await run(infer, ...model, ...clip, "--enroll", clips);
  equal(known.code, 0, known.err.join("\n"));
  match(known.err.join("\n"), /note: 5 rows are the enrolment\./);
  notDeepEqual(answers(known.out), answers(stranger.out));
  const manifest = ["--input", `${folder}/own.csv`, "--enroll", `${folder}/own.csv`];
  const many = answers((await run(infer, ...model, ...manifest)).out);
  for (const [label, p] of Object.entries<number>(answers(known.out))) { // sums of other batches round differently
    ok(Math.abs(p - many[label]) < 1e-6, `${label}: ${p}`);
  }
});

Deno.test("an enrolment that can't be read is told, in part or as a whole", async () => {
  const bad = `${folder}/bad`;
  await Deno.mkdir(bad);
  await Deno.writeTextFile(`${bad}/b.wav`, "no sound");
  const whole = await run(infer, ...model, "--audio", `${clips}/0.mp3`, "--enroll", bad);
  equal(whole.code, 2);
  match(whole.err.join("\n"), /Expected rows of an enrolment with what the model scales by groups.*b\.wav: /);
  await Deno.copyFile(`${clips}/1.mp3`, `${bad}/a.mp3`);
  const part = await run(infer, ...model, "--audio", `${clips}/0.mp3`, "--enroll", bad);
  match(part.err.join("\n"), /1 row is the enrolment\.[^]*The enrolment lacks .*b\.wav: /);
});

Deno.test("a segment of a recording is scaled by the enrolled clips, as a file of its own is", async () => {
  const { samples } = await readClip(`${clips}/2.mp3`), second = new Float32Array(16_000);
  const whole = [...second, ...samples, ...second];
  await Deno.writeFile(`${folder}/long.wav`, wav16(Float32Array.from(whole)));
  const enroll = ["--enroll", clips];
  const long = await run(infer, ...model, "--audio", `${folder}/long.wav`, "--segments", ...enroll);
  equal(long.code ?? 0, 0, long.err.join("\n"));
  const [{ start, end, probabilities }] = JSON.parse(long.out.at(-1)!);
  const part = whole.slice(Math.round(start * 16_000), Math.round(end * 16_000));
  await Deno.writeFile(`${folder}/part.wav`, wav16(Float32Array.from(part)));
  deepEqual(
    probabilities,
    answers((await run(infer, ...model, "--audio", `${folder}/part.wav`, ...enroll)).out),
  );
});
