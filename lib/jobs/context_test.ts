/** Runs that read the dialogue around an utterance: training, evaluation, inference, resumption, ablation. */
import { stringify } from "csv-stringify/sync";
import { useEngine } from "../compute/mod.ts";
import { trainConfig } from "../config/train.ts";
import { ablateConfig } from "../config/ablation.ts";
import { planRun } from "../config/mod.ts";
import { loadDataset, type Utterance } from "../data/mod.ts";
import { readSafetensors } from "../files/mod.ts";
import { parseWith } from "../schema.ts";
import { deepEqual, equal, notDeepEqual, ok, rejects, throws } from "../testing/assert.ts";
import { fixture } from "../testing/shared.ts";
import { ablate } from "./ablation/ablate.ts";
import { evaluate } from "./evaluate.ts";
import { exportModel } from "./export.ts";
import { infer } from "./infer.ts";
import { readResults } from "./results.ts";
import { resumeRun } from "./resume.ts";
import { runFolder } from "./run_folder.ts";
import type { RunEvent } from "./run_event.ts";
import { collect, wav16 } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();
const folder = await Deno.makeTempDir({ prefix: "undertone" });
const columns = ["id", "split", "text", "label", "speaker", "dialogue", "turn"] as const;
const words = ["oh my god", "what lost it", "stop shouting", "I know okay", "monica he lost"];
/** Three dialogues of five turns in each split, with the same names in all of them. */
const rows = (["train", "dev", "test"] as const).flatMap((split) =>
  ["a", "b", "c"].flatMap((dialogue, d) =>
    [10, 9, 2, 1, 0].map((turn, t): Utterance => ({
      id: `${split}-${dialogue}-${turn}`,
      split,
      text: `${words[(d + t) % 5]} ${words[(2 * d + 3 * t + split.length) % 5]}`,
      label: ["joy", "anger"][(d + t) % 2],
      speaker: ["Monica", "Joey"][t % 2],
      dialogue,
      turn,
    }))
  )
);
async function manifest(name: string, rows: readonly Utterance[]): Promise<string> {
  const path = `${folder}/${name}.csv`;
  await Deno.writeTextFile(path, stringify([columns, ...rows.map((row) => columns.map((c) => row[c]))]));
  return path;
}
const data = await manifest("data", rows);
const text = `hf:${fixture("encoders/in-context")}`;
const past = { past: 2, future: 1, speakers: true, states: 0 };
const states = { past: 0, future: 0, speakers: false, states: 3 };
const configOf = (changes: Record<string, unknown>) =>
  parseWith(trainConfig, {
    ...{ data, text, audio: "none", method: "text_only", epochs: 2, batch_size: 4 },
    ...{ out: `${folder}/outputs`, cache: `${folder}/cache` },
    ...changes,
  }, "the test");
const notesOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => event.type === "prepared" ? event.dataset.notes : []);

const ways: Record<string, Record<string, unknown>> = {
  "turns before a frozen encoder": { context: past },
  "turns before an encoder that trains": { context: past, train: ["text", "head"] },
  "turns with LoRA": { context: past, lora: {} },
  "states of earlier utterances": { context: states },
  "states, with an encoder that has no separator": { context: states, text: "use-lite" },
  "both": { context: { ...past, states: 2 } },
};

