/** `evaluate --model`: a checkpoint with its own head is scored as a run is, and nothing is kept. */
import { readHeadModel } from "../lib/encoders/hf/mod.ts";
import { wav16 } from "../lib/jobs/testing.ts";
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { classifierFolder } from "../lib/testing/classifier_folder.ts";
import { captured as run } from "./cli/testing.ts";
import { task as evaluate } from "./evaluate.ts";

const folder = await Deno.makeTempDir(), data = `${folder}/rows.csv`, cache = `--cache=${folder}/cache`;
const words = ["good day", "bad day", "day", "good good", "bad", "day bad bad", "good", "what"];
const labels = ["joy", "anger", "neutral", "joy", "anger", "anger", "joy", "neutral"];
const clips = words.map((_, i) =>
  Float32Array.from({ length: 500 + 40 * i }, (_, t) => Math.sin(t * (i + 1) / 9) / 2)
);
await Promise.all(clips.map((clip, i) => Deno.writeFile(`${folder}/${i}.wav`, wav16(clip))));
await Deno.writeTextFile(
  data,
  ["id,split,text,audio,label", ...words.map((text, i) => `r${i},dev,${text},${i}.wav,${labels[i]}`)].join(
    "\n",
  ),
);
const MAP = { LABEL_0: "anger", label_1: "joy", LABEL_2: "neutral", LABEL_3: null };

for (const [name, inputs] of [["tiny-bert", words], ["tiny-wavlm", clips]] as const) {
  Deno.test(`${name} with a head is scored by its own answers`, async () => {
    const model = await classifierFolder(name),
      { encoder, logits } = await readHeadModel(model, `hf:${model}`);
    const map = ["--labels.map", JSON.stringify(MAP)];
    const { code, out, err } = await run(
      evaluate,
      `--model=hf:${model}`,
      "--data",
      data,
      ...map,
      cache,
      "--json",
    );
    equal(code, 0, err.join("\n"));
    const result = JSON.parse(out.at(-1)!);
    // Clips are read as 16 bits, so that these states differ in the last digits.
    const states = await encoder.encode(inputs as never);
    const answers = states.map((each) => {
      const [a, b, c] = logits(each), best = Math.max(a, b, c);
      return ["anger", "joy", "neutral"][[a, b, c].indexOf(best)];
    });
    const accuracy = answers.filter((answer, i) => answer === labels[i]).length / labels.length;
    equal(result.metrics.accuracy, accuracy);
    deepEqual(result.labels, { LABEL_0: "anger", LABEL_1: "joy", LABEL_2: "neutral", LABEL_3: null });
    match(err.join("\n"), /note: The map drops 'LABEL_3' of the model/);
    deepEqual((await Array.fromAsync(Deno.readDir(model))).length, 3);
    await Deno.remove(model, { recursive: true });
  });
}

Deno.test("what is missing is told with what to type", async () => {
  const model = await classifierFolder("tiny-distilbert"), name = `--model=hf:${model}`;
  const refused: [args: string[], found: RegExp][] = [
    [[name], /no --data/],
    [[name, "--data", data, "--run", "outputs/first"], /--run beside --model/],
    [[name, "--data", data], /none for 'LABEL_0'.* --labels\.map '\{"LABEL_0":/],
    [["--model=use-lite", "--data", data], /hf:<folder>/],
    [[`--model=hf:${folder}/none`, "--data", data], /none/],
  ];
  for (const [args, found] of refused) {
    const { code, err } = await run(evaluate, ...args, cache);
    equal(code, 2, err.join("\n"));
    match(err.join("\n"), found);
  }
  const silent = `${folder}/silent.csv`;
  await Deno.writeTextFile(silent, "id,split,audio,label\na,dev,0.wav,joy\nb,dev,1.wav,anger");
  const { code, err } = await run(evaluate, name, "--data", silent, cache);
  ok(code === 2, err.join("\n"));
  match(err.join("\n"), /no text/);
  await Deno.remove(model, { recursive: true });
});
