import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { type AblateConfig, ablateConfig, cellsOf } from "../../config/mod.ts";
import { loadDataset } from "../../data/mod.ts";
import { registerSpeechEncoder, registerTextEncoder } from "../../encoders/mod.ts";
import { parseWith } from "../../schema.ts";
import { collect, smallData } from "../testing.ts";
import { ablate } from "./ablate.ts";
import { groupsOf, openGroups } from "./groups.ts";

const grouped = (methods: AblateConfig["methods"], changes: Record<string, unknown> = {}) => {
  const config = parseWith(ablateConfig, { methods, seeds: [1, 2], ...changes }, "the test");
  return groupsOf(cellsOf(config, ["text_only", "audio_only"], "out"));
};
const names = (groups: ReturnType<typeof groupsOf>) => groups.map(({ cells }) => cells.map(({ id }) => id));

Deno.test("cells that read the data alike are one group, in their order", () => {
  const groups = grouped({ early_fusion: {}, tuned: { method: "memocmt", lr: 0.1, epochs: 2 } });
  deepEqual(names(groups), [
    [1, 2].flatMap((seed) =>
      ["text_only", "audio_only", "early_fusion", "tuned"].map((recipe) => `${recipe}-s${seed}`)
    ),
  ]);
  deepEqual(groups[0].plan.encoders, {
    text: { name: "use-lite", startsFrozen: true, trains: false },
    audio: { name: "acoustic@2", startsFrozen: true, trains: false },
  });
  equal(
    grouped({ text_only: {}, audio_only: { max_audio_length: 7 } }).length,
    1,
    "they conflict in nothing",
  );
  equal(grouped({ text_only: {}, audio_only: { max_audio_length: 7 } })[0].plan.config.max_audio_length, 7);
});

Deno.test("other encoders, lengths and what trains are other groups; a control joins one of its encoder", () => {
  const seeds = [1];
  deepEqual(
    names(grouped({ early_fusion: {}, b: { method: "early_fusion", audio: "log-mel" } }, { seeds })),
    [
      ["text_only-s1", "audio_only-s1", "early_fusion-s1"],
      ["audio_only-log-mel-s1", "b-s1"],
    ],
  );
  for (
    const changes of [
      { max_text_length: 9 },
      { text: "hf:a" },
      { text: "hf:b", train: ["text", "head"] },
    ]
  ) equal(grouped({ early_fusion: {}, b: { method: "early_fusion", ...changes } }, { seeds }).length, 2);
});

const data = await smallData({ train: 12, dev: 6, test: 6 });
const { rows } = await loadDataset(`${data}/manifest.csv`);
const unread = ["train", "dev", "test"].map((split) => rows.find((row) => row.split === split)!);

/** The names of encoders, in the order in which they were loaded. */
const loads: string[] = [];

for (const [id, width] of [["even", 2], ["picky", 3]] as const) {
  registerTextEncoder({
    id,
    summary: "letters of a text, for tests",
    licence: "MIT",
    load: () => {
      loads.push(id);
      return Promise.resolve({
        id,
        modality: "text",
        fingerprint: `${id}-1`,
        width,
        encode: (texts) =>
          Promise.resolve(texts.map((text) => {
            const value = id === "picky" && unread.some((row) => row.text === text) ? NaN : text.length / 50;
            return { data: new Float32Array(width).fill(value), length: 1, width };
          })),
      });
    },
  });
}
registerSpeechEncoder({
  id: "length",
  summary: "the length of a clip, for tests",
  licence: "MIT",
  load: () =>
    Promise.resolve({
      id: "length",
      modality: "audio",
      fingerprint: "length-1",
      width: 1,
      rate: 1,
      encode: (clips) =>
        Promise.resolve(
          clips.map(({ length }) => ({ data: Float32Array.of(length / 1e5), length: 1, width: 1 })),
        ),
    }),
});

const config = (name: string, changes: Record<string, unknown> = {}): AblateConfig =>
  parseWith(ablateConfig, {
    data: `${data}/manifest.csv`,
    methods: {
      a: { method: "early_fusion", text: "even" },
      b: { method: "early_fusion", text: "picky" },
    },
    audio: "length",
    seeds: [1],
    epochs: 1,
    batch_size: 4,
    max_rejected: 0.5,
    out: `${data}/outputs`,
    cache: `${data}/cache`,
    name,
    ...changes,
  }, "the test");

