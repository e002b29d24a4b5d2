import { deepEqual, throws } from "../testing/assert.ts";
import {
  freezePlan,
  groupsOf,
  phasesFor,
  phasesOf,
  requirePossible,
  trainedEncoders,
  withoutEncoders,
} from "./plan.ts";

const names = [
  "text_pool.score.weight",
  "head.0.weight",
  "text.embeddings.weight",
  "text.layer.0.weight",
  "text.layer.10.weight",
  "audio.conv.weight",
];
const plan = (...freeze: { train: string[]; except?: string[] }[]) => ({
  train: ["head"],
  freeze: freeze.map((phase) => ({ epochs: 1, ...phase })),
});
const trained = (phases: ReturnType<typeof plan>) =>
  freezePlan(phasesOf(phases), {}, names).map(({ train }) => train);

Deno.test("'head' selects all parameters outside the encoders, and prefixes match whole segments", () => {
  const head = ["text_pool.score.weight", "head.0.weight"];
  deepEqual(freezePlan(phasesOf({ train: ["head"], freeze: [] }), {}, names), [{ epochs: 1, train: head }]);
  deepEqual(trained(plan({ train: ["text", "head"] }, { train: ["head.0"] }, { train: ["text.layer.10"] })), [
    [...head, "text.embeddings.weight", "text.layer.0.weight", "text.layer.10.weight"],
    ["head.0.weight"],
    ["text.layer.10.weight"],
  ]);
  throws(() => trained(plan({ train: ["text.layer.1"] })), /found 'text\.layer\.1' at --train or --freeze/);
});

Deno.test("excepted prefixes are frozen, and each phase needs a trainable parameter", () => {
  deepEqual(trained(plan({ train: ["text"], except: ["text.embeddings", "head"] })), [
    ["text.layer.0.weight", "text.layer.10.weight"],
  ]);
  throws(
    () => trained(plan({ train: ["head"], except: ["head"] })),
    /Expected a phase with trainable parameters but found none under head/,
  );
  throws(
    () => trained(plan({ train: ["haed"] })),
    /found 'haed' at --train or --freeze\. Did you mean 'head'\?/,
  );
  throws(() => trained(plan({ train: ["text"], except: ["txet"] })), /found 'txet'.*Did you mean 'text'\?/);
});

Deno.test("prefixes show which encoders train in some phase", () => {
  deepEqual(trainedEncoders([{ epochs: 1, train: ["head"] }]), []);
  deepEqual(trainedEncoders([{ epochs: 1, train: ["audio.conv", "text_pool"] }]), ["audio"]);
  deepEqual(
    trainedEncoders(plan({ train: ["head"] }, { train: ["audio"] }, { train: ["text.layer.1"] }).freeze),
    [
      "text",
      "audio",
    ],
  );
});

Deno.test("prefixes of absent encoders are removed, and the head trains if nothing else is left", () => {
  deepEqual(
    withoutEncoders(plan({ train: ["audio"] }, { train: ["text", "audio"], except: ["audio.conv"] }), [
      "audio",
    ]),
    plan({ train: ["head"] }, { train: ["text"] }),
  );
  deepEqual(withoutEncoders({ train: ["audio", "head"], freeze: [] }, ["text", "audio"]).train, ["head"]);
});

Deno.test("the plan for one modality keeps its encoder, and its head replaces the other parts", () => {
  const phases = plan(
    { train: ["text", "audio"], except: ["audio.conv", "text.embeddings"] },
    { train: ["audio_pool", "text.layer.0"] },
    { train: ["audio"] },
  );
  deepEqual(phasesFor("text", phases.freeze), [
    { epochs: 1, train: ["text"], except: ["text.embeddings"] },
    { epochs: 1, train: ["text.layer.0", "head"] },
    { epochs: 1, train: ["head"] },
  ]);
});

Deno.test("encoders have their own learning rate; --train and --freeze exclude each other", () => {
  const rates = { lr: 1e-3, encoder_lr: 2e-5, weight_decay: 0.1 };
  deepEqual(groupsOf(rates, names).map(({ prefix, lr }) => [prefix, lr]), [
    ["", 1e-3],
    ["text", 2e-5],
    ["audio", 2e-5],
  ]);
  deepEqual(groupsOf(rates, ["classifier.weight"]).length, 1);
  throws(
    () => requirePossible({ ...plan({ train: ["head"] }), train: ["text"], text: "hf:x", audio: "none" }),
    /either --train or phases .* found both/,
  );
});

Deno.test("'txt' means text, also while no parameter is the text encoder's", () => {
  const head = names.filter((name) => !/^(text|audio)\./.test(name));
  const told = (prefix: string) => () => freezePlan([{ epochs: 1, train: [prefix, "head"] }], {}, head);
  throws(told("txt"), /found 'txt' at --train or --freeze\. Did you mean 'text'\?/);
  throws(told("adio"), /Did you mean 'audio'\?/);
});
