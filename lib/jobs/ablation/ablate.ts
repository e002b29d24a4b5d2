/**
 * Runs an ablation: trains every recipe with every seed as its own run, then compares them with the controls.
 */
import { join } from "node:path";
import { useEngine } from "../../compute/mod.ts";
import { type Dataset, loadDataset, type Split } from "../../data/mod.ts";
import type { EncodeProgress, Modality } from "../../encoders/mod.ts";
import { badInput, UndertoneError } from "../../errors.ts";
import type { Scores } from "../../eval/mod.ts";
import { fusionMethods } from "../../fusion/mod.ts";
import { requireWritable } from "../../files/mod.ts";
import { readSystems } from "./answers.ts";
import {
  type AblateConfig,
  type AblationCell,
  cellPath,
  cellsOf,
  isControl,
  planFor,
  sharedEncoders,
  withoutAuto,
} from "../../config/mod.ts";
import { MODALITIES } from "../../model/mod.ts";
import { writeAblation } from "./report.ts";
import { type AblationCellState, openAblation } from "./state.ts";
import { type AblationResults, summarise } from "./table.ts";
import { withCuts } from "../cuts.ts";
import { environment } from "../environment.ts";
import { evaluate } from "../evaluate.ts";
import { labelled } from "../fit.ts";
import { prepare, type Prepared, restrict } from "../prepare.ts";
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
 * Trains all cells that are not trained yet. They share the same rows and
 * cached features. Reads the test split after all cells are trained. The
 * last event is the table, unless `signal` aborts. Throws UndertoneError.
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
  cellsOf(config, [], ""); // a wrong name throws before any work
  const { data, encoding, columns, target, keep_text: keepText } = config;
  const dataset = await loadDataset(data, {
    target,
    modalities: wanted(config),
    encoding,
    columns,
    keepText,
    protocol: config.protocol,
    fold: config.fold,
  });
  config = withoutAuto(config, dataset.target);
  const modalities = wanted(config).filter((modality) => dataset.rows.some((row) => row[modality]));
  const folder = join(config.out, config.name ?? `${dataset.name}-ablation`);
  const cells = cellsOf(config, controls ? controlsOf(modalities) : [], folder)
    .map((cell) => {
      const plan = planFor(cell.plan, dataset.target);
      return { ...cell, config: plan.config, plan };
    });
  requirePossible(config, cells, modalities, dataset);
  const encoders = sharedEncoders(cells.map(({ plan }) => plan), modalities);
  const shared = { config: { ...config, method: cells[0].config.method }, encoders };
  const prepareSplits = (splits: Split[]) => prepare(shared, { splits, dataset, signal, onProgress });
  await requireUnlocked(folder); // fail before the work, not after it
  const prepared = await prepareSplits(["train", "dev"]);
  await requireWritable(folder);
  await using lock = await lockFolder(folder);
  const states = await openAblation(folder, cells, { config, prepared, modules, overwrite });
  const planNotes = notesOf(prepared, cells);
  yield {
    type: "planned",
    folder,
    dataset: { ...prepared.dataset, notes: planNotes },
    rejected: prepared.rejected.length,
    cells,
    states,
  };

  for (const [i, cell] of cells.entries()) {
    const before = states[i] === "done", options = { controls: false, prepared, modules, signal };
    const run = states[i] === "started"
      ? resumeRun(cellPath(cell), options)
      : trainPlanned(cell.plan, { ...options, overwrite: true });
    if (!before) yield* named(cell, run);
    if (signal?.aborted) return;
    yield { type: "trained", cell, dev: (await readResults(runFolder(cellPath(cell)))).dev!.metrics, before };
  }

  const train = labelled(prepared.examples.train).map(({ target }) => target);
  const table = async (splits: Split[]) => {
    await lock.requireHeld();
    const systems = await readSystems(cells, splits, {
      train,
      target: dataset.target,
      labels: dataset.labels,
    });
    const results = summarise(systems, splits, [...new Set(config.seeds)], dataset);
    await writeAblation(folder, results, { config, environment: environment() });
    return results;
  };
  let results = await table(["dev"]);
  if (config.test) {
    const unread = await unreadCells(cells);
    const test = unread.length > 0 ? await prepareSplits(["test"]) : undefined;
    const notes = test ? notesOf(test, unread).filter((note) => !planNotes.includes(note)) : [];
    if (notes.length) yield { type: "noted", notes };
    for (const [i, cell] of unread.entries()) {
      await evaluate(cellPath(cell), { split: "test", prepared: test, engine: config, signal });
      yield { type: "tested", cell, done: i + 1, total: unread.length };
    }
    results = await table(["dev", "test"]);
  }
  yield { type: "result", folder, results, seconds: (performance.now() - began) / 1000 };
}

const bound = (
  config: Pick<AblateConfig, "max_text_length" | "max_audio_length">,
  modality: Modality,
): number => modality === "text" ? config.max_text_length : config.max_audio_length;

/** Returns the notes on prepared data, including the inputs that each cell's bounds cut. */
const notesOf = (prepared: Prepared, cells: readonly AblationCell[]): string[] => [
  ...new Set(
    cells.flatMap(({ config, plan }) =>
      withCuts(restrict(prepared, plan.method.modalities), {
        maxLength: { text: bound(config, "text"), audio: bound(config, "audio") },
      }).notes
    ),
  ),
];

const wanted = (config: AblateConfig): Modality[] =>
  (["text", "audio"] as const).filter((modality) => config[modality] !== "none");

/** Returns the controls for the modalities that the data has. */
const controlsOf = (there: readonly Modality[]): string[] =>
  fusionMethods.filter((method) => isControl(method) && there.includes(method.modalities[0]))
    .map(({ id }) => id);

function requirePossible(
  config: AblateConfig,
  cells: readonly AblationCell[],
  there: readonly Modality[],
  dataset: Dataset,
): void {
  for (const { recipe, config: cell, plan: { method, encoders } } of cells) {
    const other = MODALITIES.find((m) => encoders[m]?.trains && bound(cell, m) !== bound(config, m));
    if (other) {
      throw badInput({
        expected: `max_${other}_length ${
          bound(config, other)
        } for ${recipe}, which trains its ${other} encoder`,
        found: String(bound(cell, other)),
        at: "the recipes",
        todo: "All recipes read the same tokens and samples: set it for all recipes, or leave this one out.",
      });
    }
    const lacking = method.modalities.find((modality) => !there.includes(modality));
    if (!lacking) continue;
    const none = config[lacking] === "none";
    throw badInput({
      expected: `${lacking} for ${recipe}`,
      found: none ? `--${lacking}=none` : `no row with ${lacking}`,
      at: none ? "the configuration" : config.data,
      todo: none ? "Name an encoder, or leave the method out of --methods." : "Leave it out of --methods.",
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
