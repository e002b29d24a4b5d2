/**
 * Runs an ablation: trains every recipe with every seed as its own run, then compares them with the controls.
 */
import { join } from "node:path";
import { useEngine } from "../../compute/mod.ts";
import { type Dataset, loadDataset, type Split } from "../../data/mod.ts";
import { type EncodeProgress, isStored, type Modality } from "../../encoders/mod.ts";
import { badInput, requireKnown, UndertoneError } from "../../errors.ts";
import { headlineMetrics, KINDS, type Scores } from "../../eval/mod.ts";
import { fusionMethods } from "../../fusion/mod.ts";
import { requireWritable } from "../../files/mod.ts";
import { readSystems } from "./answers.ts";
import {
  type AblateConfig,
  type AblationCell,
  cellPath,
  cellsOf,
  groupingOf,
  groupingWords,
  isControl,
  labelMapOf,
  labelReading,
  planFor,
  requireFitting,
  withoutAuto,
} from "../../config/mod.ts";
import { MODALITIES } from "../../model/mod.ts";
import type { Pair } from "./comparisons.ts";
import { groupsOf, notesOf, openGroups } from "./groups.ts";
import { writeAblation } from "./write.ts";
import { type AblationCellState, openAblation } from "./state.ts";
import { type AblationResults, summarise } from "./table.ts";
import { environment } from "../environment.ts";
import { evaluate } from "../evaluate.ts";
import { readResults } from "../results.ts";
import { lockFolder, requireUnlocked } from "../lock.ts";
import { runFolder } from "../run_folder.ts";
import type { RunEvent } from "../run_event.ts";
import { resumeRun } from "../resume.ts";
import { trainPlanned } from "../train.ts";
import { useModules } from "../user_modules.ts";

/**
 * An event of an ablation: the plan, training events per
 * cell, finished cells, readings of test, and the table.
 */
export type AblateEvent =
  | {
    type: "planned";
    folder: string;
    dataset: Dataset;
    rejected: number;
    cells: AblationCell[];
    states: AblationCellState[];
  }
  | { type: "cell"; cell: AblationCell; event: RunEvent }
  | { type: "trained"; cell: AblationCell; dev: Scores; before: boolean }
  /** Notes on the test split that the plan did not have yet. */
  | { type: "noted"; notes: readonly string[] }
  | { type: "tested"; cell: AblationCell; done: number; total: number }
  | { type: "result"; folder: string; results: AblationResults; seconds: number };

/** Options of an ablation. */
export interface AblateOptions {
  /** Retrain cells that were trained with another configuration or data. */
  overwrite?: boolean;
  /** Whether the controls of a single modality are trained, too. Default true. */
  controls?: boolean;
  /** Stops the ablation after the current step; the same call resumes it. */
  signal?: AbortSignal;
  /** Reports the progress of the encoding. */
  onProgress?: (progress: EncodeProgress) => void;
}

/**
 * Trains all cells that are not trained yet, on the same rows. Cells that read the data alike follow one
 * another, and only their data are in memory. Reads the test split after all cells are trained. The last
 * event is the table, unless `signal` aborts. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { ablate, configureAblation } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const methods = { text_only: {} };
 * const config = configureAblation({ methods, seeds: [1], audio: "none", epochs: 1, out });
 * for await (const event of ablate(config)) {
 *   if (event.type === "result") console.log(event.results.systems);
 * }
 * ```
 */
export async function* ablate(
  config: AblateConfig,
  { overwrite = false, controls = true, signal, onProgress }: AblateOptions = {},
): AsyncGenerator<AblateEvent, void> {
  const began = performance.now();
  const modules = await useModules(config.use);
  await useEngine(config);
  const planned = cellsOf(config, [], ""); // a wrong name throws before any work
  const wanted = MODALITIES.filter((m) =>
    config[m] !== "none" || planned.some((cell) => cell.config[m] !== "none")
  );
  const { data, encoding, columns, pattern, cache, target, keep_text: keepText } = config;
  const stored = wanted.filter((m) =>
    planned.every(({ config }) => config[m] === "none" || isStored(m, config[m]))
  );
  const given = await loadDataset(data, {
    target,
    modalities: wanted,
    stored,
    encoding,
    columns,
    pattern,
    cache,
    ...labelReading(config),
    keepText,
    protocol: config.protocol,
    fold: config.fold,
  });
  config = withoutAuto(config, given.target);
  const modalities = wanted.filter((modality) =>
    stored.includes(modality) || given.rows.some((row) => row[modality])
  );
  const folder = join(config.out, config.name ?? `${given.name}-ablation`);
  const cells: AblationCell[] = cellsOf(config, controls ? controlsOf(modalities) : [], folder)
    .map((cell) => {
      const plan = planFor(cell.plan, given.target);
      requireFitting(plan.config, given);
      return { ...cell, config: plan.config, plan };
    });
  requirePossible(config, cells, modalities, given);
  const pairs = pairsOf(config, cells, KINDS[given.target].control.name);
  await requireUnlocked(folder); // fail before the work, not after it
  const groups = groupsOf(cells),
    open = await openGroups(groups, given, { test: config.test, signal, onProgress });
  const { dataset, fingerprints } = open;
  await requireWritable(folder);
  await using lock = await lockFolder(folder);
  const states = await openAblation(folder, cells, {
    config,
    dataset,
    fingerprints,
    modules,
    overwrite,
    signal,
  });
  yield {
    type: "planned",
    folder,
    dataset: { ...dataset, notes: open.notes },
    rejected: open.rejected.length,
    cells,
    states,
  };

  for (const group of groups) {
    for (const cell of group.cells) {
      const state = states[cells.indexOf(cell)], before = state === "done";
      if (!before) {
        const prepared = await open.prepared(group, ["train", "dev"]);
        const options = { controls: false, prepared, modules, signal };
        const run = state === "started"
          ? resumeRun(cellPath(cell), options)
          : trainPlanned(cell.plan, { ...options, overwrite: true });
        yield* named(cell, run);
      }
      if (signal?.aborted) return;
      const { dev } = await readResults(runFolder(cellPath(cell)));
      yield { type: "trained", cell, dev: dev!.metrics, before };
    }
  }

  const table = async (splits: Split[]) => {
    await lock.requireHeld();
    const { target, labels } = dataset, seeds = [...new Set(config.seeds)];
    const systems = await readSystems(cells, splits, { train: open.train, target, labels });
    const normalize = groupingWords(config, modalities);
    const results: AblationResults = {
      ...summarise(systems, splits, seeds, dataset, { pairs, protocol: config.protocol }),
      ...normalize && { normalize },
      ...labelMapOf(config),
    };
    await writeAblation(folder, results, { config, environment: environment() });
    return results;
  };
  let results = await table(["dev"]);
  if (config.test) {
    const unread = await unreadCells(cells), told = new Set(open.notes);
    let done = 0;
    for (const group of groups) {
      const own = group.cells.filter((cell) => unread.includes(cell));
      if (own.length === 0) continue;
      const prepared = await open.prepared(group, ["test"]);
      const notes = notesOf(prepared, own).filter((note) => !told.has(note));
      notes.forEach((note) => told.add(note));
      if (notes.length) yield { type: "noted", notes };
      for (const cell of own) {
        await evaluate(cellPath(cell), { split: "test", prepared, engine: config, signal });
        yield { type: "tested", cell, done: ++done, total: unread.length };
      }
    }
    results = await table(["dev", "test"]);
  }
  yield { type: "result", folder, results, seconds: (performance.now() - began) / 1000 };
}

