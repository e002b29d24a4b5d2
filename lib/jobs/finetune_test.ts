/**
 * Runs with encoders in the model: they learn from raw text and
 * audio, resume to the same bytes, and need no encoder folder.
 */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, useEngine } from "../compute/mod.ts";
import { readAdapter, speechEncoder, textEncoder } from "../encoders/mod.ts";
import { encodeSafetensors, readSafetensors } from "../files/mod.ts";
import { deepEqual, equal, notDeepEqual, ok, rejects } from "../testing/assert.ts";
import { parseWith } from "../schema.ts";
import { isLong } from "../testing/amount.ts";
import { testWith } from "../testing/needs.ts";
import { tinySpeechFolder, tinyTextFolder } from "../testing/tiny_encoders.ts";
import type { TrainConfig } from "../config/train.ts";
import { ablate } from "./ablation/ablate.ts";
import { ablateConfig } from "../config/ablation.ts";
import { evaluate } from "./evaluate.ts";
import { infer } from "./infer.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { resumeRun } from "./resume.ts";
import { trainRun } from "./train.ts";

const data = await smallData({ train: 12, dev: 4, test: 4 });
const text = `hf:${await tinyTextFolder()}`;
const audio = `hf:${await tinySpeechFolder("tiny-wav2vec2", {
  apply_spec_augment: true,
  mask_time_length: 4,
})}`;

await useEngine();

const config = (name: string, changes: Partial<TrainConfig> = {}) =>
  smallConfig(data, {
    name,
    text,
    audio,
    train: ["text", "audio", "head"],
    encoder_lr: 1e-3,
    lr: 5e-3,
    max_audio_length: 48,
    ...changes,
  });
const train = (name: string, changes: Partial<TrainConfig> = {}) =>
  collect(trainRun(config(name, changes), { controls: false }));
const weights = async (name: string, which: "last" | "best" = "last") =>
  (await readSafetensors(runFolder(`${data}/outputs/${name}`)[which])).tensors;

for (const method of ["attention_pooling", "early_fusion", "fine_grained", "memocmt"]) {
  const isQuick = ["attention_pooling", "fine_grained"].includes(method); // one that pools, one that attends
  testWith(
    isQuick ? [] : "time",
    `${method} learns with both encoders from raw inputs; steps replay without fallbacks or leaks`,
    async () => {
      const options = method === "fine_grained" || method === "memocmt" ? { width: 8, heads: 2 } : {};
      const first = await train(`${method}-first`, { method, options, epochs: 1 }); // allocates what is kept
      ok(first.some((event) => event.type === "stopped" && event.compiles! > 0 && event.compileSeconds! > 0));
      const live = tf.memory().numTensors;
      currentEngine().resetStats();
      const events = await train(method, { method, options, epochs: 8, warmup: 0 });
      equal(tf.memory().numTensors, live);
      const { fallbacks, compiles } = currentEngine().stats();
      deepEqual(fallbacks, {});
      ok(compiles < 40, `${compiles} graphs`);
      const stopped = events.find((event) => event.type === "stopped")!;
      equal(stopped.compiles, compiles); // scoring dev at the end compiles nothing new
      const losses = events.flatMap((event) => event.type === "epoch" ? [event.trainLoss] : []);
      ok(losses.every(Number.isFinite) && losses.at(-1)! < losses[0] - 0.05, `${losses}`);
    },
  );
}

/** Counts the kernels that TensorFlow.js runs between events of this type. */
async function kernelsBetween(run: ReturnType<typeof trainRun>, type: string): Promise<number[]> {
  const engine = tf.engine(), { runKernel } = engine, counts: number[] = [];
  let count = 0;
  engine.runKernel = (...call) => (count++, runKernel.apply(engine, call) as never);
  try {
    for await (const event of run) {
      if (event.type === type) counts.push(count);
    }
  } finally {
    engine.runKernel = runKernel;
  }
  return counts.map((total, i) => total - (counts[i - 1] ?? 0));
}

Deno.test("from the third time on, a step of both encoders and the head is replayed", async () => {
  const run = trainRun(config("replayed", { epochs: 6, batch_size: 12 }), { controls: false });
  const [first, second, ...later] = await kernelsBetween(run, "epoch");
  ok(first > 500 && second > 500);
  deepEqual(later, [0, 0, 0, 0]);
});

