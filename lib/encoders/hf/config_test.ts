import { deepEqual, equal, throws } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { textArchitecture } from "./config.ts";

const given = JSON.parse(await Deno.readTextFile(`${fixture("encoders/tiny-bert")}/config.json`));

/** Reads the architecture of the config with these changes, as if from a file. */
const read = (changes: Record<string, unknown>) =>
  textArchitecture(JSON.parse(JSON.stringify({ ...given, ...changes })), "config.json");

Deno.test("keys absent from a config have the reference's defaults", () => {
  const absent = {
    hidden_act: undefined,
    layer_norm_eps: undefined,
    type_vocab_size: undefined,
    pad_token_id: undefined,
  };
  const { family, config } = read(absent);
  equal(family.id, "bert");
  deepEqual(
    [config.layer_norm_eps, config.type_vocab_size, config.pad_token_id, config.hidden_size],
    [1e-12, 2, 0, 24],
  );
  equal(read({ ...absent, model_type: "roberta" }).config.pad_token_id, 1);
});

const refused: [Record<string, unknown>, RegExp][] = [
  [
    { model_type: "gpt2" },
    /Expected a text encoder of the architectures bert, roberta, xlm-roberta, camembert, distilbert but found .*'gpt2'/,
  ],
  [{ model_type: null }, /Expected a string but found null at model_type/],
  [
    { hidden_act: "silu" },
    /found "silu" at hidden_act \(config\.json\)\. The weights .*: choose another model\.$/,
  ],
  [{ position_embedding_type: "relative_key" }, /found "relative_key" at position_embedding_type/],
  [{ is_decoder: true }, /Expected false but found true at is_decoder .*: choose another model\.$/],
  [{ num_attention_heads: 5 }, /found 24 for 5 heads/],
  [{ hidden_size: "wide" }, /Expected a number but found "wide" at hidden_size .*: fetch it again\.$/],
  [{ hidden_size: undefined }, /Expected a value for hidden_size but found nothing at .*: fetch it again\.$/],
  [{ hidden_size: -4 }, /Expected at least 1 but found -4 at hidden_size/],
  [
    { num_hidden_layers: 1e9 },
    /Expected at most 1000 but found 1000000000 at num_hidden_layers .*: fetch it again\.$/,
  ],
];
for (const [changes, message] of refused) {
  Deno.test(`a config with ${JSON.stringify(changes)} is refused`, () => {
    throws(() => read(changes), message);
  });
}

Deno.test("DistilBERT's own keys are read, and refused by their own names", () => {
  const own = JSON.parse(Deno.readTextFileSync(`${fixture("encoders/tiny-distilbert")}/config.json`));
  const { config } = textArchitecture(
    { ...own, activation: undefined, pad_token_id: undefined },
    "config.json",
  );
  deepEqual(
    [
      config.hidden_size,
      config.num_hidden_layers,
      config.hidden_act,
      config.type_vocab_size,
      config.pad_token_id,
    ],
    [24, 3, "gelu", 0, 0],
  );
  throws(() => textArchitecture({ ...own, dim: -1 }, "config.json"), /dim/);
  throws(() => textArchitecture({ ...own, n_heads: 5 }, "config.json"), /that the number of heads divides/);
});
