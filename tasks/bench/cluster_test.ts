import { deepEqual, equal, ok } from "../../lib/testing/assert.ts";
import { CLUSTER, simulate } from "./cluster.ts";

const QUIET = { ...CLUSTER, failures: 0, preemptions: 0, watchers: 0 };

Deno.test("without failures and operations, an array takes its waves of work", () => {
  const load = simulate({ ...QUIET, cells: 100, nodes: 10, work: 7, coldStart: 0, warmStart: 0 });
  deepEqual([load.hours * 3600, load.saturated, load.restarts], [70, 0, 0]);
});

Deno.test("starts share what the file system serves", () => {
  const load = simulate({
    ...QUIET,
    cells: 10,
    nodes: 10,
    coldStart: 1000,
    capacity: 1000,
    client: 1e9,
    own: 0,
  });
  equal(Math.round(load.operations.start * 1e6), 10_000);
  ok(load.longestStart >= 10 && load.saturated >= 9, "10,000 operations at 1000 a second take 10 s");
});

Deno.test("equal seeds give equal loads, and each restart trains on to the end", () => {
  const small = { ...CLUSTER, cells: 200, nodes: 20, failures: 2, preemptions: 2 };
  deepEqual(simulate(small), simulate(small));
  ok(simulate(small).restarts > 0);
});