Deno.test("frozen parts have no gradients and are computed only once", async () => {
  const nodes = async (name: string, train: string[], changes: Partial<TrainConfig> = {}) => {
    const run = trainRun(config(name, { epochs: 2, batch_size: 12, train, ...changes }), { controls: false });
    return (await kernelsBetween(run, "epoch"))[1]; // the first also computes states of frozen encoders
  };
  const all = await nodes("all", ["text", "audio", "head"]);
  const top = await nodes("top", ["text.encoder.layer.2", "audio.encoder.layers.2", "head"]);
  const textAlone = await nodes("text-alone", ["text", "head"]);
  const head = await nodes("head", ["head"]);
  ok(top < 0.8 * all && textAlone < 0.6 * all && head < 0.2 * all, `${[all, top, textAlone, head]}`);
  const before = await weights("all"), after = await weights("top");
  deepEqual(
    after["text.encoder.layer.1.output.dense.weight"],
    (await initial("text"))["encoder.layer.1.output.dense.weight"],
  );
  notDeepEqual(
    before["text.encoder.layer.1.output.dense.weight"],
    after["text.encoder.layer.1.output.dense.weight"],
  );
  notDeepEqual(
    after["text.encoder.layer.2.output.dense.weight"],
    (await initial("text"))["encoder.layer.2.output.dense.weight"],
  );
  ok(
    !("text.embeddings.LayerNorm.weight" in await weights("head")),
    "an encoder that never trains is not in the model",
  );
});

const initial = async (modality: "text" | "audio") =>
  (await readSafetensors(`${(modality === "text" ? text : audio).slice(3)}/model.safetensors`)).tensors;

const PHASES: TrainConfig["freeze"] = [
  { epochs: 1, train: ["head"] },
  { epochs: 2, train: ["text", "audio.encoder", "head"], except: ["text.embeddings"] },
  { epochs: 1, train: ["audio", "head"] },
  { epochs: 1, train: ["head"] },
];

Deno.test("phases freeze and unfreeze encoders; a run stopped anywhere resumes to the same bytes", async () => {
  const phases = (name: string) => config(name, { epochs: 5, freeze: PHASES, train: ["head"] });
  const events = await collect(trainRun(phases("unbroken"), { controls: false }));
  const steps = events.filter((event) => event.type === "step").length;
  equal(steps, 15);
  const bytes = async (name: string) => {
    const { tensors, metadata } = await readSafetensors(runFolder(`${data}/outputs/${name}`).last);
    return {
      tensors,
      metadata: { ...metadata, sha256: "", config: metadata.config.replace(`"${name}"`, '""') },
    };
  };
  const whole = await bytes("unbroken");
  deepEqual(
    whole.tensors["text.embeddings.LayerNorm.weight"].data,
    (await initial("text"))["embeddings.LayerNorm.weight"].data,
  );
  for (const stopAt of isLong ? [2, 3, 5, 8, 9, 11, 13] : [3, 8, 11]) {
    const name = `broken-${stopAt}`, stop = new AbortController();
    for await (const event of trainRun(phases(name), { controls: false, signal: stop.signal })) {
      if (event.type === "step" && event.step === stopAt) stop.abort();
    }
    await collect(resumeRun(`${data}/outputs/${name}`, { controls: false }));
    deepEqual(await bytes(name), whole, `stopped after step ${stopAt}`);
  }
});

Deno.test("a run with its own encoders infers and evaluates without their folders", async () => {
  const mine = await tinyTextFolder(), name = "alone";
  await train(name, { text: `hf:${mine}`, epochs: 2 });
  const path = `${data}/outputs/${name}`,
    rows = { rows: [{ id: "a", split: "test" as const, text: "oh no" }], root: data };
  const before = await infer(path, rows), scored = await evaluate(path, { split: "test" });
  await Deno.remove(mine, { recursive: true });
  const moved = `${await Deno.makeTempDir()}/best.safetensors`;
  await Deno.copyFile(runFolder(path).best, moved);
  deepEqual((await infer(moved, rows)).predictions, before.predictions);
  deepEqual((await evaluate(path, { split: "test" })).metrics, scored.metrics);
});

