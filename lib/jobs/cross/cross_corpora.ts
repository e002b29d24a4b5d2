/** Runs a matrix of corpora: trains models on each one, then tests all of them on each one. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { useEngine } from "../../compute/mod.ts";
import {
  type AblationCell,
  cellPath,
  type CrossConfig,
  crossTraining,
  groupingWords,
  labelMapOf,
} from "../../config/mod.ts";
import type { Modality } from "../../data/mod.ts";
import { badInput } from "../../errors.ts";
import { headlineMetrics, type Metric, metricNamed } from "../../eval/mod.ts";
import { requireWritable, writeJsonAtomic } from "../../files/mod.ts";
import { fusionMethod } from "../../fusion/mod.ts";
import { ablate, type AblateEvent, type AblateOptions } from "../ablation/ablate.ts";
import { environment } from "../environment.ts";
import { crossValidate, type FoldsEvent } from "../folds/cross_validate.ts";
import { scoresOf } from "../folds/summary.ts";
import { lockFolder, requireUnlocked } from "../lock.ts";
import { readPredictions } from "../predictions.ts";
import { runFolder } from "../run_folder.ts";
import type { ScoredRow } from "../scored.ts";
import { ABOUTS } from "../runs/kinds.ts";
import { useModules } from "../user_modules.ts";
import { answer, answersBefore, identityOf, preparedFor } from "./answers.ts";
import { type Corpora, type Corpus, loadCorpora, protocolWithin } from "./corpora.ts";
import { writeCross } from "./report.ts";
import type { CrossCell, CrossCorpus, CrossResults } from "./results.ts";

/** An event of a matrix: its corpora, the events of its trainings, its cells, and its result. */
export type CrossEvent =
  | {
    type: "corpora";
    folder: string;
    corpora: CrossCorpus[];
    labels: string[];
    notes: readonly string[];
  }
  /** An event of the training on all of a corpus. */
  | { type: "training"; corpus: string; event: AblateEvent }
  /** An event of the folds inside a corpus. */
  | { type: "within"; corpus: string; event: FoldsEvent }
  /** A cell of the matrix, which was answered before or now, and notes on its rows. */
  | { type: "cell"; cell: CrossCell; before: boolean; notes: readonly string[] }
  | { type: "result"; folder: string; results: CrossResults; seconds: number };

/** Options of a matrix of corpora. */
export type CrossOptions = Omit<AblateOptions, "controls">;

/**
 * Trains a model on each corpus of `train` with every seed, and tests it on each other corpus of `test`. A
 * corpus in both is divided into folds that share no speaker. All rows of a corpus are read by the labels of
 * the matrix, whatever splits they have; dev is about a tenth of the training corpus, of other speakers. Each
 * corpus is tested after everything is trained, for all models at once. The folder holds ordinary runs, and
 * the same call resumes an interrupted matrix. The last event is the result, unless `signal` aborts. Throws
 * UndertoneError.
 *
 * @example
 * ```ts
 * import { configureCross, crossCorpora, crossTable, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir(), rows = ["id,text,label,speaker"];
 * for (let i = 0; i < 24; i++) rows.push(`${i},text ${i},${i % 2 ? "joy" : "anger"},s${i % 6}`);
 * for (const name of ["a", "b"]) await Deno.writeTextFile(`${out}/${name}.csv`, rows.join("\n"));
 * const config = configureCross({
 *   train: [`${out}/a.csv`],
 *   test: [`${out}/b.csv`],
 *   method: "text_only",
 *   epochs: 1,
 *   out,
 * });
 * for await (const event of crossCorpora(config)) {
 *   if (event.type === "result") show(crossTable(event.results));
 * }
 * ```
 */
