/** `release` of a frozen encoder while it encodes: the running calls finish first, then memory is freed. */
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession } from "onnxruntime-node";
import { useEngine } from "../compute/mod.ts";
import { deepEqual, equal } from "../testing/assert.ts";
import { tinyTextFolder } from "../testing/tiny_encoders.ts";
import { afterUse } from "./after_use.ts";
import type { FrozenEncoder, NetworkEncoder } from "./encoder.ts";
import { readTextEncoder } from "./hf/text_encoder.ts";
import { frozenEncoder } from "./network.ts";

await useEngine();
const network: NetworkEncoder<string> = await readTextEncoder(await tinyTextFolder()) as never;
const texts = Array.from({ length: 60 }, (_, i) => "one two three ".repeat(1 + i % 9)); // of several passes

/** Returns how many sessions are open after `run` that were not before. */
async function sessionsLeft(run: () => Promise<void>): Promise<number> {
  const { create } = InferenceSession;
  let left = 0;
  InferenceSession.create = (async (...given: Parameters<typeof create>) => {
    const session = await create(...given), { release } = session;
    left++;
    session.release = () => (left--, release.call(session));
    return session;
  }) as typeof create;
  try {
    await run();
  } finally {
    InferenceSession.create = create;
  }
  return left;
}

const encoders: [how: string, make: () => FrozenEncoder<string>][] = [
  ["by operations", () => frozenEncoder(network)],
  ["by a graph", () => frozenEncoder(network, { graphFrom: 0 })],
];
for (const [how, make] of encoders) {
  Deno.test(`release while an encoder computes ${how} waits for the running calls`, async () => {
    const live = tf.memory().numTensors, encoder = make();
    const left = await sessionsLeft(async () => {
      const expected = await encoder.encode(texts);
      const running = encoder.encode(texts);
      encoder.release!();
      const other = encoder.encode(texts.slice(0, 2));
      await Promise.resolve();
      encoder.release!();
      deepEqual(await running, expected);
      deepEqual((await other).map(({ length }) => length), expected.slice(0, 2).map(({ length }) => length));
      await new Promise((done) => setTimeout(done)); // sessions end after the last call
    });
    deepEqual([left, tf.memory().numTensors], [0, live]);
    deepEqual((await encoder.encode(texts.slice(0, 1)))[0].width, network.width, "it can be used again");
    encoder.release!();
  });
}

Deno.test("a call by operations goes on when the next one begins to use a graph", async () => {
  const plain = frozenEncoder(network), expected = await plain.encode(texts);
  plain.release!();
  const { rowOf, statesOf } = network.preprocess, live = tf.memory().numTensors;
  const states = texts.reduce((sum, text) => sum + statesOf(rowOf(text)), 0);
  const encoder = frozenEncoder(network, { graphFrom: states + 1 });
  const running = encoder.encode(texts), next = encoder.encode(texts);
  deepEqual(await running, expected);
  equal((await next).length, texts.length);
  equal(tf.memory().numTensors, live, "only the graph holds the weights");
  encoder.release!();
});

Deno.test("what is released ends once, when its last call ends or fails", async () => {
  let ends = 0;
  const use = afterUse(() => ends++);
  use.release();
  equal(ends, 1);
  const calls = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const results = Promise.allSettled(calls.map(({ promise }) => use.during(() => promise)));
  use.release();
  use.release();
  calls[0].resolve(3);
  await calls[0].promise;
  equal(ends, 1);
  calls[1].reject(new Error("no"));
  deepEqual((await results).map(({ status }) => status), ["fulfilled", "rejected"]);
  equal(ends, 2);
  await use.during(() => Promise.resolve(0));
  equal(ends, 2, "only a release ends it");
});
