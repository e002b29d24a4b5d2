import { equal, ok } from "../../lib/testing/assert.ts";
import { testWith } from "../../lib/testing/needs.ts";
import { childrenCpuMs, peakMb } from "./processes.ts";

testWith("Linux", {
  name: "peak memory grows with allocations, and stays after they are freed",
  async fn() {
    const before = (await peakMb())!, now = Deno.memoryUsage().rss / 1e6;
    ok(before > 0.9 * now, `${before} of ${now}`);
    const size = Math.max(0, before - now) + 64;
    new Uint8Array(size * 1e6).fill(1);
    const after = (await peakMb())!;
    ok(after > before + 32, `${before} to ${after}`);
    ok((await peakMb())! >= after - 1); // Linux counts a core's pages by the batch
  },
});

testWith("Linux", {
  name: "the CPU time of child processes counts after they end",
  async fn() {
    const before = await childrenCpuMs();
    const busy = "let s = 0; for (const end = performance.now() + 200; performance.now() < end;) s++;";
    equal((await new Deno.Command(Deno.execPath(), { args: ["eval", busy] }).output()).code, 0);
    ok(await childrenCpuMs() - before >= 10);
  },
});
