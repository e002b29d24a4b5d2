/** Tests of the encoder cases at tiny sizes. The comparison runs only if Python has PyTorch. */
import { deepEqual, equal, ok } from "../../lib/testing/assert.ts";
import { testWith } from "../../lib/testing/needs.ts";
import { testPython } from "../../lib/testing/python.ts";
import { useEngine } from "../../lib/compute/mod.ts";
import type { Case, Settings } from "./case.ts";
import { MINILM, speech, text, WAV2VEC2_BASE, withoutChance } from "./encoder_models.ts";
import type { Work } from "./encoder_work.ts";
import { finetune } from "./finetune.ts";
import { forward } from "./forward.ts";
import { measure } from "./measure.ts";
import { startPeer } from "./peer.ts";

const python = testPython();

const settings: Settings = { rounds: 1, threads: 1, rows: 1, text: "none", audio: "none", cache: "" };

const small = { hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 64 };
const words: Work = { kind: text, config: { ...MINILM, ...small }, batches: 3, rows: 4, length: 16 };
const sounds: Work = {
  kind: speech,
  config: { ...WAV2VEC2_BASE, ...small, conv_dim: Array(7).fill(16), num_conv_pos_embedding_groups: 4 },
  batches: 3,
  rows: 2,
  length: 8000,
  frozen: ["feature_extractor"],
};

const tiny: Case[] = [words, sounds].flatMap((work) => [
  finetune("finetune:tiny", "", work),
  forward("forward:tiny", "", work),
  forward("forward:tiny:q8", "", work, { eight: true }),
]);

Deno.test("PyTorch gets every row with its length, and every parameter in its shape", async () => {
  await useEngine({ threads: 1 });
  const { pytorch, unit, close } = await finetune("finetune:tiny", "", words).prepare(settings);
  const tensors = new Map(pytorch.tensors().map((tensor) => [tensor.name, tensor]));
  for (const [name, { shape, parts }] of tensors) {
    equal(parts.reduce((sum, part) => sum + part.length, 0), shape.reduce((a, b) => a * b, 1), name);
  }
  equal(unit.perRound, 3);
  deepEqual(tensors.get("param.classifier.weight")!.shape, [7, 32]);
  const lengths = [...tensors.get("lengths")!.parts[0]];
  equal(lengths.length, 12);
  ok(lengths.every((length) => length >= 1 && length <= 16));
  equal(tensors.get("rows")!.shape[0], lengths.reduce((a, b) => a + b, 0));
  close();
});

Deno.test("a configuration without randomness drops dropout and masking, and keeps the rest", () => {
  const { mask_time_prob, layer_norm_eps, conv_dim, ...rest } = withoutChance(WAV2VEC2_BASE);
  deepEqual([mask_time_prob, layer_norm_eps, conv_dim], [0.05, 1e-5, WAV2VEC2_BASE.conv_dim]);
  equal(rest.apply_spec_augment, false);
  ok(Object.entries(rest).every(([key, value]) => !key.includes("dropout") || value === 0));
});

Deno.test("checks start from the same weights each time, and rounds follow each other", async () => {
  await useEngine({ threads: 1 });
  for (const each of tiny) {
    const sides = await each.prepare(settings), first = await sides.check();
    await sides.round();
    deepEqual(await sides.check(), first, each.id);
    await sides.round();
    sides.close();
  }
});

testWith("PyTorch", {
  name: "encoders compute what PyTorch computes, in forward passes and fine-tuning steps",
  async fn() {
    await useEngine({ threads: 1 });
    const peer = await startPeer(python, { threads: 1 });
    for (const each of tiny) ok((await measure(each, settings, { peer })).ratio! > 0);
    for (const each of tiny.filter(({ id }) => id === "finetune:tiny")) {
      ok((await measure(each, { ...settings, precision: "fp16" }, { peer })).ratio! > 0);
    }
    await peer.end();
  },
});
