import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { oneAhead } from "./one_ahead.ts";

/** Lets everything go on that waits for nothing. */
const turn = () => new Promise((done) => setTimeout(done));

/** Yields numbers and keeps a log; throws instead of the number `fault`. */
function counting(log: string[], count: number, fault?: number) {
  return async function* (signal: AbortSignal) {
    try {
      for (let i = 0; i < count; i++) {
        log.push(`make ${i}`);
        await turn();
        if (i === fault) throw new Error(`no ${i}`);
        yield i;
      }
    } finally {
      log.push(signal.aborted ? "told to end" : "ended");
    }
  };
}

Deno.test("while a value is used the next one is made, and no further one", async () => {
  const log: string[] = [];
  for await (const i of oneAhead(counting(log, 3))) {
    await turn();
    await turn();
    log.push(`used ${i}`);
  }
  deepEqual(log, ["make 0", "make 1", "used 0", "make 2", "used 1", "ended", "used 2"]);
});

Deno.test("a value that may not overlap is used alone", async () => {
  const log: string[] = [];
  for await (const i of oneAhead(counting(log, 3), { mayOverlap: (i) => i !== 1 })) {
    await turn();
    await turn();
    log.push(`used ${i}`);
  }
  deepEqual(log, ["make 0", "make 1", "used 0", "used 1", "make 2", "ended", "used 2"]);
});

Deno.test("an error comes after the values before it", async () => {
  const seen: number[] = [],
    read = async () => {
      for await (const i of oneAhead(counting([], 4, 2))) {
        for (let k = 0; k < 3; k++) await turn(); // the error waits
        seen.push(i);
      }
    };
  await rejects(read(), /no 2/);
  deepEqual(seen, [0, 1]);
});

Deno.test("leaving early ends the generator, and its error is nobody's", async () => {
  const log: string[] = [];
  for await (const i of oneAhead(counting(log, 4, 1))) {
    equal(i, 0);
    break;
  }
  ok(log.at(-1) === "told to end", `${log}`);
  await turn(); // an unhandled rejection would fail the test
});

Deno.test("after an abort no value comes, even if it is made", async () => {
  const stop = new AbortController(), seen: number[] = [];
  const read = async () => {
    for await (const i of oneAhead(counting([], 4), { signal: stop.signal })) {
      for (let k = 0; k < 3; k++) await turn();
      seen.push(i);
      if (i === 1) stop.abort(new Error("enough"));
    }
  };
  await rejects(read(), /enough/);
  deepEqual(seen, [0, 1]);
});