for (const [i, [name, changes]] of Object.entries(ways).entries()) {
  Deno.test(`${name}: trains, evaluates and answers alike in any order and any batch`, async () => {
    const run = runFolder(`${folder}/outputs/way-${i}`);
    const events = await collect(trainRun(configOf({ name: `way-${i}`, ...changes }), { controls: false }));
    const context = (changes.context as typeof past).states > 0 ? /^States of earlier turns/ : /^Texts of/;
    ok(notesOf(events).some((note) => context.test(note)), notesOf(events).join("\n"));
    const { notes, metrics } = await evaluate(run.path, { split: "dev" });
    deepEqual(metrics, (await readResults(run)).dev!.metrics);
    ok(notes.some((note) => context.test(note)));

    const { rows: own } = await loadDataset(data), dev = own.filter(({ split }) => split === "dev");
    const answers = async (rows: readonly Utterance[], among?: readonly Utterance[]) => {
      const { predictions } = await infer(run.path, { rows, root: folder }, { among });
      return new Map(predictions.map(({ id, probabilities }) => [id, Object.values(probabilities)]));
    };
    const near = (a: Map<string, number[]>, b: Map<string, number[]>) => {
      for (const [id, given] of a) {
        given.forEach((p, c) => ok(Math.abs(p - b.get(id)![c]) < 1e-5, `${id}: ${given} and ${b.get(id)}`));
      }
    };
    const whole = await answers(dev);
    equal(whole.size, dev.length);
    near(whole, await answers(dev.toReversed()));
    near(whole, await answers(own)); // other splits have dialogues and turns of the same names
    for (const row of [dev[0], dev[7]]) {
      const alone = await answers([row], own);
      deepEqual([...alone.keys()], [row.id]);
      near(alone, whole);
    }
    const last = dev.find(({ turn }) => turn === 10)!;
    notDeepEqual(await answers([last]), new Map([[last.id, whole.get(last.id)!]]));
    const { notes: lone } = await infer(run.path, {
      rows: [{ id: "x", split: "test", text: "oh" }],
      root: "",
    });
    ok(lone.includes("1 of 1 utterances have no dialogue or no turn, so they have no context."), lone.join());
  });
}

Deno.test("a resumed run that reads dialogues ends in the bytes of an unbroken one", async () => {
  for (const [i, context] of [past, states].entries()) {
    const [whole, broken] = ["whole", "broken"].map((name) => runFolder(`${folder}/outputs/${name}-${i}`));
    await collect(trainRun(configOf({ name: whole.name, context }), { controls: false }));
    const stop = new AbortController();
    const started = trainRun(configOf({ name: broken.name, context }), {
      controls: false,
      signal: stop.signal,
    });
    for await (const event of started) if (event.type === "epoch" && event.epoch === 0) stop.abort();
    await collect(resumeRun(broken.path, { controls: false }));
    const [a, b] = await Promise.all([whole, broken].map(({ last }) => readSafetensors(last)));
    deepEqual(a.tensors, b.tensors);
  }
});

Deno.test("a run does not resume on other turns or speakers", async () => {
  const stop = new AbortController(), path = await manifest("moved", rows);
  const config = configOf({ name: "moved", data: path, context: past });
  const started = trainRun(config, { controls: false, signal: stop.signal });
  for await (const event of started) if (event.type === "epoch") stop.abort();
  await manifest("moved", rows.map((row) => ({ ...row, turn: 20 - row.turn! })));
  await rejects(
    collect(resumeRun(`${folder}/outputs/moved`, { controls: false })),
    /found other dialogues or speakers in train, other dialogues or speakers in dev/,
  );
});

Deno.test("every control of an ablation with context also stands without it", async () => {
  const config = parseWith(ablateConfig, {
    ...{ data, text, audio: "none", methods: { text_only: {} }, seeds: [1], epochs: 1, batch_size: 4 },
    ...{ out: `${folder}/outputs`, cache: `${folder}/cache`, name: "ablation", context: past },
  }, "the test");
  const events = await collect(ablate(config)), last = events.at(-1)!;
  ok(last.type === "result");
  deepEqual(last.results.systems.map(({ name, control }) => [name, control]), [
    ["majority", true],
    ["text_only-no-context", true],
    ["text_only", true],
  ]);
  const kept = async (cell: string) =>
    JSON.parse(await Deno.readTextFile(`${folder}/outputs/ablation/${cell}/config.json`)).context;
  deepEqual([await kept("text_only-no-context-s1"), await kept("text_only-s1")], [undefined, past]);
  const again = await collect(ablate(config));
  ok(again.every((event) => event.type !== "trained" || event.before), "the same call trains nothing anew");
});

