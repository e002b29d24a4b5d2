import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import type { Example } from "../data/mod.ts";
import { fusionMethod } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import { throws } from "../testing/assert.ts";
import { type Blueprint, newClassifier } from "./classifier.ts";

await useEngine({ engine: "cpu" });

const encoder = (id: string) => ({ id, fingerprint: "0", width: 2 });

function blueprint(name: string, given: Record<string, unknown> = {}): Blueprint {
  const method = fusionMethod(name);
  return {
    method,
    options: { ...parseWith(method.options, {}, name) as Record<string, unknown>, ...given },
    labels: ["a", "b"],
    encoders: { text: encoder("t"), audio: encoder("a") },
    maxLength: { text: 8, audio: 8 },
    seed: 1,
  };
}

const states = (...values: number[]) => ({
  data: Float32Array.from(values),
  length: values.length / 2,
  width: 2,
});

Deno.test("a head that is too large for memory is refused, with the name of its largest parameter", () => {
  throws(
    () => newClassifier(blueprint("memocmt", { width: 1e9, heads: 1 })),
    /most of them in audio_to_text\.q_proj\.weight \[1000000000,1000000000\] at the options of memocmt/,
  );
  throws(() => newClassifier(blueprint("low_rank_fusion", { rank: 1e9 })), /Expected a head of at most/);
});

Deno.test("a head's parameters may not use names that encoders or checkpoints reserve", () => {
  for (const name of ["text.weight", "audio", "optimizer.step", "files.text.x"]) {
    const { method, ...rest } = blueprint("attention_pooling");
    const init = () => ({ [name]: tf.variable(tf.zeros([1])) });
    throws(
      () => newClassifier({ ...rest, method: { ...method, init } }),
      new RegExp(`found the parameter '${name}', whose name starts with .* at init of attention_pooling`),
    );
  }
});

Deno.test("a standardiser needs hidden states, all of them finite", () => {
  const made = (audio: Example["audio"]) =>
    newClassifier({
      ...blueprint("attention_pooling"),
      scaleBy: { audio: [{ id: "r", audio }] },
    });
  for (const none of [undefined, states()]) {
    throws(() => made(none), /found none at the audio of the training rows/);
  }
  throws(() => made(states(1, NaN)), /found NaN at position 1 of 'mean' at the audio of the training rows/);
});