export async function* crossCorpora(
  config: CrossConfig,
  options: CrossOptions = {},
): AsyncGenerator<CrossEvent, void> {
  const began = performance.now(), { signal } = options;
  await useModules(config.use);
  const folder = join(config.out, config.name ?? "cross");
  requireOwnFolder(folder);
  const { modalities } = fusionMethod(config.method);
  const read = modalities.filter((modality) => config[modality] !== "none");
  const corpora = await loadCorpora(config, read), labels = { ...config.labels, only: corpora.labels };
  await requireUnlocked(folder);
  await requireWritable(folder);
  await using lock = await lockFolder(folder);
  const about = corpora.all.map(aboutCorpus), notes = [...corpora.notes];
  await writeJsonAtomic(join(folder, ABOUTS.cross), { config, corpora: about, labels: corpora.labels });
  yield { type: "corpora", folder, corpora: about, labels: corpora.labels, notes: corpora.notes };

  const trained = new Map<Corpus, AblationCell[]>();
  for (const corpus of corpora.train.filter((corpus) => corpora.test.some((other) => other !== corpus))) {
    const { name, data } = corpus;
    const own = crossTraining(config, { data, labels, protocol: "all", out: join(folder, "all"), name });
    for await (const event of ablate(own, { ...options, controls: false })) {
      if (event.type === "planned") trained.set(corpus, event.cells);
      yield { type: "training", corpus: name, event };
    }
    if (signal?.aborted) return;
  }

  const cells: CrossCell[] = [], metrics = headlineMetrics("class");
  for (const corpus of corpora.train.filter((corpus) => corpora.test.includes(corpus))) {
    const { name, data } = corpus, found = protocolWithin(corpus, config.folds);
    if ("reason" in found) {
      notes.push(`${name} can't be divided into folds, so it has no cell with itself: ${found.reason}`);
      continue;
    }
    const { protocol } = found, folds: AblationCell[][] = [];
    const own = crossTraining(config, { data, labels, protocol, out: join(folder, "within"), name });
    for await (const event of crossValidate(own, { ...options, controls: false })) {
      if (event.type === "fold" && event.event.type === "planned") {
        folds[event.fold.number - 1] = event.event.cells;
      }
      yield { type: "within", corpus: name, event };
    }
    if (signal?.aborted) return;
    const bySeed = await pooledAnswers(folds, corpus);
    const cell = { train: name, test: name, folds: folds.length, ...cellScores(bySeed, corpus, metrics) };
    cells.push(cell);
    yield { type: "cell", cell, before: false, notes: [] };
  }

  await useEngine(config);
  for (const corpus of corpora.test) {
    const others = [...trained].filter(([other]) => other !== corpus);
    if (others.length === 0) continue;
    const identity = await identityOf(corpus, config);
    let prepared: ReturnType<typeof preparedFor> | undefined;
    for (const [{ name: train }, models] of others) {
      const bySeed: ScoredRow[][] = [], told = new Set<string>();
      let isBefore = true;
      for (const model of models) {
        const known = await answersBefore(model, corpus, identity);
        if (known) bySeed.push(known);
        else {
          isBefore = false;
          prepared ??= preparedFor(corpus, model, options);
          const { rows, notes } = await answer(model, corpus, await prepared, { identity, signal });
          bySeed.push(rows);
          notes.forEach((note) => told.add(note));
        }
      }
      const cell = { train, test: corpus.name, ...cellScores(bySeed, corpus, metrics) };
      cells.push(cell);
      yield { type: "cell", cell, before: isBefore, notes: [...told] };
    }
  }

  await lock.requireHeld();
  const results = resultsOf(config, corpora, { cells, notes, about, read });
  await writeCross(folder, results, { config, environment: environment() });
  yield { type: "result", folder, results, seconds: (performance.now() - began) / 1000 };
}

/** The metrics with intervals. */
const ESTIMATED = ["balanced_accuracy", "macro_f1"];

/** Scores the answers of each seed to the rows of a corpus. */
function cellScores(
  bySeed: readonly (readonly ScoredRow[])[],
  { dataset }: Corpus,
  metrics: readonly Metric[],
): Omit<CrossCell, "train" | "test"> {
  const rowsOf = new Map(dataset.rows.map((row) => [row.id, row]));
  const estimated = ESTIMATED.map((id) => metricNamed(id, "the matrix"));
  return scoresOf(bySeed, { rowsOf, dataset, metrics, estimated });
}

/** Puts the answers of all folds to their test rows together, seed by seed. */
async function pooledAnswers(
  folds: readonly (readonly AblationCell[])[],
  { dataset }: Corpus,
): Promise<ScoredRow[][]> {
  const read = async (cell: AblationCell) => {
    const path = runFolder(cellPath(cell)).predictions("test");
    return readPredictions(await Deno.readTextFile(path), dataset, path);
  };
  return await Promise.all(
    folds[0].map(async (_, seed) => (await Promise.all(folds.map((cells) => read(cells[seed])))).flat()),
  );
}

function aboutCorpus({ name, data, dataset: { rows, labels } }: Corpus): CrossCorpus {
  const count = (label: string) => rows.filter((row) => row.label === label).length;
  return {
    name,
    data,
    rows: rows.length,
    speakers: new Set(rows.flatMap(({ speaker }) => speaker ?? [])).size,
    labels: Object.fromEntries(labels.map((label) => [label, count(label)])),
  };
}

function resultsOf(
  config: CrossConfig,
  { train, test, labels }: Corpora,
  { cells, notes, about, read }: {
    cells: readonly CrossCell[];
    notes: string[];
    about: CrossCorpus[];
    read: readonly Modality[];
  },
): CrossResults {
  const normalize = groupingWords(config, read), names = (some: readonly Corpus[]) => some.map((c) => c.name);
  const rows = names(train), columns = names(test);
  return {
    method: config.method,
    ...normalize && { normalize },
    labels,
    ...labelMapOf(config),
    seeds: [...new Set(config.seeds)],
    corpora: about,
    train: rows,
    test: columns,
    cells: rows.flatMap((train) =>
      columns.flatMap((test) => cells.find((cell) => cell.train === train && cell.test === test) ?? [])
    ),
    notes,
  };
}

/** Throws UndertoneError if a folder holds something else than a matrix. */
function requireOwnFolder(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, ABOUTS.cross)) || readdirSync(folder).length === 0) {
    return;
  }
  throw badInput({
    expected: "a new folder, or that of a matrix of corpora",
    found: "another folder",
    at: folder,
    todo: "Choose another --name.",
  });
}
