import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { parse } from "csv-parse/sync";
import project from "../deno.json" with { type: "json" };
import { loadAudio } from "../lib/data/mod.ts";
import { smallData } from "../lib/jobs/testing.ts";
import { inProject } from "../lib/paths.ts";
import type { Task } from "./cli/main.ts";
import { captured as run } from "./cli/testing.ts";
import { task as data } from "./data.ts";
import { task as encode } from "./encode.ts";
import { task as evaluate } from "./evaluate.ts";
import { task as explaining } from "./explain.ts";
import { task as infer } from "./infer.ts";
import { task as search } from "./search.ts";
import { task as train } from "./train.ts";

const folder = await smallData();
const manifest = `${folder}/manifest.csv`;
const place = [`--out=${folder}/outputs`, `--cache=${folder}/cache`];
const quick = ["--data", manifest, "--method=attention_pooling", "--epochs=1", "--no-controls", ...place];

Deno.test("train, evaluate and infer run, each with JSON alone on stdout", async () => {
  const trained = await run(train, ...quick, "--name=cli", "--json");
  equal(trained.code, 0);
  const result = JSON.parse(trained.out.join("\n"));
  for (const key of ["accuracy", "weighted_f1", "macro_f1"]) equal(typeof result.metrics[key], "number");
  match(trained.err.join("\n"), /^Infer +\S.* task infer --checkpoint .*outputs\/cli --n-samples=3$/m);

  const tested = await run(evaluate, "--run", `${folder}/outputs/cli`, "--split=test", "--json");
  equal(tested.code, 0);
  equal(JSON.parse(tested.out.join("\n")).metrics.n, 8);

  const cli = ["--checkpoint", `${folder}/outputs/cli`, `--cache=${folder}/cache`];
  const inferred = await run(infer, ...cli, "--n_samples=3", "--json");
  equal(inferred.code, 0);
  const predictions = JSON.parse(inferred.out.join("\n"));
  equal(predictions.length, 3);
  for (const { predicted, label, probabilities } of predictions) {
    ok(predicted in probabilities && label in probabilities);
    equal(
      predicted,
      Object.keys(probabilities).reduce((a, b) => probabilities[a] >= probabilities[b] ? a : b),
    );
  }
});

Deno.test("infer reads rows without split or label, lists those it can't read, and writes a CSV", async () => {
  const input = `${folder}/rows.csv`, output = `${folder}/predictions.csv`;
  await Deno.writeTextFile(input, "id,text,audio\na,Hello there.,\nb,,clips/none.mp3\nc,,\nd,Oh no!,\n");
  const { code, out, err } = await run(
    infer,
    "--checkpoint",
    `${folder}/outputs/cli`,
    `--input=${input}`,
    `--output=${output}`,
    `--cache=${folder}/cache`,
  );
  equal(code, 0);
  match(out.join("\n"), /2 predictions in/);
  match(err.join("\n"), /left out: .*none\.mp3/);
  const rows = parse(await Deno.readTextFile(output), { columns: true }) as { id: string }[];
  deepEqual(rows.map(({ id }) => id), ["a", "d"]);
});

