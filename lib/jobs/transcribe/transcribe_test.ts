import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { loadDataset } from "../../data/mod.ts";
import { transcribe, type TranscribeEvent, type TranscribeOptions } from "./transcribe.ts";

const whisper = `hf-onnx:${fixture("transcription/tiny-whisper")}`;
const speech = "pcm16_16k_mono.wav", silent = "dirty_silent.wav", broken = "dirty_text_renamed.wav";

const ROWS = `id,split,text,audio,label,speaker,take
heard,train,,clips/${speech},joy,ann,7
same,train,,clips/${speech},anger,ben,8
written,train,As people wrote it.,clips/${speech},joy,ann,9
still,dev,,clips/${silent},joy,ann,10
bad,dev,,clips/${broken},anger,ben,11
gone,test,,clips/none.wav,joy,ann,12
words,test,"=1+1, only words",,anger,ben,13
`;

/** Makes a data set in a folder of its own, which the test removes. */
async function data(rows = ROWS): Promise<AsyncDisposable & { path: string; folder: string }> {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/clips`);
  for (const clip of [speech, silent, broken]) {
    await Deno.copyFile(fixture(`audio/${clip}`), `${folder}/clips/${clip}`);
  }
  await Deno.writeTextFile(`${folder}/data.csv`, rows);
  return {
    path: `${folder}/data.csv`,
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

type Written = Extract<TranscribeEvent, { type: "written" }>;
type Started = Extract<TranscribeEvent, { type: "started" }>;

async function run(path: string, options: Partial<TranscribeOptions> & { output: string }) {
  const events = await Array.fromAsync(transcribe(path, { model: whisper, language: "en", ...options }));
  const find = <T>(type: string) => events.find((event) => event.type === type) as T;
  return { events, started: find<Started>("started"), written: find<Written>("written") };
}

const lines = async (path: string) => (await Deno.readTextFile(path)).trimEnd().split("\n");

Deno.test("clips without text get the model's words, and the manifest says so; all else stays", async () => {
  await using made = await data();
  const output = `${made.folder}/sub/heard.csv`;
  const { started, written } = await run(made.path, { output });
  deepEqual([started.rows, started.wanted, started.clips, started.kept], [7, 5, 3, 0]);
  deepEqual([written.transcribed, written.silent, written.wordless], [2, ["still"], []]);
  deepEqual(written.failed.map(({ id }) => id), ["gone", "bad"]);
  match(written.failed[0].reason, /clip missing/);

  const [header, first, second, ...others] = await lines(output);
  equal(header, "id,split,text,audio,label,speaker,text_source,take");
  const { text, segments, ids } = JSON.parse((await lines(written.record))[1]);
  ok(text.length > 0);
  const cell = /[",]/.test(text) ? `"${text}"` : text;
  const said = (id: string, label: string, rest: string, take: number) =>
    `${id},train,${cell},../clips/${speech},${label},${rest},machine:tiny-whisper,${take}`;
  deepEqual([first, second], [said("heard", "joy", "ann", 7), said("same", "anger", "ben", 8)]);
  deepEqual(others, [
    `written,train,As people wrote it.,../clips/${speech},joy,ann,,9`,
    `still,dev,,../clips/${silent},joy,ann,,10`,
    `bad,dev,,../clips/${broken},anger,ben,,11`,
    "gone,test,,../clips/none.wav,joy,ann,,12",
    'words,test,"=1+1, only words",,anger,ben,,13',
  ]);
  deepEqual(ids, ["heard", "same"]);
  ok(segments.length > 0);
  for (const { start, end } of segments) ok(0 <= start && start <= end && end <= 1.2);
  equal(segments.map((segment: { text: string }) => segment.text).join(" ").replaceAll(" ,", ","), text);

  const dataset = await loadDataset(output);
  deepEqual(
    dataset.rows.map(({ id, textSource }) => [id, textSource]),
    [
      ["heard", "machine:tiny-whisper"],
      ["same", "machine:tiny-whisper"],
      ["written", undefined],
      ["still", undefined],
      ["bad", undefined],
      ["words", undefined],
    ],
  );
  ok(
    dataset.notes.includes("2 of 4 texts are a machine's, by text_source: 'machine:tiny-whisper'."),
    dataset.notes.join("\n"),
  );
});

Deno.test("a run that was stopped goes on where it was, and a clip that has changed is heard again", async () => {
  await using made = await data();
  const output = `${made.folder}/heard.csv`, stop = new AbortController();
  const partial = async () => {
    for await (
      const { type } of transcribe(made.path, { model: whisper, language: "en", output, signal: stop.signal })
    ) if (type === "clip") stop.abort();
  };
  await rejects(partial(), /abort/i);
  equal(await Deno.stat(output).catch(() => undefined), undefined);
  const record = `${made.folder}/heard.segments.jsonl`;
  equal((await lines(record)).length, 2);
  await Deno.writeTextFile(record, '{"audio": "cut o', { append: true });
  const { started, events } = await run(made.path, { output });
  equal(started.kept, 1);
  equal(events.filter(({ type }) => type === "clip").length, 1);
  const once = await Deno.readTextFile(output);

  const fresh = await run(made.path, { output: `${made.folder}/other.csv` });
  equal(fresh.started.kept, 0);
  equal(await Deno.readTextFile(fresh.written.manifest), once);

  await Deno.utime(`${made.folder}/clips/${speech}`, 1, 1);
  equal((await run(made.path, { output })).started.kept, 1);
});

Deno.test("other words beside the manifest are kept unless they may be replaced", async () => {
  await using made = await data();
  const output = `${made.folder}/heard.csv`;
  await run(made.path, { output });
  await rejects(
    run(made.path, { output, language: "de" }),
    /Expected transcripts by tiny-whisper in de but found some by tiny-whisper in en at .*--overwrite/,
  );
  equal((await run(made.path, { output, language: "de", overwrite: true })).started.kept, 0);
  await Deno.writeTextFile(`${made.folder}/mine.segments.jsonl`, "my notes\n");
  await rejects(
    run(made.path, { output: `${made.folder}/mine.csv` }),
    /found another file at .*mine\.segments/,
  );
  equal(await Deno.readTextFile(`${made.folder}/mine.segments.jsonl`), "my notes\n");
});

Deno.test("with all, the model's words replace those of people", async () => {
  await using made = await data(ROWS.split("\n").filter((row) => !/^(bad|gone)/.test(row)).join("\n"));
  const { written } = await run(made.path, { output: `${made.folder}/all.csv`, all: true });
  equal(written.transcribed, 3);
  ok(!(await Deno.readTextFile(written.manifest)).includes("As people wrote it."));
});

Deno.test("data without rows, another kind of model, and a model that is not there are told", async () => {
  await using empty = await data("id,label,audio\n");
  await using made = await data();
  await rejects(
    run(empty.path, { output: `${empty.folder}/none.csv` }),
    /Expected rows that can be written down but found none at .*data\.csv/,
  );
  await rejects(
    run(made.path, { output: made.path, overwrite: true }),
    /found the data's own at .*data\.csv/,
  );
  equal(await Deno.readTextFile(made.path), ROWS);
  await rejects(
    run(made.path, { output: `${made.folder}/x.csv`, model: "models/whisper" }),
    /Expected hf-onnx: .*Write hf-onnx:models\/whisper\./,
  );
  await rejects(
    run(made.path, { output: `${made.folder}/x.csv`, model: "hf-onnx:no/model-of-this-name" }),
    /no\/model-of-this-name.*models add/,
  );
});
