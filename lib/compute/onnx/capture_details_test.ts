/**
 * UNDERTONE_DEBUG=capture reports that a step is captured, or names the number, constant or tensor that
 * prevents it.
 */
import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, match } from "../../testing/assert.ts";
import { listening } from "../debug.ts";
import { type Feed, type Step, useEngine } from "../mod.ts";
import { capture, type Drawing, drawing } from "../testing.ts";
import { traceStep } from "./trace.ts";

const feed: Feed = { x: { data: Float32Array.of(1, 2), shape: [2] } };

/** Runs a step three times on an engine and returns the logged lines. */
async function told(step: Step<Drawing>, engine = "onnx"): Promise<string[]> {
  await useEngine({ engine });
  const captured = capture(step);
  try {
    return await listening(["capture"], async () => {
      for (let i = 0; i < 3; i++) await captured.run(feed, drawing(i));
    });
  } finally {
    captured.dispose();
  }
}

const called = (reason: string) => `capture: step on true x:2: called each time, because ${reason}`;
const recorded = "capture: step on true x:2: recorded; captured if the next call is the same";

Deno.test("a captured step says so once", async () => {
  deepEqual(await told(({ x }) => ({ y: tf.neg(x) })), [recorded, "capture: step on true x:2: captured"]);
});

Deno.test("a read is reported with its tensor, operator and place in the source", async () => {
  const [line, ...others] = await told(({ x }) => ({ y: tf.mul(x, tf.exp(x).dataSync()[0]) }));
  match(
    line,
    /called each time, because it reads numbers while it runs: float32 \[2\] of Exp at .*capture_details_test\.ts:\d+/,
  );
  deepEqual(others, []);
});

Deno.test("a constant that changes is reported with its reader and both numbers", async () => {
  let call = 0;
  deepEqual(await told(({ x }) => ({ y: tf.add(tf.neg(x), tf.tensor1d([7, ++call])) })), [
    recorded,
    called("a constant in it changes from call to call: float32 [2], read by Add: entry 1 is 1 and then 2"),
  ]);
});

Deno.test("a kept tensor is reported with the operator that computed it", async () => {
  const kept: tf.Tensor[] = [];
  deepEqual(await told(({ x }) => (kept.push(tf.keep(tf.exp(x))), { y: tf.neg(x) })), [
    called("it keeps a tensor that is not an output: float32 [2], the result of Exp"),
  ]);
  tf.dispose(kept);
});

Deno.test("a graph that changes is reported with its first different node", async () => {
  let call = 0;
  deepEqual(await told(({ x }) => ({ y: tf.neg(call++ % 2 ? tf.exp(x) : tf.abs(x)) })), [
    recorded,
    called("two calls with inputs of the same shapes computed different graphs: node 1 is Abs and then Exp"),
  ]);
});

Deno.test("an engine that records no steps says so once", async () => {
  deepEqual(await told(({ x }) => ({ y: tf.neg(x) }), "cpu"), ["capture: the engine cpu can't record steps"]);
});

Deno.test("a step that can't be traced is reported with the tensor that it reads", async () => {
  await useEngine({ engine: "onnx" });
  let message = "";
  await listening(["capture"], () => {
    try {
      traceStep(({ x }) => ({ y: tf.mul(x, tf.exp(x).dataSync()[0]) }), feed, {});
    } catch (error) {
      message = (error as Error).message;
    }
  });
  match(message, /can't be written as one graph: float32 \[2\] of Exp at .*capture_details_test\.ts/);
});
