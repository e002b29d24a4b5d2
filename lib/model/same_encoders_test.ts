import { doesNotThrow, throws } from "../testing/assert.ts";
import { requireSameEncoders } from "./saving.ts";

const trained = { encoders: { text: { id: "hf:minilm", fingerprint: "old", width: 4 } } };

Deno.test("a changed encoder is refused; if an earlier version read inputs differently, the message says so", () => {
  const id = "hf:minilm",
    refused = (text: Parameters<typeof requireSameEncoders>[1]["text"]) => () =>
      requireSameEncoders(trained, { text }, "run");
  doesNotThrow(refused({ id, fingerprint: "old" }));
  throws(refused(undefined), /Expected the text encoder hf:minilm \(old\) but found none/);
  throws(
    refused({ id, fingerprint: "new" }),
    /found hf:minilm \(new\).* Its weights or preprocessing changed since training/,
  );
  const formerly = {
    fingerprint: "old",
    did: "cut texts at the 9 tokens that tokenizer.json was saved with",
  };
  throws(
    refused({ id, fingerprint: "new", formerly }),
    /The version that trained it cut texts at the 9 tokens that tokenizer\.json was saved with, and this one does/,
  );
  throws(
    refused({ id, fingerprint: "newer", formerly: { ...formerly, fingerprint: "other" } }),
    /changed since/,
  );
});
