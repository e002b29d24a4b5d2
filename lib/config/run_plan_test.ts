import { registerFusionMethod } from "../fusion/mod.ts";
import { fusionMethod } from "../fusion/registry.ts";
import { deepEqual, equal, throws } from "../testing/assert.ts";
import { planFor, planRun } from "./run_plan.ts";
import { type TrainConfig, trainConfig } from "./train.ts";

const config = (changes: Partial<TrainConfig> = {}): TrainConfig => trainConfig.parse(changes);
const hf = { text: "hf:some/bert", audio: "hf:some/wav2vec2" };

Deno.test("a plan names what the method reads, and which of its encoders start frozen or train", () => {
  const freeze = [{ epochs: 1, train: ["head"] }, { epochs: 1, train: ["text", "head"] }];
  const { config: kept, encoders, phases, method, higherIsBetter } = planFor(
    planRun(config({ ...hf, freeze })),
    "class",
  );
  deepEqual(encoders, {
    text: { name: hf.text, startsFrozen: true, trains: true },
    audio: { name: hf.audio, startsFrozen: true, trains: false },
  });
  deepEqual(phases, freeze);
  deepEqual([method.id, higherIsBetter, kept.audio], ["attention_pooling", true, hf.audio]);
  const chosen = { method: "text_only", train: ["text", "audio"], select: "loss" };
  const alone = planFor(planRun(config({ ...hf, ...chosen })), "class");
  deepEqual(alone.encoders, { text: { name: hf.text, startsFrozen: false, trains: true } });
  deepEqual([alone.config.audio, alone.config.train, alone.higherIsBetter], ["none", ["text"], false]);
});

Deno.test("wrong names are refused before any work, with the nearest name", () => {
  const refused = (changes: Partial<TrainConfig>, message: RegExp) =>
    throws(() => planRun(config(changes)), message);
  refused({ method: "memocnt" }, /Did you mean memocmt\?/);
  refused({ text: "use-lit" }, /found 'use-lit' .*Did you mean 'use-lite'\?/);
  refused({ audio: "prosody+log-mell" }, /found 'log-mell' .*Did you mean 'log-mel'\?/);
  refused({ loss: "cross_entrpy" }, /cross_entropy/);
  refused({ select: "macro_f2" }, /macro_f1/);
  refused(
    { select: "f1" },
    /Choose one for your kind of target: accuracy, weighted_f1, .*\(class\); .*kl.*\(distribution\); /,
  );
  refused({ select: "f1", target: "values" }, /kind of target: (?!.*macro_f1).*ccc.* \(values\)\.$/);
  refused({ select: "macro_f2", target: "values" }, /kind of target: .* \(values\)\.$/);
  refused({ options: { widht: 3 } }, /options/);
});

Deno.test("augmentation is kept for what the method reads, and refused where encoders or targets do not fit", () => {
  const augment = { noise: 10, word_dropout: 0.1, modality_dropout: 0.3, copies: 2 };
  const of = (method: string) => planRun(config({ method, augment })).config.augment;
  deepEqual(of("attention_pooling"), augment);
  deepEqual(of("text_only"), { word_dropout: 0.1, copies: 2 });
  deepEqual(of("audio_only"), { noise: 10, copies: 2 });
  deepEqual(planRun(config({ method: "text_only", augment: { noise: 10, copies: 2 } })).config.augment, {});
  deepEqual(planRun(config()).augmenting.chosen, []);
  deepEqual(planRun(config()).notes, []);
  const mixed = planRun(config({ augment: { mixup: 0.2 } })),
    even = planRun(config({ sampling: "balanced" }));
  for (const kind of ["class", "distribution", "labels"] as const) planFor(mixed, kind);
  throws(() => planFor(mixed, "values"), /for --augment\.mixup but found continuous values/);
  planFor(even, "class");
  throws(() => planFor(even, "labels"), /'class' for --sampling balanced but found the kind 'labels'/);
});

Deno.test("a kept configuration plans the same run again, even without the encoders' entries", () => {
  const given = config({ ...hf, method: "audio_only", train: ["text", "head"], lora: lora() });
  const { config: kept } = planRun(given);
  deepEqual(planRun(kept, { kept: true }).config, kept);
  equal(planRun({ ...kept, audio: "gone:away" }, { kept: true }).encoders.audio!.name, "gone:away");
});

Deno.test("the plan keeps the method that its name meant, whatever is registered later", () => {
  registerFusionMethod({ ...fusionMethod("text_only"), id: "replaced" });
  const before = planRun(config({ method: "replaced" })).method;
  registerFusionMethod({ ...fusionMethod("early_fusion"), id: "replaced" }, { replace: true });
  deepEqual([before.modalities, fusionMethod("replaced").modalities], [["text"], ["text", "audio"]]);
});

Deno.test("lora alone trains every encoder that can be trained, and the head, and says so", () => {
  const trained = (changes: Partial<TrainConfig>) => planRun(config({ lora: lora(), ...changes }));
  const { config: { train }, notes } = trained(hf);
  deepEqual(train, ["text", "audio", "head"]);
  deepEqual(notes, ["With lora, the low-rank changes and the head train: --train text,audio,head."]);
  deepEqual(trained({ text: hf.text }).config.train, ["text", "head"]);
  deepEqual(trained({ text: hf.text, audio: "hf:a+prosody" }).config.train, ["text", "head"]);
  deepEqual(trained({ ...hf, train: ["audio", "head"] }).config.train, ["audio", "head"]);
  deepEqual(trained({ ...hf, train: ["audio", "head"] }).notes, []);
  throws(
    () => trained({}),
    /text use-lite and speech acoustic@2, which can't be trained.*--text hf:<folder>/,
  );
  const freeze = [{ epochs: 1, train: ["head"] }];
  throws(() => trained({ ...hf, freeze }), /Expected an encoder that trains with lora but found phases/);
});

function lora() {
  return { r: 2, alpha: 4, dropout: 0, targets: ["query"] };
}
