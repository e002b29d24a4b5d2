/** Tests of the training cases. The comparison runs only if Python has PyTorch. */
import { deepEqual, equal, ok, rejects } from "../../lib/testing/assert.ts";
import { testWith } from "../../lib/testing/needs.ts";
import { testPython } from "../../lib/testing/python.ts";
import { useEngine } from "../../lib/compute/mod.ts";
import { UndertoneError } from "../../lib/errors.ts";
import type { Settings } from "./case.ts";
import { measure } from "./measure.ts";
import { startPeer } from "./peer.ts";
import { trainingCases } from "./training.ts";

const python = testPython();

const settings: Settings = {
  rounds: 1,
  threads: 1,
  rows: 70,
  text: "use-lite",
  audio: "speech-embedding",
  cache: "",
};

const epochOf = (method: string) => trainingCases.find(({ id }) => id === `epoch:${method}`)!;

Deno.test("PyTorch gets the parameters, every hidden state once, and the batches of all rounds", async () => {
  await useEngine({ threads: 1 });
  const { pytorch, unit, close } = await epochOf("attention_pooling").prepare(settings);
  const { orders } = pytorch.spec as { orders: number[][][] };
  equal(unit.perRound, 1);
  equal(orders.length, 2);
  for (const order of orders) {
    deepEqual(order.flat().sort((a, b) => a - b), Array.from({ length: 70 }, (_, i) => i));
  }
  const tensors = new Map(pytorch.tensors().map((tensor) => [tensor.name, tensor]));
  for (const [name, { shape, parts }] of tensors) {
    equal(parts.reduce((sum, part) => sum + part.length, 0), shape.reduce((a, b) => a * b, 1), name);
  }
  deepEqual(tensors.get("param.classifier.weight")!.shape, [7, 608]);
  const lengths = [...tensors.get("text.lengths")!.parts[0]];
  equal(lengths.length, 70);
  ok(lengths.every((length) => length >= 3 && length <= 40));
  equal(tensors.get("text.states")!.shape[0], lengths.reduce((a, b) => a + b, 0));
  close();
});

Deno.test("a checked run starts from the same parameters each time", async () => {
  await useEngine({ threads: 1 });
  const losses = await Promise.all([0, 1].map(async () => {
    const sides = await epochOf("memocmt").prepare(settings);
    const losses = await sides.check();
    sides.close();
    return losses;
  }));
  equal(losses[0].length, 3);
  deepEqual(losses[0], losses[1]);
});

Deno.test("rounds are epochs with dropout, one after the other", async () => {
  await useEngine({ threads: 1 });
  const { case: id, rounds, ours_ms, ours_first_ms } = await measure(epochOf("attention_pooling"), settings);
  deepEqual([id, rounds], ["epoch:attention_pooling", 1]);
  ok(ours_ms > 0 && ours_first_ms > 0);
});

testWith("PyTorch", {
  name: "every case computes what PyTorch computes",
  async fn() {
    await useEngine({ threads: 1 });
    const peer = await startPeer(python, { threads: 1 });
    const small = trainingCases.filter(({ id }) => !id.endsWith(":wide"));
    for (const each of small) equal((await measure(each, settings, { peer })).pytorch!.length, 2);
    await peer.end();
  },
});

Deno.test("an interpreter without PyTorch is refused", async () => {
  for (const program of ["no-such-program", "false"]) {
    await rejects(
      startPeer(program, { threads: 1 }),
      (error) => error instanceof UndertoneError && error.code === "input" && /PyTorch/.test(error.message),
    );
  }
});
