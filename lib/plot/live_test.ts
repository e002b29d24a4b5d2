import { deepEqual, equal } from "../testing/assert.ts";
import { type Display, live } from "./live.ts";

/** Returns a display that records its calls, and a function that waits for them. */
function recorder() {
  const shown: { text: string; id: string; update: boolean }[] = [];
  let next = Promise.withResolvers<void>();
  const display: Display = (bundle, { display_id, update }) => {
    shown.push({ text: (bundle as Record<string, string>)["text/plain"], id: display_id, update });
    next.resolve();
    next = Promise.withResolvers();
    return Promise.resolve();
  };
  return {
    shown,
    display,
    until: async (count: number) => {
      while (shown.length < count) await next.promise;
    },
  };
}

const draw = (events: readonly number[]) => ({ columns: ["events"], rows: [[events.join("+") || "none"]] });
const cell = (text: string) => text.trimEnd().split("\n").at(-1);

Deno.test("one display is shown at once, then redrawn with each event and at the end", async () => {
  const { shown, display, until } = recorder();
  const gate = Promise.withResolvers<void>();
  await live(
    (async function* () {
      await gate.promise;
      yield 1;
      yield 2;
    })(),
    draw,
    { display, pause: 0 },
  );
  equal(shown.length, 1, "the job waits, the cell does not");
  gate.resolve();
  await until(4);
  deepEqual(shown.map(({ text }) => cell(text)), ["none", "1", "1+2", "1+2"]);
  deepEqual(shown.map(({ update }) => update), [false, true, true, true]);
  equal(new Set(shown.map(({ id }) => id)).size, 1);
});

Deno.test("drawings keep a minimum pause, but the end is drawn", async () => {
  const { shown, display, until } = recorder();
  await live(
    (async function* () {
      yield* [1, 2, 3];
    })(),
    draw,
    { display, pause: 60_000 },
  );
  await until(2);
  deepEqual(shown.map(({ text }) => cell(text)), ["none", "1+2+3"]);
});

Deno.test("a failure replaces the figure", async () => {
  const { shown, display, until } = recorder();
  await live(
    // deno-lint-ignore require-yield -- fails before it has anything to tell
    (async function* (): AsyncGenerator<number> {
      await Promise.resolve();
      throw new Error("no such file");
    })(),
    draw,
    { display },
  );
  await until(2);
  equal(shown[1].text, "Failed: no such file");
});