Deno.test("with lora only the LoRA matrices train; they resume, infer, and are saved for peft", async () => {
  const lora = { r: 2, alpha: 4, dropout: 0.1, targets: ["query", "v_proj"] };
  const stop = new AbortController(), name = "lora";
  const events = await collect(trainRun(config("lora-whole", { epochs: 2, lora }), { controls: false }));
  for await (
    const event of trainRun(config(name, { epochs: 2, lora }), { controls: false, signal: stop.signal })
  ) {
    if (event.type === "step" && event.step === 4) stop.abort();
  }
  await collect(resumeRun(`${data}/outputs/${name}`, { controls: false }));
  const trained = await weights(name), whole = await weights("lora-whole");
  deepEqual(trained, whole);
  const started = events.find((event) => event.type === "started")!;
  equal(started.trainableParameters, 2 * 3 * 2 * (24 + 24) + 2 * (24 + 1) + 48 * 7 + 7);
  ok(trained["text.encoder.layer.0.attention.self.query.lora_B.weight"].data.some((x) => x !== 0));
  const best = await weights(name, "best"),
    adapter = await readAdapter(`${data}/outputs/${name}/adapters/audio`);
  equal(Object.keys(adapter.tensors).length, 6);
  for (const key in adapter.tensors) deepEqual(adapter.tensors[key], best[`audio.${key}`]);
  const row = { rows: [{ id: "a", split: "test" as const, text: "oh no" }], root: data };
  equal((await infer(`${data}/outputs/${name}`, row)).predictions.length, 1);
  equal((await textEncoder(`hf:${data}/outputs/${name}/adapters/text`)).width, 24);
  const alone = runFolder(`${data}/outputs/lora-alone`);
  await train("lora-alone", { lora, train: ["head"], epochs: 1 });
  deepEqual(JSON.parse(await Deno.readTextFile(alone.config)).train, ["text", "audio", "head"]);
});