/** Predicts rows with their context, and returns the probabilities of the row of this id. */
async function answerTo(
  id: string,
  path: string,
  given: readonly Utterance[],
  enroll?: readonly Utterance[],
): Promise<number[]> {
  const { predictions } = await infer(path, { rows: given, root: folder }, {
    enroll: enroll && { rows: enroll, root: folder },
  });
  return Object.values(predictions.find((row) => row.id === id)!.probabilities);
}
const dialogue = (split: string, name: string) =>
  rows.filter((row) => row.split === split && row.dialogue === name);
const isNear = (a: readonly number[], b: readonly number[]) => a.every((p, i) => Math.abs(p - b[i]) < 1e-5);

Deno.test("a turn that keeps only its text is context as a turn without a clip is", async () => {
  const tone = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i / 5) / 2);
  await Deno.writeFile(`${folder}/tone.wav`, wav16(tone));
  await Deno.writeTextFile(`${folder}/broken.wav`, "no sound");
  const spoken = rows.map((row) => ({ ...row, audio: "tone.wav" }));
  const path = `${folder}/spoken.csv`, all = [...columns, "audio"] as const;
  await Deno.writeTextFile(path, stringify([all, ...spoken.map((row) => all.map((c) => row[c]))]));
  for (const [i, context] of [past, states].entries()) {
    await collect(trainRun(
      configOf({
        ...{ name: `kept-${i}`, data: path, audio: "log-mel", method: "attention_pooling", keep_text: true },
        ...{ context, epochs: 1 },
      }),
      { controls: false },
    ));
    const run = `${folder}/outputs/kept-${i}`, id = "dev-a-10";
    const with9 = (change: Partial<Utterance>) =>
      dialogue("dev", "a").map((row) => ({ ...row, audio: "tone.wav", ...row.turn === 9 && change }));
    const broken = await answerTo(id, run, with9({ audio: "broken.wav" }));
    ok(isNear(broken, await answerTo(id, run, with9({ audio: undefined }))), `${i}`);
    const other = await answerTo(id, run, with9({ audio: "broken.wav", text: "no" }));
    ok(!isNear(broken, other), "its text is read");
  }
});

Deno.test("enrolled rows are read in their own dialogues", async () => {
  const config = configOf({ name: "enrolled", context: past, normalize: { text: "speaker:transductive" } });
  await collect(trainRun(config, { controls: false }));
  const run = `${folder}/outputs/enrolled`, own = rows.filter(({ split }) => split === "dev");
  const id = "dev-b-10";
  const whole = await answerTo(id, run, own);
  ok(isNear(await answerTo(id, run, own, own), whole), "all rows of the speakers are enrolled");
  ok(isNear(await answerTo(id, run, own, own.toReversed()), whole));
  const lone = own.map((row) => ({ ...row, dialogue: undefined }));
  ok(!isNear(await answerTo(id, run, own, lone), whole), "states without context have other statistics");
});

Deno.test("what can't read dialogues is refused in a sentence, and what reads no text is told", async () => {
  await rejects(
    collect(trainRun(configOf({ name: "no", text: "use-lite", context: past }))),
    /Expected a text encoder that reads turns divided by its tokenizer's separator/,
  );
  throws(
    () => planRun(configOf({ context: states, train: ["text", "head"] })),
    /Expected a frozen text encoder for --context.states .* --context.past/,
  );
  const plan = planRun(configOf({ method: "audio_only", audio: "log-mel", context: past }));
  equal(plan.config.context, undefined);
  deepEqual(plan.notes, ["audio_only reads no text, so it reads no turns around it."]);
  await rejects(
    exportModel(`${folder}/outputs/way-0`, { to: `${folder}/model.onnx` }),
    /Expected a model that reads single utterances but found one that reads the dialogue/,
  );
});
