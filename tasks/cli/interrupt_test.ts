import { deepEqual, equal, ok } from "../../lib/testing/assert.ts";

const place = new URL("interrupt.ts", import.meta.url).href;

/** Starts a process that blocks its main thread for `busy` ms, and then prints what it was told. */
async function started(busy: number) {
  const script = `import { onInterrupt } from "${place}";
    let stopped = 0;
    using interrupt = await onInterrupt(() => stopped++);
    console.log("busy");
    const end = Date.now() + ${busy};
    while (Date.now() < end);
    while (stopped === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    console.log("saved", stopped);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-read", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(script));
  await input.close();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  equal((await lines.read()).value, "busy\n");
  const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  return {
    /** Sends Ctrl-C after each of these pauses. */
    async interrupt(...pauses: number[]) {
      for (const pause of pauses) {
        await after(pause);
        child.kill("SIGINT");
      }
    },
    /** Returns how the process ends, and what it prints. */
    async end() {
      const { signal } = await child.status, { value = "" } = await lines.read();
      await lines.cancel();
      return { signal, said: value.trim() };
    },
  };
}

Deno.test("a Ctrl-C that reaches the process twice counts once", async () => {
  for (const pause of [0, 50, 200]) {
    const process = await started(800);
    await process.interrupt(0, pause);
    deepEqual(await process.end(), { signal: null, said: "saved 1" }, `${pause} ms apart`);
  }
});

Deno.test("a second Ctrl-C ends a process at once, even while it computes", async () => {
  const process = await started(60_000), start = performance.now();
  await process.interrupt(0, 50, 1000); // the first one comes twice
  deepEqual(await process.end(), { signal: "SIGINT", said: "" });
  ok(performance.now() - start < 20_000, "it ended before its work was done");
});
