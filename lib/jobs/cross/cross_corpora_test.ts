import { existsSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { type CrossConfig, crossConfig } from "../../config/mod.ts";
import { parseWith } from "../../schema.ts";
import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { evaluate } from "../evaluate.ts";
import { collect } from "../testing.ts";
import { crossCorpora, type CrossEvent, type CrossOptions } from "./cross_corpora.ts";
import { crossFigure, crossTable, crossTexts } from "./report.ts";
import type { CrossResults } from "./results.ts";

const folder = await Deno.makeTempDir();

/** Writes a corpus: each speaker says each label twice. Ids and speakers are the same in all corpora. */
async function corpus(name: string, labels: readonly string[], speakers: number): Promise<string> {
  const rows = Array.from({ length: speakers }, (_, s) =>
    labels.flatMap((label, l) =>
      [0, 1].map((take) => {
        const id = `${s}-${l}-${take}`, split = take ? "train" : "dev";
        return `${id},${split},${label} said by ${name} in take ${take} number ${s},${label},speaker ${s}`;
      })
    ));
  const path = `${folder}/${name}.csv`;
  await Deno.writeTextFile(path, ["id,split,text,label,speaker", ...rows.flat()].join("\n") + "\n");
  return path;
}

const a = await corpus("a", ["joy", "anger", "calm"], 6);
const b = await corpus("b", ["anger", "bored", "joy"], 5);
const c = await corpus("c", ["joy", "anger", "fear"], 4);
const two = await corpus("two", ["happy", "angry"], 2);

const config = (changes: Partial<CrossConfig>) =>
  parseWith(crossConfig, {
    ...{ method: "text_only", audio: "none", epochs: 2, batch_size: 8 },
    ...{ out: `${folder}/outputs`, cache: `${folder}/cache` },
    ...changes,
  }, "the test");

const run = (changes: Partial<CrossConfig>, options?: CrossOptions) =>
  collect(crossCorpora(config(changes), options));

const resultOf = (events: readonly CrossEvent[]): CrossResults => {
  const last = events.at(-1)!;
  ok(last.type === "result", last.type);
  return last.results;
};

/** The models that events trained, and did not find trained. */
const trained = (events: readonly CrossEvent[]) =>
  events.flatMap((event) => {
    const inner = event.type === "training"
      ? event.event
      : event.type === "within" && event.event.type === "fold"
      ? event.event.event
      : undefined;
    return inner?.type === "trained" && !inner.before ? [inner.cell.config.data] : [];
  });

const files = { train: [a, b], test: [b, c], seeds: [1, 2], folds: 2, name: "matrix" };
const stop = new AbortController(), stopped: CrossEvent[] = [];
for await (const event of crossCorpora(config(files), { signal: stop.signal })) {
  stopped.push(event);
  if (event.type === "training" && event.event.type === "trained") stop.abort();
}
const first = await run(files), results = resultOf(first);
const at = (train: string, test: string) =>
  results.cells.find((cell) => cell.train === train && cell.test === test)!;

Deno.test("the matrix has the shared labels, and a training for each corpus, fold and seed", () => {
  deepEqual(results.labels, ["joy", "anger"]);
  deepEqual(
    results.cells.map(({ train, test, folds, n, by, clusters }) => [train, test, folds, n, by, clusters]),
    [
      ["a", "b", undefined, 20, "speaker", 5],
      ["a", "c", undefined, 16, "speaker", 4],
      ["b", "b", 2, 20, "speaker", 5],
      ["b", "c", undefined, 16, "speaker", 4],
    ],
  );
  deepEqual(results.corpora.map(({ name, rows, speakers, labels }) => [name, rows, speakers, labels]), [
    ["a", 24, 6, { joy: 12, anger: 12 }],
    ["b", 20, 5, { joy: 10, anger: 10 }],
    ["c", 16, 4, { joy: 8, anger: 8 }],
  ]);
  const count = (data: string) => trained(first).filter((path) => path === data).length;
  deepEqual([count(a), count(b), count(c)], [1, 2 + 2 * 2, 0]); // another of a was trained before the stop
});

Deno.test("a cell's scores are those of evaluating its runs on that corpus", async () => {
  for (const [train, test, data] of [["a", "b", b], ["b", "c", c]]) {
    const cell = at(train, test);
    const path = `${folder}/outputs/matrix/all/${train}/text_only-s1`;
    const parts = await Promise.all(
      (["train", "dev"] as const).map((split) => evaluate(path, { split, data })),
    );
    const right = parts.reduce((sum, { metrics }) => sum + Math.round(metrics.n * accuracyOf(metrics)), 0);
    equal(cell.metrics.accuracy.values[0], right / cell.n);
  }
});

const accuracyOf = (metrics: object) => (metrics as { accuracy: number }).accuracy;

Deno.test("UA inside a corpus is the mean recall over the answers of all folds", async () => {
  const answers: Record<string, string>[] = [];
  for (const fold of [1, 2]) {
    const path = `${folder}/outputs/matrix/within/b/fold-${fold}/text_only-s1/predictions.test.csv`;
    answers.push(...parse(await Deno.readTextFile(path), { columns: true }) as Record<string, string>[]);
  }
  equal(new Set(answers.map(({ id }) => id)).size, 20);
  const recall = (label: string) => {
    const own = answers.filter((row) => row.label === label);
    return own.filter((row) => row.predicted === label).length / own.length;
  };
  equal(at("b", "b").metrics.balanced_accuracy.values[0], (recall("joy") + recall("anger")) / 2);
});

Deno.test("the folder has tables, heat maps in light and dark, and a report", async () => {
  const out = `${folder}/outputs/matrix`;
  const names = ["results.json", "results.csv", "report.html", "ua.svg", "ua-dark.png", "macro_f1.html"];
  deepEqual(names.filter((name) => !existsSync(`${out}/${name}`)), []);
  const rows = parse(await Deno.readTextFile(`${out}/results.csv`), { columns: true }) as Record<
    string,
    string
  >[];
  equal(rows.length, 4);
  equal(Number(rows[1].balanced_accuracy_mean), at("a", "c").metrics.balanced_accuracy.mean);
  ok(rows[1].macro_f1_low <= rows[1].macro_f1_high);
  const { columns, rows: lines } = crossTable(results);
  deepEqual([columns.length, lines.map(([name]) => name)], [4, ["a", "b"]]);
  ok(
    crossTexts(results).some((text) =>
      text.startsWith("A corpus with itself (framed in heat maps): b in 2 folds")
    ),
  );
  match(crossFigure(results, "macro_f1", { dark: true }).svg, /#14181d/);
});

Deno.test("the same call trains and answers nothing again", async () => {
  const kept = `${folder}/outputs/matrix/all/a/text_only-s1/on-b.json`,
    before = await Deno.readTextFile(kept);
  const again = await run(files);
  deepEqual(trained(again), []);
  equal(await Deno.readTextFile(kept), before);
  deepEqual(resultOf(again), results);
});

Deno.test("a stopped matrix goes on where it was", () => {
  deepEqual(trained(stopped), [a]);
  equal(stopped.at(-1)!.type, "training");
});

Deno.test("what can't be a matrix is refused before any training", async () => {
  await rejects(
    run({ train: [a], test: [two] }),
    /two labels that all corpora have but found none \(a: anger, .*two: /,
  );
  await rejects(run({ train: [a, a] }), /each corpus once but found '.*a\.csv' twice at --train/);
  await rejects(
    run({ train: [a], test: [c], method: "early_fusion", audio: "acoustic" }),
    /audio in every corpus/,
  );
  await Deno.mkdir(`${folder}/outputs/taken/x`, { recursive: true });
  await rejects(
    run({ train: [a], test: [c], name: "taken" }),
    /that of a matrix of corpora but found another folder/,
  );
});