Deno.test("all recipes read the rows that each of their encoders can read, in every split", async () => {
  const events = await collect(ablate(config("rows")));
  const planned = events.find((event) => event.type === "planned")!, last = events.at(-1)!;
  ok(last.type === "result");
  const same = (text?: string) => rows.filter((row) => row.text === text).length;
  const lost = new Set(unread.map(({ text }) => text)),
    count = [...lost].reduce((sum, text) => sum + same(text), 0);
  equal(planned.rejected, count);
  ok(
    planned.dataset.notes.some((note) => note.startsWith(`${count} rows that the encoders of some recipes`)),
  );
  for (const split of ["dev", "test"] as const) {
    equal(last.results.rows[split], rows.filter((row) => row.split === split && !lost.has(row.text)).length);
  }
  deepEqual(last.results.systems.map(({ name }) => name), [
    "majority",
    "audio_only",
    "text_only-even",
    "text_only-picky",
    "a",
    "b",
  ]);
  const left = await Deno.readTextFile(`${data}/outputs/rows/a-s1/rejected.csv`);
  ok(unread.every(({ id }) => left.includes(id)), "every cell says which rows it lacks, and why");
});

Deno.test("one group is loaded at a time, and encoders that the next group does not read are dropped", async () => {
  const cells = cellsOf(config("memory"), ["text_only", "audio_only"], "out"), groups = groupsOf(cells);
  const dataset = await loadDataset(`${data}/manifest.csv`);
  loads.length = 0;
  const open = await openGroups(groups, dataset, { test: true });
  for (const group of groups) {
    const [first, second] = [
      await open.prepared(group, ["train", "dev"]),
      await open.prepared(group, ["train", "dev"]),
    ];
    ok(first === second, "the cells of a group share it");
    equal(first.examples.test.length, 0);
  }
  equal(loads.filter((id) => id === "even").length >= 2, true, `${loads}`);
});

Deno.test("an ablation of several groups resumes, and adds a recipe with other encoders", async () => {
  const one = { a: { method: "early_fusion", text: "even" } };
  await collect(ablate(config("grows", { methods: one })));
  const folder = `${data}/outputs/grows`;
  const two = { ...one, c: { method: "early_fusion", text: "even", audio: "log-mel" } };
  const states = async (methods: AblateConfig["methods"]) => {
    const events = await collect(ablate(config("grows", { methods })));
    return events.flatMap((event) => event.type === "planned" ? event.states : []);
  };
  deepEqual(await states(two), ["done", "done", "new", "done", "new"]);
  deepEqual(await states(two), Array(5).fill("done"));

  const kept = JSON.parse(await Deno.readTextFile(`${folder}/ablation.json`));
  deepEqual(Object.keys(kept.data).sort(), ["a", "audio_only", "audio_only-log-mel", "c", "text_only-even"]);
  await Deno.writeTextFile(`${folder}/c-s1/cell.json`, JSON.stringify({ rows: "other" }));
  await rejects(states(two), /1 that were trained differently, e\.g\. c-s1 \(data\)/);
});

Deno.test("a folder of an earlier version, which kept one fingerprint for all cells, is read", async () => {
  const one = { a: { method: "early_fusion", text: "even" } };
  await collect(ablate(config("earlier", { methods: one })));
  const note = `${data}/outputs/earlier/ablation.json`, kept = JSON.parse(await Deno.readTextFile(note));
  for (const id of ["text_only-even", "audio_only", "a"]) {
    await Deno.remove(`${data}/outputs/earlier/${id}-s1/cell.json`);
  }
  // a reads text and audio, so its fingerprint is that of the encoders of all cells
  await Deno.writeTextFile(note, JSON.stringify({ ...kept, data: kept.data.a }));
  const events = await collect(ablate(config("earlier", { methods: one })));
  deepEqual(events.flatMap((event) => event.type === "planned" ? event.states : []), [
    "done",
    "done",
    "done",
  ]);
  await Deno.writeTextFile(note, JSON.stringify({ ...kept, data: "of other rows" }));
  await rejects(
    collect(ablate(config("earlier", { methods: one }))),
    /3 that were trained differently.*\(data\)/,
  );
});
