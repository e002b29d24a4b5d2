import { deepEqual, equal, ok } from "../lib/testing/assert.ts";
import { task } from "./bench.ts";
import { captured } from "./cli/testing.ts";

Deno.test("stdout is one JSON object with a number of each kind for each case", async () => {
  const args = ["--case=epoch:attention_pooling", "--rounds=1", "--rows=70", "--threads=1", "--json"];
  const { code, out } = await captured(task, ...args);
  equal(code, 0);
  const { threads, cases } = JSON.parse(out.at(-1)!), [only, ...others] = cases;
  deepEqual([threads, only.case, others], [1, "epoch:attention_pooling", []]);
  ok(only.ours_ms > 0 && only.ours_ms < 10_000);
  if (Deno.build.os === "linux") ok(only.peak_mb > 50 && only.peak_mb < 1000, `${only.peak_mb}`);
  equal("ratio" in only || "memory_ratio" in only, false);
});

Deno.test("an unknown case is refused with the nearest name, before anything runs", async () => {
  const { code, err } = await captured(task, "--case", "epoch:memcmt");
  equal(code, 2);
  ok(err[0].endsWith("Did you mean epoch:memocmt?"), err[0]);
});

Deno.test("half precision is refused where no case measures it, before anything runs", async () => {
  for (const flag of ["--scale=200", "--first-epoch", "--launched=2"]) {
    const { code, err } = await captured(task, "--precision=fp16", flag);
    equal(code, 2);
    ok(err[0].includes(`found ${flag.split("=")[0]}`), err[0]);
  }
});
