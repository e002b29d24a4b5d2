/** A run's event files hold what its events say, once, also after a stop. */
import protobuf from "protobufjs/minimal.js";
import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { testPython } from "../../testing/python.ts";
import { crc32c, encode, record } from "./event_file.ts";
import { readEvents } from "../results.ts";
import { resumeRun } from "../resume.ts";
import { type RunFolder, runFolder } from "../run_folder.ts";
import { collect, smallConfig, smallData } from "../testing.ts";
import { trainRun } from "../train.ts";
import { scalarsOf } from "./tracker.ts";

const data = await smallData({ train: 12, dev: 6, test: 6 });
const config = (name: string, track?: "tensorboard") =>
  smallConfig(data, { name, track, method: "text_only", audio: "none", epochs: 3 });

/** Trains a run, stops it in its second epoch, and resumes it. */
async function stoppedRun(): Promise<RunFolder> {
  const stop = new AbortController();
  for await (
    const event of trainRun(config("tracked", "tensorboard"), { signal: stop.signal, controls: false })
  ) {
    if (event.type === "step" && event.step === 5) stop.abort(); // an epoch has 3 steps
  }
  const folder = runFolder(`${data}/outputs/tracked`);
  await addKilled(folder);
  await collect(resumeRun(folder.path, { controls: false }));
  return folder;
}
/** Adds what a run writes that is killed after its checkpoint: a step, and a part of a record. */
async function addKilled(folder: RunFolder): Promise<void> {
  const [name] = filesOf(folder), values = { "train/loss": 99 };
  const lost = record(encode({ kind: "scalars", values }, 6, 0));
  const cut = record(encode({ kind: "scalars", values }, 7, 0)).subarray(0, 20);
  for (const bytes of [lost, cut]) await Deno.writeFile(folder.file(name), bytes, { append: true });
  const line = JSON.stringify({ type: "step", epoch: 1, step: 6, loss: 99 });
  await Deno.writeTextFile(folder.events, line + "\n", { append: true });
}

const filesOf = ({ path }: RunFolder): string[] =>
  [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) => name.includes("tfevents")).sort();

const folder = await stoppedRun(), events = await readEvents(folder);

/** Scalars by tag: value by step, as 32-bit numbers. */
type Scalars = Record<string, Record<number, number>>;

/** What TensorBoard must show: of a step that occurs twice, the last. */
function expected(): Scalars {
  const scalars: Scalars = {};
  for (const event of events) {
    for (const [tag, value] of Object.entries(scalarsOf(event))) {
      (scalars[tag] ??= {})[(event as { step: number }).step] = Math.fround(value);
    }
  }
  return scalars;
}

type Message = Record<number, unknown[]>;

/** Reads the fields of a protocol buffer. */
function fieldsOf(bytes: Uint8Array): Message {
  const reader = protobuf.Reader.create(bytes), fields: Message = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32(), wire = tag & 7;
    const value = wire === 0
      ? Number(reader.int64())
      : wire === 1
      ? reader.double()
      : wire === 5
      ? reader.float()
      : new Uint8Array(reader.bytes());
    (fields[tag >>> 3] ??= []).push(value);
  }
  return fields;
}

const child = (message: Message, field: number): Message => fieldsOf(message[field][0] as Uint8Array);
const textOf = (bytes: unknown): string => new TextDecoder().decode(bytes as Uint8Array);

/** Reads the files as TensorBoard does: a start drops what earlier files hold from its step on. */
function read(): { scalars: Scalars; images: string[] } {
  const scalars: Scalars = {}, images: string[] = [];
  for (const name of filesOf(folder)) {
    const bytes = Deno.readFileSync(folder.file(name));
    for (let at = 0; at < bytes.length;) {
      const length = Number(new DataView(bytes.buffer, at).getBigUint64(0, true));
      if (at + length + 16 > bytes.length) break; // the part of a record
      const data = bytes.slice(at + 12, at + 12 + length);
      deepEqual(bytes.slice(at, at + length + 16), record(data)); // the checksums
      at += length + 16;
      const event = fieldsOf(data), step = (event[2]?.[0] ?? 0) as number;
      if (event[7]) {
        for (const values of Object.values(scalars)) {
          for (const each of Object.keys(values).map(Number)) if (each >= step) delete values[each];
        }
      }
      if (!event[5]) continue;
      for (const value of child(event, 5)[1].map((each) => fieldsOf(each as Uint8Array))) {
        const tag = textOf(value[1][0]);
        if (value[4]) images.push(tag);
        else (scalars[tag] ??= {})[step] = value[2][0] as number;
      }
    }
  }
  return { scalars, images };
}

Deno.test("a stopped and resumed run has two event files, whose scalars are those of its events", () => {
  equal(filesOf(folder).length, 2);
  const { scalars, images } = read();
  deepEqual(scalars, expected());
  deepEqual(Object.keys(scalars["train/loss"]), ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  deepEqual(Object.keys(scalars["dev/macro_f1"]), ["3", "6", "9"]);
  deepEqual(images, ["figures/confusion.dev", "figures/curves"]);
});

Deno.test("tracking changes no weight and no answer, and a run without it has no event file", async () => {
  await collect(trainRun(config("plain"), { controls: false }));
  const plain = runFolder(`${data}/outputs/plain`);
  ok([...Deno.readDirSync(plain.path)].every(({ name }) => !name.includes("tfevents")));
  const weights = async ({ best }: RunFolder) => {
    const bytes = await Deno.readFile(best), view = new DataView(bytes.buffer);
    return crc32c(bytes.subarray(8 + Number(view.getBigUint64(0, true)))); // behind the header
  };
  equal(await weights(plain), await weights(folder));
  const answers = ({ predictions }: RunFolder) => Deno.readTextFile(predictions("dev"));
  equal(await answers(plain), await answers(folder));
});

testWith(
  ["time", "TensorBoard"],
  "TensorBoard reads the same scalars, and images of their size",
  async () => {
    const code = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator, IMAGES, SCALARS
read = EventAccumulator(sys.argv[1], size_guidance={SCALARS: 0, IMAGES: 0}).Reload()
scalars = {tag: {e.step: e.value for e in read.Scalars(tag)} for tag in read.Tags()["scalars"]}
counts = {tag: len(read.Scalars(tag)) for tag in read.Tags()["scalars"]}
images = {tag: [[e.step, e.width, e.height] for e in read.Images(tag)] for tag in read.Tags()["images"]}
print(json.dumps([scalars, counts, images]))`;
    const { stdout, stderr, success } = await new Deno.Command(testPython(), {
      args: ["-c", code, folder.path],
    })
      .output();
    ok(success, new TextDecoder().decode(stderr));
    const [scalars, counts, images] = JSON.parse(new TextDecoder().decode(stdout));
    deepEqual(scalars, expected());
    equal(counts["train/loss"], 9);
    deepEqual(Object.keys(images).sort(), ["figures/confusion.dev", "figures/curves"]);
    for (const [[step, width, height]] of Object.values(images) as number[][][]) {
      equal(step, 9);
      ok(width > 300 && height > 200);
    }
  },
);