Deno.test("a mistake gives one sentence on stderr and exit code 2", async () => {
  const broken = `${folder}/broken.csv`, text = `${folder}/words.wav`;
  await Deno.writeTextFile(broken, "id,text\n1,hello\n");
  await Deno.writeTextFile(text, "this is no recording");
  const run_ = `${folder}/outputs/cli`, rows = (await Deno.readTextFile(manifest)).split("\n");
  const testless = `${folder}/testless.csv`, loud = `${folder}/loud.csv`;
  await Deno.writeTextFile(testless, rows.filter((row) => !row.includes(",test,")).join("\n"));
  await Deno.writeTextFile(
    loud,
    rows.map((row, i) => i ? row.replace(/\w+$/, (w) => w.toUpperCase()) : row).join("\n"),
  );
  const cases: [Task, string[], RegExp][] = [
    [train, ["--epoch=3"], /found --epoch at the command line\. Did you mean --epochs\?/],
    [train, ["--epochs=0"], /Expected at least 1 but found 0 at --epochs/],
    [train, ["--method=memocnt"], /Did you mean memocmt\?/],
    [train, ["--text=use-lit"], /Did you mean 'use-lite'\?/],
    [train, ["--data=nowhere.csv"], /found nothing at nowhere\.csv/],
    [train, [`--data=${broken}`], /label|split/],
    [train, ["--config=nowhere.json"], /found no file at nowhere\.json/],
    [train, ["--resume=nowhere"], /Expected the folder of a run/],
    [train, ["--resume", run_, "--lr=1"], /no other option beside --resume.*found --lr/],
    [train, ["--init=nowhere"], /Expected the folder of a run/],
    [train, [...quick, "--name=cli"], /--overwrite/],
    [train, [...quick, "--options.width=4"], /width/],
    [evaluate, [], /neither --run nor --checkpoint/],
    [evaluate, ["--run=nowhere"], /Expected the folder of a run/],
    [evaluate, ["--run", run_, "--split=tset"], /Did you mean test\?/],
    [explaining, [], /--run/],
    [search, ["--method=text_only"], /Expected options to search but found none at search/],
    [search, ["--search.lr=[0.001,0.01]", "--lr=0.01"], /either searched or set but found both for lr/],
    [search, ["--search.lr=3"], /a range or a choice but found 3 at search\.lr/],
    [search, ["--search.lr=[0.001,0.01]", "--protocol=loso"], /--fold 1/],
    [explaining, ["--run", run_, "--row=nobody"], /Expected the id of a row/],
    [explaining, ["--run", run_, "--label=joy"], /Name the row to explain/],
    [infer, ["--checkpoint", run_], /found none of them/],
    [infer, ["--checkpoint=nowhere", "--text=x"], /Expected the folder of a run/],
    [infer, ["--checkpoint", run_, "--text=x", "--n_samples=2"], /found several of them/],
    [infer, ["--checkpoint", run_, "--text", "  "], /found none of them/],
    [infer, ["--checkpoint", run_, "--n_samples=0"], /Expected at least 1 but found 0 at --n-samples/],
    [
      infer,
      ["--checkpoint", run_, "--n_samples=1", `--data=${testless}`, "--split=test"],
      /none \(train 20, dev 8/,
    ],
    [infer, ["--checkpoint", run_, "--audio", text], /^Expected a recording .*words\.wav\. Check the file/],
    [
      evaluate,
      ["--run", run_, `--data=${testless}`, "--split=test"],
      /rows in the split 'test' but found none/,
    ],
    [evaluate, ["--run", run_, "--data", loud], /unknown label: '.*' \(is it '.*'\?\)/],
    [evaluate, ["--run", run_, "--checkpoint", run_], /both --run and --checkpoint/],
    [data, ["--data=nowhere"], /found nothing at nowhere/],
    [encode, ["--audio=log-mell"], /speech encoder/],
  ];
  for (const [task, args, sentence] of cases) {
    const { code, err } = await run(task, ...args);
    equal(code, 2, `${task.name} ${args.join(" ")}: ${err}`);
    match(err.at(-1)!, sentence);
    ok(!err.join("\n").includes("    at "), "no stack");
  }
});

Deno.test("a warning about a recording is printed with its prediction; without speech there is none", async () => {
  const speech = await loadAudio(inProject("lib/data/sample/clips/dev_001.mp3"));
  const wav = (count: number, valueAt: (i: number) => number) => {
    const bytes = new Uint8Array(44 + 2 * count), view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode("RIFF    WAVEfmt "));
    [16, 1 | 1 << 16, 16000, 32000, 2 | 16 << 16].forEach((word, i) =>
      view.setUint32(16 + 4 * i, word, true)
    );
    bytes.set(new TextEncoder().encode("data"), 36);
    view.setUint32(40, 2 * count, true);
    for (let i = 0; i < count; i++) {
      view.setInt16(44 + 2 * i, Math.max(-1, Math.min(1, valueAt(i))) * 32767, true);
    }
    return bytes;
  };
  await Deno.writeFile(`${folder}/loud.wav`, wav(speech.length, (i) => 30 * speech[i]));
  await Deno.writeFile(`${folder}/long.wav`, wav(60 * 16000, (i) => speech[i % speech.length]));
  await Deno.writeFile(`${folder}/short.wav`, wav(160, (i) => i % 2));
  const heard = (name: string, ...more: string[]) =>
    run(infer, "--checkpoint", `${folder}/outputs/cli`, "--audio", `${folder}/${name}`, ...more);
  const loud = await heard("loud.wav"), long = await heard("long.wav", "--no-segments");
  equal(loud.code, 0);
  match(loud.err.join("\n"), /note: Odd clips .* 1 × clipped \(.*loud\.wav/);
  equal(long.code, 0);
  match(long.err.join("\n"), /note: only the first 41 s of 1 clip are read: --max-audio-length is 512/);
  const short = await heard("short.wav");
  equal(short.code, 2);
  match(short.err.join("\n"), /no speech/);
});

Deno.test("every task has a help text", async () => {
  const names = Object.keys(project.tasks).filter((name) => !/^(test|check$)/.test(name));
  for (const name of names) {
    const { task } = await import(`./${name.replaceAll("-", "_")}.ts`) as { task: Task };
    const { code, out } = await run(task, "--help");
    equal(code, 0);
    match(out.join("\n"), new RegExp(`Usage: deno task ${name}\\b`));
    ok(!out.join("\n").includes("`"), `${name}: a terminal shows backticks as they are`);
  }
});

Deno.test("a broken line is named with the counts, another encoding is refused, and --encoding reads it", async () => {
  const whole = new TextEncoder().encode(
    "id,split,text,label\na,train,Ça,joy\nb,train,dé\xe9ja,fear\nc,dev,à là,joy\nd,train,là,anger\n",
  );
  const broken = Uint8Array.from(whole.filter((byte, i) => !(byte === 0xa9 && whole[i + 1] === 0x6a)));
  await Deno.writeFile(`${folder}/broken.csv`, broken);
  const { out, err } = await run(data, "--data", `${folder}/broken.csv`);
  match(err.join("\n"), /left out: .*broken.csv, line 3: not utf-8: byte C3 on line 3/);
  match(out.join("\n"), /^rows +2 +1 +0$/m);

  const latin1 = Uint8Array.from("id,text\na,d\xe9j\xe0\nb,tr\xe8s\n", (char) => char.charCodeAt(0));
  await Deno.writeFile(`${folder}/latin1.csv`, latin1);
  const cli = [
    "--checkpoint",
    `${folder}/outputs/cli`,
    `--input=${folder}/latin1.csv`,
    `--cache=${folder}/cache`,
  ];
  const refused = await run(infer, ...cli);
  deepEqual([refused.code, refused.out], [2, []]);
  match(refused.err.join("\n"), /Expected text in UTF-8 but found the byte E9 .*line 2.*--encoding/);
  const read = await run(infer, ...cli, "--encoding=latin1");
  match(read.out.join("\n"), /^a: “déjà”$/m);
  for (const task of [train, evaluate, encode, data]) ok("encoding" in task.flags.shape, task.name);
  const unknown = await run(data, "--data=x.csv", "--encoding=klingon");
  match(unknown.err.join("\n"), /Expected an encoding: utf-8, .* but found "klingon" at --encoding/);
});
