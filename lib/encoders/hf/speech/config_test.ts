import { deepEqual, equal, rejects } from "../../../testing/assert.ts";
import { fixture } from "../../../testing/shared.ts";
import { readSpeechConfig } from "./config.ts";

const given = JSON.parse(await Deno.readTextFile(`${fixture("encoders/tiny-wav2vec2")}/config.json`));

async function read(json: Record<string, unknown>) {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(json));
  return readSpeechConfig(folder);
}

Deno.test("what a config leaves out has the reference's defaults", async () => {
  const { model_type, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size } = given;
  const bare = {
    model_type,
    hidden_size: 2 * hidden_size,
    num_hidden_layers,
    num_attention_heads,
    intermediate_size,
  };
  const { family, config } = await read(bare);
  equal(family.id, "wav2vec2");
  deepEqual(config.conv_kernel, [10, 3, 3, 3, 3, 2, 2]);
  deepEqual(config.conv_stride, [5, 2, 2, 2, 2, 2, 2]);
  deepEqual(
    [config.feat_extract_norm, config.do_stable_layer_norm, config.layerdrop, config.mask_time_prob],
    ["group", false, 0.1, 0.05],
  );
  equal((await read({ ...bare, model_type: "hubert" })).family.id, "hubert");
  const { config: { num_buckets, max_bucket_distance } } = await read({ ...bare, model_type: "wavlm" });
  deepEqual([num_buckets, max_bucket_distance], [320, 800]);
});

const refused: [Record<string, unknown>, RegExp][] = [
  [
    { model_type: "bert" },
    /Expected a speech encoder of the architectures wav2vec2, hubert, wavlm but .*'bert'/,
  ],
  [{ hidden_act: "relu" }, /found "relu" at hidden_act/],
  [{ feat_extract_norm: "batch" }, /Expected one of group, layer but found "batch" at feat_extract_norm/],
  [{ add_adapter: true }, /found true at add_adapter/],
  [{ adapter_attn_dim: 16 }, /found 16 at adapter_attn_dim/],
  [{ conv_pos_batch_norm: true }, /found true at conv_pos_batch_norm/],
  [{ num_attention_heads: 5 }, /found 24 for 5 heads/],
  [{ num_conv_pos_embedding_groups: 7 }, /found 24 for 7 groups/],
  [{ conv_stride: [5, 2] }, /found lists of 3, 3, 2 at/],
];
for (const [changes, message] of refused) {
  Deno.test(`a speech config with ${JSON.stringify(changes)} is refused in a sentence`, async () => {
    await rejects(read({ ...given, ...changes }), message);
  });
}
