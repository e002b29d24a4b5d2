import { deepEqual, equal } from "../testing/assert.ts";
import { check, readFlags } from "../../tasks/cli/flags.ts";
import { parseWith } from "../schema.ts";
import { commandLine, trainArgs } from "./command.ts";
import { type TrainConfig, trainConfig } from "./train.ts";

const configOf = (values: Record<string, unknown>) =>
  parseWith(trainConfig, values, "the test") as unknown as TrainConfig;

Deno.test("only what differs from the defaults becomes a flag", () => {
  deepEqual(trainArgs(configOf({})), []);
  deepEqual(
    trainArgs(configOf({ loss: "cross_entropy", select: "macro_f1", name: "x", out: "y", cache: "z" })),
    [],
  );
  deepEqual(trainArgs(configOf({ select: "ccc" }), "values"), []);
  deepEqual(trainArgs(configOf({ data: "my data", keep_text: true, batch_size: 8, seed: 2 })), [
    "--data=my data",
    "--seed=2",
    "--batch-size=8",
    "--keep-text",
  ]);
});

Deno.test("the flags are read back as the same configuration", () => {
  const all: Record<string, unknown>[] = [
    { method: "memocmt", options: { width: 8, heads: 2 } },
    { options: { note: "8", on: true, off: "true" } },
    { columns: { text: "sentence", audio: "1" }, pattern: "{speaker}_{label}" },
    { labels: { map: { excited: "happy", oth: null, "a b": "c" }, only: ["happy", "sad, or so"] } },
    { labels: { map: "meld-7" } },
    { train: ["head", "text.encoder"], lora: { r: 4 }, context: { past: 3, speakers: true } },
    { freeze: [{ epochs: 2, train: ["text", "head"], except: ["text.embeddings"] }] },
    { augment: { noise: 20, speed: [0.9, 1.1], "my-own": 1 }, use: ["a.ts", "b, c.ts"] },
    { normalize: { audio: "speaker:causal" }, protocol: "kfold:5:7", fold: 2, threads: 2 },
    { normalize: "none", text: "none", audio: "log-mel", device: "cpu", clip: 0, lr: 3e-5, target: "labels" },
  ];
  for (const values of all) {
    const config = configOf(values), args = trainArgs(config);
    deepEqual(check(trainConfig, readFlags(trainConfig, args)), { ...config } as unknown, args.join(" "));
  }
});

Deno.test("words are quoted for a shell where they need it", () => {
  equal(
    commandLine("train", ["--data=a/b.csv", "--pattern={a}_{b}", "--use=it's.ts"]),
    "deno task train --data=a/b.csv '--pattern={a}_{b}' '--use=it'\\''s.ts'",
  );
});
