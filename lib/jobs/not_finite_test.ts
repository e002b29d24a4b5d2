/** Values that are not finite never become an answer, from diverging training to damaged weights. */
import { existsSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { textEncoder } from "../encoders/mod.ts";
import { encodeSafetensors, readSafetensors } from "../files/safetensors.ts";
import { firstNotFinite } from "../finite.ts";
import { loadClassifier } from "../model/mod.ts";
import { equal, match, ok, rejects } from "../testing/assert.ts";
import { fixture } from "../testing/shared.ts";
import { tinyTextFolder } from "../testing/tiny_encoders.ts";
import type { TrainConfig } from "../config/train.ts";
import { infer } from "./infer.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();

const data = await smallData({ train: 12, dev: 6, test: 4 });

/** Returns the error of a training, and its folder. */
async function train(name: string, changes: Partial<TrainConfig>) {
  const config = smallConfig(data, { name, audio: "log-mel", warmup: 0, ...changes });
  const told = await collect(trainRun(config, { controls: false })).then(
    () => "",
    (error: Error) => error.message,
  );
  return { told, folder: runFolder(`${data}/outputs/${name}`) };
}

Deno.test("a huge learning rate is refused, and no checkpoint is left or mentioned", async () => {
  const { told, folder } = await train("steep", { lr: 1e38, epochs: 1, batch_size: 1000 });
  match(told, /^Expected finite .* but found .*/);
  ok(!told.includes("checkpoint"), told);
  ok(!existsSync(folder.best) && !existsSync(folder.last));
});

for (const lr of [1e10, 1e20]) {
  Deno.test(`every checkpoint that a learning rate of ${lr} leaves is sound`, async () => {
    const { folder } = await train(`rate-${lr}`, { lr, epochs: 3 });
    for (const path of [folder.best, folder.last].filter(existsSync)) {
      const { tensors } = await readSafetensors(path);
      for (const [name, { data }] of Object.entries(tensors)) equal(firstNotFinite(data), -1, name);
    }
  });
}

Deno.test("finite weights whose logits overflow throw the name of the row", async () => {
  const { tensors, metadata } = await readSafetensors(
    fixture("runs/v0.1/frozen/checkpoints/best.safetensors"),
  );
  tensors["classifier.weight"].data = tensors["classifier.weight"].data.map(() => 3e38);
  const path = `${data}/huge.safetensors`;
  await Deno.writeFile(path, encodeSafetensors(tensors, metadata));
  const row = { id: "mine", split: "test" as const, text: "You did what?" };
  const live = tf.memory().numTensors;
  await rejects(
    infer(path, { rows: [row], root: "" }),
    /Expected finite logits but found -?(NaN|Infinity) for \w+ at row 'mine'/,
  );
  equal(tf.memory().numTensors, live, "tensors leak");
});

Deno.test("a NaN in an encoder's weights is refused by name", async () => {
  const folder = await tinyTextFolder(), path = `${folder}/model.safetensors`;
  const { tensors } = await readSafetensors(path), name = "encoder.layer.1.output.dense.bias";
  tensors[name].data = tensors[name].data.map((value, i) => i === 3 ? NaN : value);
  await Deno.writeFile(path, encodeSafetensors(tensors));
  await rejects(
    textEncoder(`hf:${folder}`),
    /found NaN at position 3 of 'encoder\.layer\.1\.output\.dense\.bias' at .*\. The file is damaged/,
  );
});

Deno.test("a checkpoint must have exactly the tensors of its model", async () => {
  const good = await readSafetensors(fixture("runs/v0.1/frozen/checkpoints/last.safetensors"));
  const path = `${data}/changed.safetensors`;
  const refused = async (expected: RegExp, tensors: typeof good.tensors, metadata = good.metadata) => {
    await Deno.writeFile(path, encodeSafetensors(tensors, metadata));
    await rejects(loadClassifier(path), expected);
  };
  for (const name of Object.keys(good.tensors)) {
    const { [name]: _, ...rest } = good.tensors;
    await refused(new RegExp(`'?${name.replaceAll(".", "\\.")}'?`), rest);
    const { data, shape } = good.tensors[name];
    await refused(/\w/, { ...good.tensors, [`${name}x`]: { data, shape } });
    if (data instanceof Float32Array) {
      await refused(/found -Infinity at position 0 of/, {
        ...good.tensors,
        [name]: { shape, data: data.map((value, i) => i ? value : -Infinity) },
      });
    }
  }
  const extras = good.metadata.extras.replace('"standardizer.text.mean",', "");
  const { "standardizer.text.mean": _, ...rest } = good.tensors;
  await refused(/found missing standardizer\.text\.mean at/, rest, { ...good.metadata, extras });
  const std = { shape: [160], data: new Float32Array(160) };
  await refused(/Expected deviations above 0 but found 0 at position 0 of 'standardizer\.audio\.std'/, {
    ...good.tensors,
    "standardizer.audio.std": std,
  });
});

Deno.test("contradictory metadata of a checkpoint is refused before anything is built", async () => {
  const good = await readSafetensors(fixture("runs/v0.1/frozen/checkpoints/best.safetensors"));
  const path = `${data}/claims.safetensors`;
  const refused = async (expected: RegExp, changes: Record<string, unknown>) => {
    const metadata = { ...good.metadata };
    for (const key in changes) metadata[key] = JSON.stringify(changes[key]);
    await Deno.writeFile(path, encodeSafetensors(good.tensors, metadata));
    const began = performance.now();
    await rejects(loadClassifier(path), expected);
    ok(performance.now() - began < 1000);
  };
  const [sizes, encoders, labels, config] = ["sizes", "encoders", "labels", "config"].map((key) =>
    JSON.parse(good.metadata[key])
  );
  const wide = { ...encoders, text: { ...encoders.text, width: 1e9 } };
  await refused(/Expected the sizes of its labels and encoders/, { sizes: { ...sizes, text: 1e9 } });
  await refused(/misshaped .*text_pool\.score\.weight \[1,512\] for \[1,1000000000\]/, {
    sizes: { ...sizes, text: 1e9 },
    encoders: wide,
  });
  await refused(/Expected the sizes/, { labels: labels.slice(1) });
  await refused(/Expected names of classes, each once/, { labels: labels.map(() => "joy") });
  await refused(/Expected the method that its configuration names, "attention_pooling",/, {
    method: "late_fusion",
  });
  const method = "memocmt",
    options = { aggregation: "min", width: 1e9, heads: 1, hidden: 1e9, dropout: 0, input_dropout: 0 };
  await refused(/found (missing |1000000000 at width)/, {
    method,
    options,
    config: { ...config, method, options },
  });
  await refused(/Expected the options of its configuration/, { options: { dropout: 0.5, input_dropout: 0 } });
  await refused(/unexpected .*standardizer\.text\.mean/, { config: { ...config, normalize: "none" } });
});
