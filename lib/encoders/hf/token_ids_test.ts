import { doesNotThrow, throws } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { requireTokenIds } from "./token_ids.ts";

const json = JSON.parse(Deno.readTextFileSync(fixture("tokenizers/tiny-roberta/tokenizer.json")));

Deno.test("ids of a real tokenizer are accepted; ids that are too large or invalid are named", () => {
  doesNotThrow(() => requireTokenIds(json, "tokenizer.json"));
  doesNotThrow(() => requireTokenIds({ model: { vocab: [["a", -1.5]] } }, "tokenizer.json")); // scores, no ids
  for (const id of [1e9, -1, 1.5, "7", null]) {
    const vocab = { ...json.model.vocab, extra: id }, added_tokens = [{ content: "extra", id }];
    const refused = /Expected token ids .* found .* for 'extra' at tokenizer\.json\. .*fetch it again/;
    throws(() => requireTokenIds({ ...json, model: { vocab } }, "tokenizer.json"), refused);
    throws(() => requireTokenIds({ ...json, added_tokens }, "tokenizer.json"), refused);
  }
});
