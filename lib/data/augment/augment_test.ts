import { deepEqual, equal, notDeepEqual, ok, throws } from "../../testing/assert.ts";
import { random } from "../../random.ts";
import {
  augmentingBy,
  type AugmentOption,
  augmentStates,
  augmentText,
  augmentWaveform,
  keptModalities,
  mixWeight,
} from "./apply.ts";
import { allAugmentations, type Augmentation, registerAugmentation } from "./augmentation.ts";
import { drawSpan } from "./masks.ts";
import { beta } from "./mixup.ts";
import { balanced } from "./sampling.ts";
import { chooseWords } from "./words.ts";

const by = (option: AugmentOption) => augmentingBy(option);
const many = <T>(count: number, draw: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => draw(i));
const meanOf = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

Deno.test("the option names augmentations; they act in the order of the list", () => {
  deepEqual(by({}), { copies: 3, chosen: [] });
  const { copies, chosen } = by({ noise: [10, 20], gain: 6, speed: 0.1, copies: 2 });
  equal(copies, 2);
  deepEqual(chosen.map(({ entry: { id }, range }) => [id, ...range]), [
    ["speed", 0.9, 1.1],
    ["gain", -6, 6],
    ["noise", 10, 20],
  ]);
});

Deno.test("a wrong name or number is refused with what is possible", () => {
  throws(
    () => by({ nois: 10 }),
    /Expected an augmentation but found 'nois' at --augment\. Did you mean noise\?/,
  );
  throws(
    () => by({ gain: 100 }),
    /within -60 and 60 but found 100, which means -100 to 100 at --augment\.gain/,
  );
  throws(() => by({ noise: [20, 10] }), /\[low,high\] with the lower first, .* but found \[20,10\]/);
  throws(() => by({ speed: 1.5 }), /found 1\.5, which means -0\.5 to 2\.5 at --augment\.speed/);
  throws(() => by({ mixup: NaN }), /augment\.mixup/);
  for (const copies of [0, 2.5, 1000]) throws(() => by({ copies }), /a whole number from 1 to 100/);
});

Deno.test("masks of time and frequency hide the expected share, all shares up to twice that, and only spans", () => {
  const states = { data: new Float32Array(20 * 12).fill(1), length: 20, width: 12 };
  for (const [id, share, axis] of [["mask_time", 0.15, 20], ["mask_frequency", 0.25, 6]] as const) {
    const shares = many(2000, (i) => {
      const { data, length, width } = augmentStates(by({ [id]: share }), states, [i], 6);
      deepEqual([length, width], [20, 12]);
      return data.filter((x) => x === 0).length / data.length;
    });
    // Uniform over 0 to 2 share: its deviation is share / sqrt(3). Widths are whole: rounded down, 1/2 added.
    const slack = 4 * share / Math.sqrt(3) / Math.sqrt(2000) + 0.1 / axis;
    ok(Math.abs(meanOf(shares) - share) < slack, `${id}: ${meanOf(shares)}`);
    ok(Math.min(...shares) === 0 && Math.max(...shares) <= 2 * share + 1e-9, `${Math.max(...shares)}`);
  }
  const { data } = augmentStates(by({ mask_frequency: 0.4 }), states, ["x"], 6);
  const hidden = many(12, (d) => data[d] === 0);
  deepEqual(hidden.slice(0, 6), hidden.slice(6), "means and deviations of one frequency go together");
  deepEqual(many(20, (t) => data.slice(12 * t, 12 * t + 12)), many(20, () => data.slice(0, 12)));
  ok(states.data.every((x) => x === 1), "the given states stay");
  ok(many(500, (i) => drawSpan(1, 0.5, random(i))).every(([start, end]) => start >= 0 && end <= 1));
});

