import { deepEqual, equal, throws } from "../../../testing/assert.ts";
import { fixture } from "../../../testing/shared.ts";
import { isWhisper, speechArchitecture } from "./config.ts";

const given = JSON.parse(await Deno.readTextFile(`${fixture("encoders/tiny-wav2vec2")}/config.json`));

const read = (json: Record<string, unknown>) => speechArchitecture(json, "config.json");

Deno.test("keys absent from a config have the reference's defaults", () => {
  const { model_type, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size } = given;
  const bare = {
    model_type,
    hidden_size: 2 * hidden_size,
    num_hidden_layers,
    num_attention_heads,
    intermediate_size,
  };
  const { family, config } = read(bare);
  equal(family.id, "wav2vec2");
  deepEqual(config.conv_kernel, [10, 3, 3, 3, 3, 2, 2]);
  deepEqual(config.conv_stride, [5, 2, 2, 2, 2, 2, 2]);
  deepEqual(
    [config.feat_extract_norm, config.do_stable_layer_norm, config.layerdrop, config.mask_time_prob],
    ["group", false, 0.1, 0.05],
  );
  equal(read({ ...bare, model_type: "hubert" }).family.id, "hubert");
  const { config: { num_buckets, max_bucket_distance } } = read({ ...bare, model_type: "wavlm" });
  deepEqual([num_buckets, max_bucket_distance], [320, 800]);
  const { config: data2vec } = read({ ...bare, model_type: "data2vec-audio" });
  deepEqual([data2vec.num_conv_pos_embeddings, data2vec.conv_pos_kernel_size], [5, 19]);
  deepEqual([data2vec.feat_extract_norm, data2vec.do_stable_layer_norm], ["layer", false]);
});

Deno.test("Whisper is told from the other architectures, and an unknown one is refused with the names of all", () => {
  equal(isWhisper({ model_type: "whisper" }, "config.json"), true);
  equal(isWhisper(given, "config.json"), false);
  throws(
    () => isWhisper({ model_type: "bert" }, "config.json"),
    /wav2vec2, hubert, wavlm, unispeech, unispeech-sat, data2vec-audio, whisper but found model_type 'bert'/,
  );
});

const refused: [Record<string, unknown>, RegExp][] = [
  [
    { model_type: "bert" },
    /the architectures wav2vec2, hubert, wavlm, unispeech, unispeech-sat, data2vec-audio.* but .*'bert'/,
  ],
  [{ hidden_act: "silu" }, /found "silu" at hidden_act .*: choose another model\.$/],
  [{ feat_extract_activation: "silu" }, /found "silu" at feat_extract_activation/],
  [{ feat_extract_norm: "batch" }, /Expected one of group, layer but found "batch" at feat_extract_norm/],
  [{ add_adapter: true }, /Expected false but found true at add_adapter .*: choose another model\.$/],
  [{ adapter_attn_dim: 16 }, /Expected null but found 16 at adapter_attn_dim .*: choose another model\.$/],
  [{ conv_pos_batch_norm: true }, /found true at conv_pos_batch_norm/],
  [{ num_attention_heads: 5 }, /found 24 for 5 heads/],
  [{ num_conv_pos_embedding_groups: 7 }, /found 24 for 7 groups/],
  [{ num_hidden_layers: 1e7 }, /Expected at most 1000 but found 10000000/],
  [{ max_bucket_distance: 1e9 }, /Expected at most 100000/],
  [{ model_type: "data2vec-audio", num_conv_pos_embeddings: 1e9 }, /Expected at most 1000/],
  [{ conv_stride: [5, 2] }, /found lists of 3 and 2 at/],
  [{ conv_dim: [5, 2] }, /found lists of 2 and 3 at/],
  [{ conv_stride: [1e9, 1, 1] }, /found 1000000000 samples apart, .* fetch it again\.$/],
];
for (const [changes, message] of refused) {
  Deno.test(`a speech config with ${JSON.stringify(changes)} is refused`, () => {
    throws(() => read({ ...given, ...changes }), message);
  });
}
