import { deepEqual, equal, notDeepEqual, ok } from "../../testing/assert.ts";
import { parse } from "csv-parse/sync";
import { dirname } from "node:path";
import { readClip, SAMPLE_RATE } from "../audio/mod.ts";
import { SPLITS } from "../utterance.ts";
import { SAMPLE_MANIFEST } from "./mod.ts";
import { planSample } from "./plan.ts";
import { EMOTIONS, LINES } from "./sentences.ts";

interface Row {
  id: string;
  split: string;
  text: string;
  audio: string;
  label: string;
  speaker: string;
}
const rows: Row[] = parse(Deno.readTextFileSync(SAMPLE_MANIFEST), { columns: true });
const folder = dirname(SAMPLE_MANIFEST);
const clips = await Promise.all(rows.map(({ audio }) => readClip(`${folder}/${audio}`)));
const of = (split: string) => rows.filter((row) => row.split === split);
const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;

Deno.test("the manifest has 280 rows of seven labels in three splits, each id once", () => {
  deepEqual(SPLITS.map((split) => of(split).length), [180, 50, 50]);
  equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  for (const split of SPLITS) {
    deepEqual(new Set(of(split).map(({ label }) => label)), new Set<string>(EMOTIONS));
  }
  ok(rows.every(({ text, speaker }) => text.length > 0 && speaker.length > 0));
});

Deno.test("no voice and no line is in two splits, and nobody says a line twice", () => {
  for (const column of ["speaker", "text"] as const) {
    const sets = SPLITS.map((split) => new Set(of(split).map((row) => row[column])));
    equal(new Set(rows.map((row) => row[column])).size, sets.reduce((sum, set) => sum + set.size, 0), column);
  }
  equal(new Set(rows.map(({ speaker, text }) => `${speaker}: ${text}`)).size, rows.length);
});

Deno.test("no line was written twice", () => {
  const lines = SPLITS.flatMap((
    split,
  ) => [...Object.values(LINES[split].spoken).flat(), ...LINES[split].open]);
  equal(new Set(lines.map((line) => line.toLowerCase())).size, lines.length);
});

Deno.test("every clip decodes without a warning to 0.5 to 6 s of sound", () => {
  for (const [i, { samples, warnings }] of clips.entries()) {
    const seconds = samples.length / SAMPLE_RATE;
    ok(seconds >= 0.5 && seconds <= 6, `${rows[i].id}: ${seconds} s`);
    deepEqual(warnings, [], rows[i].id);
  }
});

Deno.test("the clips are those of the manifest and take less than 3 MB", () => {
  const files = [...Deno.readDirSync(`${folder}/clips`)].map(({ name }) => `clips/${name}`);
  deepEqual(files.sort(), rows.map(({ audio }) => audio).sort());
  const bytes = files.map((file) => Deno.statSync(`${folder}/${file}`).size).reduce((a, b) => a + b);
  ok(bytes < 3e6, `${bytes} bytes`);
});

Deno.test("emotions sound as they should on average: anger loud, sadness quiet and slow, fear fast", () => {
  const average = (label: string, measure: (samples: Float32Array, row: Row) => number) =>
    mean(clips.flatMap(({ samples }, i) => rows[i].label === label ? [measure(samples, rows[i])] : []));
  const level = (samples: Float32Array) =>
    10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
  const pace = (samples: Float32Array, { text }: Row) => text.length / (samples.length / SAMPLE_RATE);
  ok(average("anger", level) > average("neutral", level) + 3);
  ok(average("sadness", level) < average("neutral", level) - 3);
  ok(average("sadness", pace) < 0.85 * average("neutral", pace));
  ok(average("fear", pace) > 1.08 * average("neutral", pace));
});

Deno.test("the plan depends only on the seed, and open lines have several labels", () => {
  const planned = planSample(3);
  deepEqual(planSample(3), planned);
  notDeepEqual(planSample(4), planned);
  const open = planned.filter(({ text }) => LINES.train.open.includes(text));
  ok(open.length > 50);
  for (const line of LINES.train.open) {
    ok(new Set(open.filter(({ text }) => text === line).map(({ label }) => label)).size >= 2, line);
  }
});
