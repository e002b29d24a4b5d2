/** Every key of an adapter_config.json is followed, changes no state, or is refused by name. */
import { UndertoneError } from "../../errors.ts";
import { deepEqual, equal, ok, throws } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { adapterConfig, scaleOf } from "./config.ts";

const read = (name: string) =>
  JSON.parse(Deno.readTextFileSync(`${fixture(`encoders/${name}`)}/adapter_config.json`));
const plain = read("adapters/plain");
const refusal = (changes: unknown): string => {
  try {
    adapterConfig(changes, "here");
  } catch (error) {
    ok(error instanceof UndertoneError, `${error}`);
    return error.message;
  }
  return "";
};

Deno.test("what peft 0.14 and later versions write is read", () => {
  const { r, lora_alpha, target_modules, use_dora, rank_pattern, peft_version } = adapterConfig(
    plain,
    "here",
  );
  deepEqual([r, lora_alpha, target_modules, use_dora, rank_pattern], [2, 5, ["query", "value"], false, {}]);
  equal(peft_version, undefined);
  equal(adapterConfig(read("tiny-bert-lora"), "here").peft_version, "0.21.2");
  for (const start of [true, false, "gaussian", "eva", "orthogonal", "pissa", "olora", "OLoRA"]) {
    adapterConfig({ ...plain, init_lora_weights: start }, "here");
  }
  // Keys that older versions did not write yet.
  const { peft_type, base_model_name_or_path, target_modules: targets } = plain;
  adapterConfig({ peft_type, base_model_name_or_path, target_modules: targets, r: 8, lora_alpha: 8 }, "here");
});

Deno.test("an unsupported kind of adapter is refused, never with the advice to edit its configuration", () => {
  const merge =
    /Merge it into its model with peft \(merge_and_unload\), save that model, and use its folder\.$/;
  const fetch = /The file is damaged or was edited: fetch or save the adapter again\.$/;
  for (
    const [changes, found, todo] of [
      [{ peft_type: "IA3" }, 'found peft_type "IA3", which is not supported at here', merge],
      [
        { peft_type: "PREFIX_TUNING" },
        "which is not supported",
        /Such an adapter changes no weight and can't be merged: choose another one\.$/,
      ],
      [{ peft_type: undefined }, "found no peft_type at here", merge],
      [{ init_lora_weights: "loftq" }, 'found init_lora_weights "loftq", which is not at here', merge],
      [{ init_lora_weights: "corda" }, 'found init_lora_weights "corda"', merge],
      [
        { init_lora_weights: "pissa_niter_4" },
        "which took a random part",
        /path_initial_model_for_weight_conversion/,
      ],
      [{ layer_replication: [[0, 2], [1, 3]] }, "found layer_replication [[0,2],[1,3]], which is not", merge],
      [{ megatron_config: { x: 1 } }, 'found megatron_config {"x":1}', merge],
      [{ trainable_token_indices: [3] }, "found trainable_token_indices [3]", merge],
      [{ target_parameters: ["x"] }, 'found target_parameters ["x"]', merge],
      [{ use_qalora: true }, "found use_qalora true", merge],
      [{ alora_invocation_tokens: [1] }, "found alora_invocation_tokens [1]", merge],
      [{ a_key_of_tomorrow: 0 }, "found a_key_of_tomorrow 0", merge],
      [{ lora_bias: true, use_dora: true }, "found lora_bias together with use_dora", merge],
      [{ r: 0 }, "found r 0 at here", fetch],
      [{ r: 2.5 }, "found r 2.5 at here", fetch],
      [{ lora_alpha: undefined }, "found lora_alpha missing at here", fetch],
      [{ target_modules: null }, "found target_modules null at here", fetch],
      [{ bias: "some" }, 'found bias "some" at here', fetch],
      [{ rank_pattern: { query: "x" } }, 'found rank_pattern {"query":"x"} at here', fetch],
    ] as [Record<string, unknown>, string, RegExp][]
  ) {
    const message = refusal(JSON.parse(JSON.stringify({ ...plain, ...changes })));
    ok(message.includes(found) && todo.test(message), message);
    ok(!message.includes("Change the value"), message);
  }
  for (const json of [null, [], 3, "x"]) throws(() => adapterConfig(json, "here"), /Expected/);
});

Deno.test("keys without a value and keys that only training reads are ignored", () => {
  const empty = {
    x: null,
    y: false,
    z: {},
    layer_replication: [],
    use_qalora: false,
    target_parameters: null,
  };
  const training = { lora_dropout: 0.3, task_type: "SEQ_CLS", eva_config: { rho: 2 }, qalora_group_size: 16 };
  const { lora_dropout: _, ...read } = adapterConfig({ ...plain, ...empty, ...training }, "here");
  const { lora_dropout: __, ...wanted } = adapterConfig(plain, "here");
  deepEqual(read, wanted);
});

Deno.test("a change counts alpha / r, or alpha / √r", () => {
  equal(scaleOf(16, 4, { use_rslora: false }), 4);
  equal(scaleOf(16, 4, { use_rslora: true }), 8);
});
