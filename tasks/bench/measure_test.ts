import { deepEqual, equal, rejects } from "../../lib/testing/assert.ts";
import { useEngine } from "../../lib/compute/mod.ts";
import { UndertoneError } from "../../lib/errors.ts";
import type { Case, Settings } from "./case.ts";
import { measure, quartiles } from "./measure.ts";
import type { Peer } from "./peer.ts";

const settings: Settings = { rounds: 3, threads: 1, rows: 1, text: "none", audio: "none", cache: "" };

/** A case and a peer that record their calls. The peer answers with these numbers and times. */
function sides({ theirs = [1, 200], times = [1] }: { theirs?: number[]; times?: number[] } = {}) {
  const calls: string[] = [];
  const note = <T>(call: string, answer: T) => {
    calls.push(call);
    return Promise.resolve(answer);
  };
  const pytorch = { module: "training", variants: ["plain", "fused"], spec: {}, tensors: () => [] };
  const each: Case = {
    id: "kind:name",
    summary: "",
    prepare: () =>
      Promise.resolve({
        unit: { name: "step", perRound: 10 },
        check: () => note("check", [1, 200]),
        round: () => note("round", undefined),
        pytorch,
        close: () => void calls.push("close"),
      }),
  };
  const queue = [...times];
  const peer: Peer = {
    device: "cpu",
    version: "2",
    open: ({ variants }) => note("their open", variants),
    check: (variant) => note(`their check ${variant}`, theirs),
    round: (variant) => note(`their round ${variant}`, { ms: queue.shift() ?? 1, cpu: 30 }),
    peak: () => note("their peak", 100),
    close: () => note("their close", undefined),
    end: () => Promise.resolve(),
  };
  return { each, peer, calls };
}

Deno.test("quartiles are numpy's", () => {
  deepEqual(quartiles([4, 1, 3, 2]), [1.75, 2.5, 3.25]);
  deepEqual(quartiles([7]), [7, 7, 7]);
  deepEqual(quartiles([5, 1, 9]), [3, 5, 7]);
});

Deno.test("rounds alternate after a check, and no median counts the first", async () => {
  await useEngine({ engine: "cpu" });
  const { each, peer, calls } = sides({ times: [1000, 1000, 40, 50, 20, 50, 30, 50] });
  const rounds: number[] = [];
  const measured = await measure(each, settings, { peer, onRound: (round) => rounds.push(round) });
  deepEqual(calls.slice(0, 4), ["their open", "check", "their check plain", "their check fused"]);
  const round = ["round", "their round plain", "their round fused"];
  deepEqual(calls.slice(4), [...round, ...round, ...round, ...round, "their close", "close"]);
  deepEqual(rounds, [0, 1, 2, 3]);
  equal(measured.rounds, 3);
  equal(measured.pytorch_ms, 3); // median of 40, 20 and 30 ms, over 10 steps
  deepEqual(measured.pytorch!.map(({ variant, ms, cpu_ms }) => [variant, ms, cpu_ms]), [
    ["plain", 3, 3],
    ["fused", 5, 3],
  ]);
  equal(measured.ratio, measured.pytorch![0].ratio);
});

Deno.test("without a peer there are only our times, and no ratio", async () => {
  await useEngine({ engine: "cpu" });
  const { each, calls } = sides();
  const measured = await measure(each, settings);
  deepEqual(calls, ["check", "round", "round", "round", "round", "close"]);
  equal("ratio" in measured, false);
});

Deno.test("sides that compute different numbers are refused", async () => {
  for (const theirs of [[1, 201], [1.001, 200], [1], [NaN, 200]]) {
    const { each, peer, calls } = sides({ theirs });
    await rejects(
      measure(each, settings, { peer }),
      (error) => error instanceof UndertoneError && /don't compute the same/.test(error.message),
    );
    equal(calls.at(-1), "close");
  }
  const { each, peer } = sides({ theirs: [1.00009, 200.01] }); // the second is within 1e-4 of its size
  await measure(each, settings, { peer });
});
