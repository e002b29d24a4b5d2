/** Folders of results for tests, written by hand as the jobs write them. */
import { dirname, join } from "node:path";

/** Writes files below a folder: text as it is, anything else as JSON, an array as lines of JSON. */
export async function writeFiles(folder: string, files: Record<string, unknown>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    const text = typeof content === "string"
      ? content
      : Array.isArray(content)
      ? content.map((each) => JSON.stringify(each) + "\n").join("")
      : JSON.stringify(content);
    await Deno.writeTextFile(path, text);
  }
}

/** Classes that were scored, in the form of `metrics.json`. */
export const scores = (weighted_f1: number) => ({
  metrics: { n: 4, accuracy: 0.5, balanced_accuracy: 0.5, weighted_f1, macro_f1: 0.25, per_class: [] },
  read: [],
});

/** The end of an epoch, as an event. */
export const epoch = (number: number, weighted_f1: number, isBest: boolean) => ({
  type: "epoch",
  epoch: number,
  dev: { loss: 1, weighted_f1 },
  isBest,
});

export const ended = { type: "stopped", reason: "finished", step: 2, bestEpoch: 0, best: 0.5 };

/** The files of a finished run of two epochs; `changes` are options. */
export const finished = (changes: Record<string, unknown> = {}, weighted_f1 = 0.5) => ({
  "checkpoints/best.safetensors": "best",
  "checkpoints/last.safetensors": "last",
  "config.json": {
    data: "my/rows.csv",
    method: "early_fusion",
    text: "use-lite",
    audio: "log-mel",
    epochs: 2,
    ...changes,
  },
  "environment.json": { started: "2026-01-02T03:04:05.000Z", deno: "2.9.6", cores: 2, engine: "onnx" },
  "events.jsonl": [epoch(0, weighted_f1, true), epoch(1, 0.1, false), ended],
  "metrics.json": { dev: scores(weighted_f1) },
});