Deno.test("a LoRA checkpoint holds the changes and the head, and finds its model by name and fingerprint", async () => {
  const mine = await tinyTextFolder(), name = "lora-slim", path = `${data}/outputs/${name}`;
  const lora = { r: 2, alpha: 4, dropout: 0, targets: ["query", "v_proj"] };
  await train(name, { text: `hf:${mine}`, lora, epochs: 2 });
  const { last, best } = runFolder(path), { tensors, metadata } = await readSafetensors(last);
  deepEqual(JSON.parse(metadata.bases), ["text", "audio"]);
  const own = Object.keys(tensors).filter((key) => /^(text|audio|files)\./.test(key));
  equal(own.length, 2 * (3 + 3), "A and B of three layers each");
  ok(own.every((key) => /\.lora_[AB]\.weight$/.test(key)), `${own}`);

  const rows = { rows: [{ id: "a", split: "test" as const, text: "oh no" }], root: data };
  const { predictions } = await infer(path, rows), scored = await evaluate(path, { split: "dev" });
  deepEqual(scored.metrics, JSON.parse(await Deno.readTextFile(runFolder(path).metrics)).dev.metrics);
  // The same checkpoint as version 0.1 wrote it, with the weights and the files of its models.
  const whole = { ...(await readSafetensors(best)).tensors }, files: string[] = [];
  for (const [modality, id] of [["text", `hf:${mine}`], ["audio", audio]] as const) {
    const { weights, files: json } = modality === "text"
      ? (await textEncoder(id)).network!
      : (await speechEncoder(id)).network!;
    for (const key in weights) whole[`${modality}.${key}`] = weights[key];
    for (const key in json) {
      const content = new TextEncoder().encode(JSON.stringify(json[key]));
      whole[`files.${modality}.${key}`] = { shape: [content.length], data: content };
      files.push(`files.${modality}.${key}`);
    }
  }
  const { sha256: _, bases: __, ...others } = (await readSafetensors(best)).metadata,
    old = `${data}/old.safetensors`;
  await Deno.writeFile(old, encodeSafetensors(whole, { ...others, extras: JSON.stringify(files) }));
  deepEqual((await infer(old, rows)).predictions, predictions, "older checkpoints hold their models");

  const slim = await readSafetensors(best), other = `${data}/other.safetensors`;
  const changing = async (folder: string) => {
    const { sha256: _, ...about } = slim.metadata, encoders = JSON.parse(about.encoders);
    encoders.text.id = `hf:${folder}`;
    await Deno.writeFile(
      other,
      encodeSafetensors(slim.tensors, { ...about, encoders: JSON.stringify(encoders) }),
    );
    return await infer(other, rows);
  };
  await rejects(
    changing(`${data}/nowhere`),
    /Expected the model hf:\S+nowhere \([0-9a-f]{16}\), which the LoRA matrices .* none that can be read/,
  );
  const twin = await tinyTextFolder(), weights = await readSafetensors(`${twin}/model.safetensors`);
  const [first] = Object.keys(weights.tensors), { data: values, shape } = weights.tensors[first];
  const moved = { shape, data: (values as Float32Array).map((x, i) => i === 0 ? x + 1 : x) };
  deepEqual((await changing(await tinyTextFolder())).predictions, predictions, "the model may move");
  await Deno.writeFile(
    `${twin}/model.safetensors`,
    encodeSafetensors({ ...weights.tensors, [first]: moved }, weights.metadata),
  );
  await rejects(changing(twin), /Expected the text encoder hf:\S+ \([0-9a-f]{16}\) but found hf:\S+ \(/);
  deepEqual((await infer(path, rows)).predictions, predictions);
});

Deno.test("with gradient checkpointing layers are computed twice, and the numbers are the same", async () => {
  const wavlm = `hf:${await tinySpeechFolder("tiny-wavlm", { layerdrop: 0.3 })}`;
  for (
    const [name, changes] of Object.entries({
      plain: {},
      changes: { lora: { r: 2, alpha: 4, dropout: 0.2, targets: ["value", "v_proj"] } },
    })
  ) {
    const nodes: number[] = [];
    for (const gradient_checkpointing of [false, true]) {
      currentEngine().resetStats();
      await train(`${name}-${gradient_checkpointing}`, {
        audio: wavlm,
        epochs: 2,
        warmup: 0,
        gradient_checkpointing,
        ...changes,
      });
      deepEqual(currentEngine().stats().fallbacks, {});
      nodes.push(currentEngine().stats().nodes);
    }
    ok(nodes[1] > 1.1 * nodes[0], `${nodes}`);
    const kept = await weights(`${name}-false`), twice = await weights(`${name}-true`);
    for (const key in kept) {
      if (/optimizer|key\.bias|k_proj\.bias|score\.bias/.test(key)) continue;
      const data = twice[key].data as Float32Array, wanted = kept[key].data;
      const most = data.reduce((most, x, i) => Math.max(most, Math.abs(x - wanted[i])), 0);
      ok(most < 2e-4, `${key}: ${most}`);
    }
  }
});

Deno.test("a weighted sum of layers trains with a frozen encoder, at the head's rate", async () => {
  await train("weighted", {
    method: "text_only",
    text: `${text}#all`,
    train: ["head", "text.layer_weights"],
    epochs: 2,
    weight_decay: 0,
  });
  const trained = await weights("weighted"), layers = trained["text.layer_weights"].data;
  equal(layers.length, 4);
  ok(layers.every((x) => x !== 0 && Math.abs(x) > 1e-3), `${layers}`);
  const { "encoder.layer.0.output.dense.weight": before } = await initial("text");
  deepEqual(trained["text.encoder.layer.0.output.dense.weight"].data, before.data);
});

Deno.test("the text-only control trains the text encoder as the run does", async () => {
  const events = await collect(
    trainRun(config("floored", { epochs: 2, freeze: PHASES.slice(1), train: ["head"] })),
  );
  const started = events.flatMap((event) =>
    event.type === "control" && event.event.type === "started" ? event.event : []
  );
  const { tensors } = await readSafetensors(runFolder(`${data}/outputs/floored`).last);
  const size = (prefix: string) =>
    Object.entries(tensors).filter(([name]) => name.startsWith(prefix))
      .reduce((sum, [, { data }]) => sum + data.length, 0);
  const head = 24 * 7 + 7;
  equal(started.length, 1);
  equal(started[0].parameters, size("text.") + head);
  equal(started[0].trainableParameters, size("text.") - size("text.embeddings.") + head);
});

Deno.test("an ablation compares a trained encoder with a frozen one, controls included", async () => {
  const { data: source, cache, out } = config("x");
  const ablation = parseWith(ablateConfig, {
    data: source,
    cache,
    out,
    text,
    audio,
    name: "ablation",
    epochs: 1,
    batch_size: 4,
    max_audio_length: 48,
    seeds: [1],
    train: ["text", "head"],
    methods: { attention_pooling: {}, frozen: { method: "attention_pooling", train: ["head"] } },
  }, "the test");
  const last = (await collect(ablate(ablation))).at(-1)!;
  ok(last.type === "result" && last.results.systems.length === 5);
  const inside = async (cell: string) =>
    Object.keys(await weights(`ablation/${cell}-s1`, "best")).some((name) => name.startsWith("text."));
  deepEqual(
    await Promise.all(["attention_pooling", "frozen", "text_only", "audio_only"].map(inside)),
    [true, false, true, false],
  );
});

Deno.test("an encoder that can't be trained is refused before any work", async () => {
  await rejects(
    train("refused", { text: "use-lite" }),
    /Expected a text encoder that can be trained \(hf:<folder>\) but found 'use-lite'/,
  );
});
