import { deepEqual, equal, rejects } from "../testing/assert.ts";
import { encodeSafetensors, readSafetensors } from "../files/safetensors.ts";
import { fixture } from "../testing/shared.ts";
import { type Checkpoint, loadCheckpoint, loadWeights, saveCheckpoint } from "./checkpoint.ts";

const checkpoint: Checkpoint = {
  about: {
    config: { data: "sample", lr: 0.001 },
    labels: ["anger", "joy", "überraschung"],
    encoders: {
      text: { id: "use-lite", fingerprint: "abc", width: 512 },
      audio: { id: "log-mel", fingerprint: "d", width: 80, rate: 100 },
    },
    method: "memocmt",
    options: { aggregation: "min" },
    sizes: { text: 512, audio: 80, classes: 3 },
    seed: 7,
    rows: { train: 8, dev: 2, fingerprint: "e" },
  },
  params: {
    "head.weight": { shape: [2, 2], data: Float32Array.of(1, -2, 3e-30, 4) },
    "head.bias": { shape: [2], data: Float32Array.of(0.1, 0.2) },
  },
  extras: { "standardizer.audio.mean": { shape: [2], data: Float32Array.of(5, 6) } },
  state: {
    epoch: 3,
    batch: 4,
    step: 17,
    lossSum: 0.1 + 0.2,
    lossWeight: 12.5,
    early: { best: 0.512345678901234, bestEpoch: 2, waited: 1 },
    optimizer: {
      "head.bias": { step: 9, slots: { exp_avg: Float32Array.of(1, 2), exp_avg_sq: Float32Array.of(3, 4) } },
      "head.weight": {
        step: 17,
        slots: { exp_avg: new Float32Array(4).fill(-0), exp_avg_sq: new Float32Array(4).fill(1e-38) },
      },
    },
  },
};

const folder = await Deno.makeTempDir();
const path = `${folder}/last.safetensors`;

Deno.test("a saved checkpoint loads equal, and saves to the same bytes again", async () => {
  await saveCheckpoint(path, checkpoint);
  const loaded = await loadCheckpoint(path);
  deepEqual(loaded, checkpoint);
  deepEqual(Object.keys(loaded.state!.optimizer), ["head.bias", "head.weight"]);
  await saveCheckpoint(`${folder}/again.safetensors`, loaded);
  deepEqual(await Deno.readFile(`${folder}/again.safetensors`), await Deno.readFile(path));
  const { tensors } = await readSafetensors(path);
  deepEqual(tensors["optimizer.exp_avg_sq.head.bias"], { shape: [2], data: Float32Array.of(3, 4) });
});

Deno.test("a checkpoint may hold weights without a state", async () => {
  const { state: _, ...rest } = checkpoint;
  await saveCheckpoint(path, rest);
  deepEqual(await loadCheckpoint(path), { ...rest, state: undefined });
});

Deno.test("weights are read from a checkpoint and from any safetensors file", async () => {
  await saveCheckpoint(path, checkpoint);
  deepEqual(await loadWeights(path), checkpoint.params);
  equal("param.classifier.weight" in await loadWeights(fixture("fusion/text_only.safetensors")), true);
});

Deno.test("other formats, other versions and damage are named", async () => {
  await rejects(loadCheckpoint(fixture("fusion/text_only.safetensors")), /found weights alone at .*--init/);
  await saveCheckpoint(path, checkpoint);
  const bytes = await Deno.readFile(path);
  const variant = async (change: Uint8Array, expected: RegExp) => {
    await Deno.writeFile(`${folder}/bad.safetensors`, change);
    await rejects(loadCheckpoint(`${folder}/bad.safetensors`), expected);
  };
  for (const length of [0, 100, bytes.length - 1]) {
    await variant(bytes.subarray(0, length), /Expected a safetensors file but found/);
  }
  const { tensors, metadata } = await readSafetensors(path);
  const encode = (change: Record<string, string>, extra = {}) =>
    encodeSafetensors({ ...tensors, ...extra }, { ...metadata, ...change });
  await variant(encode({ format: "undertone-checkpoint-99" }), /found format 'undertone-checkpoint-99'/);
  await variant(encode({ labels: '["anger"' }), /Expected JSON but found .* at metadata 'labels'/);
  await variant(encode({ labels: "[]" }), /labels \(.*bad\.safetensors\)/);
  await variant(encode({ trainer: '{"epoch":1}' }), /metadata 'trainer'/);
  const stray = { "optimizer.exp_avg.tail": { shape: [1], data: new Float32Array(1) } };
  await variant(encode({}, stray), /found 'optimizer\.exp_avg\.tail' of shape \[1\]/);
});

Deno.test("a changed number and a changed word are noticed, whatever they are", async () => {
  await saveCheckpoint(path, checkpoint);
  const bytes = await Deno.readFile(path), bad = `${folder}/flipped.safetensors`;
  for (const place of [bytes.length - 1, bytes.length - 20, bytes.length - 40]) {
    const flipped = bytes.slice();
    flipped[place] ^= 1;
    await Deno.writeFile(bad, flipped);
    await rejects(
      loadCheckpoint(bad),
      /content with the SHA-256 [0-9a-f]{64} but found .* was damaged or changed/,
    );
  }
  const { tensors, metadata } = await readSafetensors(path);
  const labels = JSON.stringify(["joy", "anger", "überraschung"]);
  await Deno.writeFile(bad, encodeSafetensors(tensors, { ...metadata, labels }));
  await rejects(loadCheckpoint(bad), /content with the SHA-256/);
  const { sha256: _, ...older } = metadata;
  await Deno.writeFile(bad, encodeSafetensors(tensors, older));
  deepEqual(await loadCheckpoint(bad), checkpoint, "files of version 0.1 have no digest");
});
