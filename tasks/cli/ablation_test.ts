import { equal, match, ok } from "../../lib/testing/assert.ts";
import type { AblationCell } from "../../lib/config/mod.ts";
import type { AblateEvent } from "../../lib/jobs/mod.ts";
import { ablationProgress, secondsLeft, type Track } from "./ablation.ts";

const cells = [1, 2].flatMap((seed) =>
  ["text_only", "memocmt"].map((recipe) => ({ id: `${recipe}-s${seed}`, recipe, seed } as AblationCell))
);
const planned = {
  type: "planned",
  folder: "outputs/a",
  cells,
  states: ["done", "new", "new", "new"],
  dataset: { name: "own" },
} as unknown as AblateEvent;
const trained = (at: number, weighted_f1: number, before = false) =>
  ({
    type: "trained",
    cell: cells[at],
    before,
    dev: { weighted_f1, macro_f1: 0.5 },
  }) as unknown as AblateEvent;
const step = (at: number, progress: number) =>
  ({
    type: "cell",
    cell: cells[at],
    event: { type: "step", progress, loss: 0.5, rowsPerSecond: 100 },
  }) as unknown as AblateEvent;

/** Returns the text that was written after each event. The events are 10 s apart. */
function shown(terminal: boolean, events: readonly AblateEvent[]): string[] {
  const writes: string[] = [];
  let clock = 0;
  const sink = { terminal, columns: 60, write: (text: string) => void writes.push(text) };
  const progress = ablationProgress(sink, () => clock);
  for (const event of events) {
    progress.show(event);
    clock += 10_000;
  }
  return writes;
}

const events = [planned, trained(0, 0.25, true), step(1, 0.5), step(1, 1), trained(1, 0.75)];

Deno.test("without a terminal there is one line for each newly trained cell", () => {
  const writes = shown(false, events);
  equal(writes.length, 2);
  equal(writes[0], "4 cells in outputs/a, 1 trained before\n");
  match(
    writes[1],
    /^memocmt-s1: dev weighted F1 75\.0, macro F1 50\.0, in 20 s {2}.*2\/4 cells {2}ETA 40 s\n$/,
  );
});

const REDRAW = "\x1b[6A\r\x1b[J";

Deno.test("on a terminal the table is redrawn in place", () => {
  const writes = shown(true, events);
  equal(writes.length, 5);
  ok(writes[2].startsWith(REDRAW)); // title, head, rule, two rows, progress
  match(writes[2], /38% {2}1\/4 cells/);
  match(writes[4], /memocmt +75\.0 +– +75\.0\n/);
  ok(writes[4].slice(REDRAW.length).split("\n").every((line) => line.length < 60));
});

Deno.test("the time left follows cells of the same recipe, and is unknown at first", () => {
  const track = (recipe: string, rest: Partial<Track>): Track => ({
    cell: { id: "", recipe },
    progress: 0,
    ...rest,
  });
  equal(secondsLeft([track("a", {}), track("b", {})], 0), undefined);
  const done = track("a", { progress: 1, seconds: 10 }), half = track("b", { progress: 0.5, started: 0 });
  equal(secondsLeft([done, half, track("a", {})], 20_000), 20 + 10);
  equal(secondsLeft([done, half, track("c", {})], 20_000), 20 + (10 + 40) / 2);
  equal(secondsLeft([done, track("a", { progress: 1 })], 0), 0);
});