Deno.test("words go or are masked with their probability, never all of them; signs stay", () => {
  const share = meanOf(many(500, (i) => meanOf(chooseWords(40, 0.3, random(i)).map(Number))));
  ok(Math.abs(share - 0.3) < 4 * Math.sqrt(0.21 / 20000), `${share}`);
  ok(many(500, (i) => chooseWords(2, 0.9, random(i))).every((chosen) => chosen.includes(false)));
  const text = "Oh my God, he's back!", words = text.match(/[\w']+/g)!;
  const dropped = new Set(many(100, (i) => augmentText(by({ word_dropout: 0.4 }), text, [i])));
  ok(dropped.size > 10);
  for (const each of dropped) {
    ok(each.includes(",") && each.endsWith("!") && !/ {2}/.test(each), each);
    let from = 0;
    for (const word of each.match(/[\w']+/g)!) from = words.indexOf(word, from) + 1;
    ok(from > 0, each);
  }
  const masked = augmentText(by({ word_masking: 0.5 }), text, [7], "[MASK]");
  ok(masked.includes("[MASK]"), masked);
  equal(masked.replaceAll("[MASK]", "x").split(" ").length, 5);
  equal(augmentText(by({ word_dropout: 0.9 }), "?! …", [1]), "?! …");
  const chinese = augmentText(by({ word_dropout: 0.5 }), "我今天非常高兴因为你来了", [2]);
  ok(chinese.length > 0 && chinese.length < 12, "words are found without spaces, too");
});

Deno.test("modality dropout leaves a row with at least one modality, each equally often", () => {
  const kept = many(
    4000,
    (i) => keptModalities(by({ modality_dropout: 0.4 }), ["text", "audio"], [i]).join(),
  );
  const share = (what: string) => kept.filter((each) => each === what).length / kept.length;
  deepEqual(new Set(kept), new Set(["text,audio", "text", "audio"]));
  for (const [what, expected] of [["text,audio", 0.6], ["text", 0.2], ["audio", 0.2]] as const) {
    ok(Math.abs(share(what) - expected) < 4 * Math.sqrt(expected * (1 - expected) / 4000), what);
  }
  for (const only of ["text", "audio"] as const) {
    ok(many(200, (i) => keptModalities(by({ modality_dropout: 1 }), [only], [i])).every(([m]) => m === only));
  }
});

Deno.test("mixup draws from Beta(alpha, alpha): mean 1/2, variance 1 / (4 (2 alpha + 1))", () => {
  for (const alpha of [0.2, 1, 4]) {
    const shares = many(20000, (i) => beta(alpha, random(i)));
    const variance = meanOf(shares.map((x) => (x - 0.5) ** 2)), expected = 1 / (4 * (2 * alpha + 1));
    ok(Math.abs(meanOf(shares) - 0.5) < 4 * Math.sqrt(expected / 20000), `mean ${meanOf(shares)}`);
    ok(Math.abs(variance / expected - 1) < 0.05, `variance ${variance} for ${expected}`);
    ok(shares.every((x) => x >= 0 && x <= 1));
  }
  ok(many(500, (i) => beta(0.01, random(i))).every((x) => x >= 0 && x <= 1));
  equal(mixWeight(by({ noise: 10 }), [1]), undefined);
});

Deno.test("an augmentation draws the same whatever others are chosen", () => {
  const clip = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i));
  const alone = augmentWaveform(by({ noise: [5, 30] }), clip, ["a"]);
  const louder = augmentWaveform(by({ noise: [5, 30], gain: [20, 20], mixup: 1 }), clip, ["a"]);
  ok(louder.every((x, i) => Math.abs(x - 10 * alone[i]) < 1e-4), "noise after 20 dB is ten times the same");
  notDeepEqual(augmentWaveform(by({ noise: [5, 30] }), clip, ["b"]), alone);
});

Deno.test("balanced epochs take all classes equally often, and other rows each time", () => {
  const rows = many(100, (i) => ({ id: `r${i}`, value: i < 80 ? 0 : i < 97 ? 1 : 2 }));
  const counts = (picks: { row: number }[]) =>
    [0, 1, 2].map((value) => picks.filter(({ row }) => rows[row].value === value).length);
  const first = balanced(rows, { seed: 1, epoch: 0 }), second = balanced(rows, { seed: 1, epoch: 1 });
  deepEqual([first.length, counts(first).toSorted()], [100, [33, 33, 34]]);
  notDeepEqual(first, second);
  const timesOf = (row: number) => first.filter((pick) => pick.row === row).map(({ time }) => time);
  deepEqual(timesOf(98), many(timesOf(98).length, (i) => i));
  ok(timesOf(98).length >= 11, "each of three rows is taken eleven times");
  const large = first.filter(({ row }) => rows[row].value === 0);
  equal(new Set(large.map(({ row }) => row)).size, large.length, "no row of a large class is taken twice");
  const taken = new Set(many(30, (epoch) => balanced(rows, { seed: 1, epoch })).flat().map(({ row }) => row));
  equal(taken.size, 100, "every row is taken in time");

  const order = random(1).shuffle(rows), moved = balanced(order, { seed: 1, epoch: 0 });
  const named = (all: typeof rows, picks: { row: number; time: number }[]) =>
    picks.map(({ row, time }) => `${all[row].id} ${time}`).sort();
  deepEqual(named(order, moved), named(rows, first), "the order of the rows does not matter");
});

Deno.test("a user's augmentation is chosen by its name and acts after the built-in ones", () => {
  const silence: Augmentation = {
    id: "my_silence",
    summary: "silences the clip",
    acts: "waveform",
    limits: [0, 1],
    apply: (samples) => new Float32Array(samples.length),
  };
  registerAugmentation(silence);
  deepEqual([...augmentWaveform(by({ my_silence: 1, noise: 0 }), Float32Array.of(1, 1), [1])], [0, 0]);
  throws(() => registerAugmentation({ ...silence, id: "copies" }), /the number of copies/);
  throws(() => registerAugmentation({ ...silence, id: "noise" }), /is built in/);
  throws(() => registerAugmentation({ ...silence, id: "other", apply: undefined as never }), /no apply/);
  registerAugmentation({
    id: "my_words",
    summary: "returns one word",
    acts: "words",
    limits: [0, 1],
    apply: (words) => words.slice(0, 1),
  });
  throws(() => augmentText(by({ my_words: 1 }), "two words", [1]), /returned 1 words for 2/);
  const ids = allAugmentations().map(({ id }) => id);
  equal(new Set(ids).size, ids.length);
});