/** Returns the controls for the modalities that the data has. */
const controlsOf = (there: readonly Modality[]): string[] =>
  fusionMethods.filter((method) => isControl(method) && there.includes(method.modalities[0]))
    .map(({ id }) => id);

/** Returns the pairs to compare. Throws UndertoneError if one names no recipe and no control. */
function pairsOf({ compare }: AblateConfig, cells: readonly AblationCell[], majority: string): Pair[] {
  const names = [majority, ...new Set(cells.map(({ recipe }) => recipe))];
  return compare.map(([a, b]): Pair => {
    for (const name of [a, b]) {
      requireKnown("a recipe or a control of the ablation", name, names, "--compare");
    }
    if (a !== b) return [a, b];
    throw badInput({
      expected: "two recipes",
      found: `'${a}' twice`,
      at: "--compare",
      todo: `Name another: ${names.filter((name) => name !== a).join(", ")}.`,
    });
  });
}

function requirePossible(
  config: AblateConfig,
  cells: readonly AblationCell[],
  there: readonly Modality[],
  dataset: Dataset,
): void {
  const shown = headlineMetrics(dataset.target).map(({ id }) => id);
  for (const { recipe, config: cell, plan: { method }, published } of cells) {
    for (const id of [published?.dev, published?.test].flatMap((by) => Object.keys(by ?? {}))) {
      requireKnown("a metric that the table shows", id, shown, `the published figures of '${recipe}'`);
    }
    const lacking = method.modalities.find((modality) =>
      !there.includes(modality) || cell[modality] === "none"
    );
    if (!lacking) continue;
    const none = cell[lacking] === "none";
    throw badInput({
      expected: `${lacking} for ${recipe}`,
      found: none ? `--${lacking}=none` : `no row with ${lacking}`,
      at: none ? "the configuration" : config.data,
      todo: none ? "Name an encoder, or leave the method out of --methods." : "Leave it out of --methods.",
    });
  }
  const enrolments = new Map(cells.map((cell) => [enrolmentsOf(cell), cell]));
  if (enrolments.size > 1) {
    const [a, b] = [...enrolments.values()];
    throw badInput({
      expected: "recipes that score the same rows, so that they can be compared",
      found: `'${a.recipe}' and '${b.recipe}', which leave out other rows as an enrolment`,
      at: "--normalize",
      todo:
        "Give all recipes one enrolment, e.g. --normalize.audio=speaker:enrolled:8 for the whole ablation.",
    });
  }
  if (
    !config.test || dataset.rows.some(({ split, label, target }) => split === "test" && (label || target))
  ) return;
  throw badInput({
    expected: "labelled rows in the split 'test'",
    found: "none",
    at: config.data,
    todo: "Skip the test split with --no-test.",
  });
}

/** Returns which rows a cell leaves out as an enrolment, as text. */
const enrolmentsOf = ({ config }: AblationCell): string =>
  JSON.stringify(
    MODALITIES.map((modality) => groupingOf(config, modality))
      .flatMap((by) => by?.variant === "enrolled" ? [[by.by, by.rows]] : []).sort(),
  );

/** Yields a cell's events as ablation events, and adds the cell's name to its errors. */
async function* named(
  cell: AblationCell,
  run: AsyncGenerator<RunEvent, void>,
): AsyncGenerator<AblateEvent, void> {
  try {
    for await (const event of run) yield { type: "cell", cell, event };
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    throw new UndertoneError(`In the cell ${cell.id}: ${error.message}`, error.code, { cause: error });
  }
}

async function unreadCells(cells: readonly AblationCell[]): Promise<AblationCell[]> {
  const results = await Promise.all(cells.map((cell) => readResults(runFolder(cellPath(cell)))));
  return cells.filter((_, i) => !results[i].test);
}
