import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { useEngine } from "../compute/mod.ts";
import { badInput } from "../errors.ts";
import { dropoutKeys } from "../nn/mod.ts";
import { equal, throws } from "../testing/assert.ts";
import { applyMethod } from "./apply.ts";
import type { FusionInput, FusionMethod } from "./fusion.ts";

await useEngine({ engine: "cpu" });

const input: FusionInput = {
  text: tf.ones([2, 3, 4]),
  textMask: tf.ones([2, 3]),
  audio: tf.ones([2, 1, 1]),
  audioMask: tf.zeros([2, 1]),
};

const applied = (apply: () => unknown, classes?: number) => {
  const method = {
    id: "mine",
    summary: "Mine.",
    modalities: ["text"],
    options: z.strictObject({}),
    init: () => ({}),
    apply,
  } as unknown as FusionMethod;
  return applyMethod(method, {}, input, {}, { training: false, dropout: dropoutKeys(0, 0) }, classes);
};

Deno.test("what a head returns in place of { logits } is named", () => {
  const logits = tf.zeros([2, 3]);
  const wrong: [() => unknown, RegExp][] = [
    [() => logits, /found a tensor at apply of mine\. apply must return \{ logits \}\.$/],
    [() => ({ logit: logits }), /found an object with 'logit' at/],
    [() => Promise.resolve({ logits }), /found a promise \(apply must not be async\)/],
    [() => undefined, /found nothing at/],
    [() => [logits], /found an array of 1 at/],
    [() => ({ logits: [[0, 1, 2]] }), /found \{ logits \} that are an array of 1 at/],
  ];
  for (const [apply, message] of wrong) throws(() => applied(apply), message);
  equal(applied(() => ({ logits })).logits, logits);
});

Deno.test("logits must have a row for each utterance and a column for each class", () => {
  throws(
    () => applied(() => ({ logits: tf.zeros([2, 4]) }), 3),
    /Expected logits \[2,3\].* but found \[2,4\] at/,
  );
  throws(
    () => applied(() => ({ logits: tf.zeros([3, 3]) }), 3),
    /Expected logits \[2,3\].* but found \[3,3\] at/,
  );
  throws(() => applied(() => ({ logits: tf.zeros([3]) }), 3), /but found \[3\] at/);
});

Deno.test("an error of a built-in head is passed on as it is", () => {
  const error = badInput({ expected: "a", found: "b", at: "c", todo: "D." });
  throws(() =>
    applied(() => {
      throw error;
    }), /^UndertoneError: Expected a but found b at c\. D\.$/);
});
