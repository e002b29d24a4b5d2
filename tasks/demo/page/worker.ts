/** The thread that loads the model and predicts, so that the page stays responsive. */
import type * as Runtime from "onnxruntime-node";
import type { ExportAbout } from "../../../lib/export/mod.ts";
import { type Answer, type Opened, predictor, type Utterance } from "./predictor.ts";
import type { PageFacts } from "../facts.ts";

/** What the page sends: an utterance. */
export interface Question extends Utterance {
  id: number;
}

/** What the thread sends: progress of loading in bytes, that it is ready, an answer, or why there is none. */
export type Told =
  | { kind: "loading"; loaded: number; total: number }
  | { kind: "ready" }
  | { kind: "answer"; id: number; answer: Answer; seconds: number }
  | { kind: "refused"; id?: number; message: string };

const tell = (told: Told) => postMessage(told);
const place = (name: string) => new URL(name, import.meta.url).href;

async function fetched(name: string): Promise<Response> {
  const response = await fetch(place(name));
  if (response.ok) return response;
  throw new Error(
    `The file ${name} beside this page can't be read (${response.status}). Build the page again.`,
  );
}

/** Returns the bytes of a file, and tells how many have come. */
async function bytesOf(name: string, onBytes: (count: number) => void): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [], reader = (await fetched(name)).body!.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    onBytes(part.value.length);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function open(): Promise<ReturnType<typeof predictor>> {
  const json = async (name: string) => await (await fetched(name)).json();
  const [facts, about]: [PageFacts, ExportAbout] = [await json("page.json"), await json("model.json")];
  const { model, runtime, library } = facts.files, total = facts.bytes;
  let loaded = 0;
  const onBytes = (count: number) => tell({ kind: "loading", loaded: loaded += count, total });
  const [weights, wasm] = [await bytesOf(model, onBytes), await bytesOf(runtime, onBytes)];
  const { env, InferenceSession, Tensor } = await import(place(library)) as typeof Runtime;
  // One thread: more would need the server to send headers that isolate the page.
  Object.assign(env.wasm, { numThreads: 1, wasmBinary: wasm.buffer });
  const session = await InferenceSession.create(weights, { executionProviders: ["wasm"] });
  const tensor: Opened["tensor"] = (type, data, shape) => new Tensor(type, data as Float32Array, shape);
  const tokens = about.encoders.text && await json("tokenizer.json");
  return predictor({ session, tensor, about, tokens, keepText: facts.keepText });
}

const opened = open();
opened.then(
  () => tell({ kind: "ready" }),
  (error) => tell({ kind: "refused", message: `The model can't be loaded: ${error.message}` }),
);

let last: Promise<void> = Promise.resolve(); // questions wait for each other
addEventListener("message", ({ data }: MessageEvent<Question>) => {
  const { id, ...utterance } = data;
  last = last.then(async () => {
    try {
      const predict = await opened, start = performance.now();
      const answer = await predict(utterance);
      tell({ kind: "answer", id, answer, seconds: (performance.now() - start) / 1000 });
    } catch (error) {
      tell({ kind: "refused", id, message: (error as Error).message });
    }
  });
});
