import { deepEqual, equal } from "../../lib/testing/assert.ts";
import { duration, progress } from "./progress.ts";

function recorder(terminal: boolean) {
  const written: string[] = [];
  return { sink: { terminal, columns: 200, write: (text: string) => void written.push(text) }, written };
}

Deno.test("without a terminal a line comes every five seconds, with an ETA from this run's speed", () => {
  const { sink, written } = recorder(false);
  let time = 0;
  const line = progress("encode", sink, () => time);
  line.update(100, 200); // 100 were cached
  for (time = 1000; time <= 10_000; time += 1000) line.update(100 + time / 1000, 200);
  line.end();
  deepEqual(written, [
    "encode █████████████░░░░░░░░░░░  53%  105/200  ETA 1 min 35 s\n",
    "encode █████████████░░░░░░░░░░░  55%  110/200  ETA 1 min 30 s\n",
  ]);
});

Deno.test("without a terminal the last line is that of the end, once; a short job has none", () => {
  const { sink, written } = recorder(false);
  let time = 0;
  const long = progress("encode", sink, () => time);
  for (time = 0; time <= 6000; time += 1000) long.update(time / 1000, 7);
  long.update(7, 7);
  long.update(7, 7);
  long.end();
  const short = progress("encode", sink, () => time);
  short.update(0, 7);
  short.update(7, 7);
  short.end();
  deepEqual(written, [
    "encode █████████████████░░░░░░░  71%  5/7  ETA 2.0 s\n",
    "encode ████████████████████████ 100%  7/7  in 7.0 s\n",
  ]);
});

Deno.test("on a terminal the line is redrawn and the last one stays", () => {
  const { sink, written } = recorder(true);
  let time = 0;
  const line = progress("train", sink, () => time);
  line.update(0, 2);
  time = 50;
  line.update(1, 2); // too soon to redraw
  time = 4000;
  line.update(2, 2, "loss 0.5");
  line.end();
  equal(written.length, 3);
  equal(written[1], "\r\x1b[2Ktrain ████████████████████████ 100%  2/2  in 4.0 s  loss 0.5");
  equal(written[2], "\n");
});

Deno.test("durations", () =>
  deepEqual([4.21, 59, 185, 7800].map(duration), ["4.2 s", "59 s", "3 min 05 s", "2 h 10 min"]));
