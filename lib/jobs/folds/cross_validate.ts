/**
 * Runs a protocol: trains and tests every fold as an ablation of its own, then puts the answers of all folds
 * together.
 */
import { join } from "node:path";
import { type AblateConfig, type AblationCell, ablationOf, type TrainConfig } from "../../config/mod.ts";
import { type Dataset, type Fold, SPLITS } from "../../data/mod.ts";
import { badInput } from "../../errors.ts";
import type { Scores } from "../../eval/mod.ts";
import { requireWritable, writeJsonAtomic } from "../../files/mod.ts";
import { ablate, type AblateEvent, type AblateOptions } from "../ablation/ablate.ts";
import { environment } from "../environment.ts";
import { inPlace } from "../in_place.ts";
import { lockFolder, requireUnlocked } from "../lock.ts";
import { ABOUTS } from "../runs/kinds.ts";
import { useModules } from "../user_modules.ts";
import { foldConfig, openFolds, runsFolds } from "./open.ts";
import { writeFolds } from "./report.ts";
import { type FoldAnswers, readAnswers, summariseFolds } from "./summary.ts";
import type { FoldsResults, PlannedFold } from "./results.ts";

/** An event of a protocol: the folds, the events of each fold's ablation, and the result of all folds. */
export type FoldsEvent =
  | { type: "folds"; folder: string; folds: PlannedFold[]; notes: readonly string[] }
  /** An event of a fold, first while it trains, and again when its test rows are read. */
  | { type: "fold"; fold: PlannedFold; testing: boolean; event: AblateEvent }
  | { type: "result"; folder: string; results: FoldsResults; seconds: number };

/**
 * Trains every recipe and seed of a configuration in every fold of its protocol. The test rows of all folds
 * are read once, after everything is trained. The folder holds an ablation per fold (`fold-1`, …), whose
 * cells are ordinary runs, and `results.json`, `results.csv`, `groups.csv` and `report.html` of all folds.
 * The same call resumes an interrupted protocol. The last event is the result, unless `signal` aborts. Throws
 * UndertoneError.
 *
 * @example
 * ```ts
 * import { configure, crossValidate, foldsTable, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ protocol: "kfold:2", method: "text_only", audio: "none", epochs: 1, out });
 * for await (const event of crossValidate(config)) {
 *   if (event.type === "result") show(foldsTable(event.results));
 * }
 * ```
 */
export async function* crossValidate(
  given: TrainConfig | AblateConfig,
  options: AblateOptions = {},
): AsyncGenerator<FoldsEvent, void> {
  const began = performance.now(), config = "methods" in given ? given : ablationOf(given);
  const { protocol } = config;
  requireFolds(config);
  await useModules(config.use);
  const { folder, folds } = await openFolds(config), planned = folds.map(plan);
  await requireUnlocked(folder);
  await requireWritable(folder);
  await using lock = await lockFolder(folder);
  await writeJsonAtomic(join(folder, ABOUTS.folds), { protocol, folds: planned, config });
  yield { type: "folds", folder, folds: planned, notes: sharedNotes(folds) };

  const answered: FoldAnswers[] = [];
  for (const testing of config.test ? [false, true] : [false]) {
    answered.length = 0;
    for (const fold of planned) {
      const own = { ...foldConfig(config, folder, fold.number), test: testing };
      const seen: Seen = { dev: new Map() };
      for await (const event of inPlace(`fold ${fold.number}`, ablate(own, options))) {
        note(seen, event);
        yield { type: "fold", fold, testing, event };
      }
      if (options.signal?.aborted) return;
      answered.push(await readAnswers(fold, seen.cells!, seen.dev, seen.dataset!, testing));
    }
  }
  await lock.requireHeld();
  const results = summariseFolds(answered, config);
  await writeFolds(folder, results, { config, environment: environment() });
  yield { type: "result", folder, results, seconds: (performance.now() - began) / 1000 };
}

/** What the events of a fold's ablation tell. */
interface Seen {
  cells?: readonly AblationCell[];
  dataset?: Dataset;
  dev: Map<string, Scores>;
}

function note(seen: Seen, event: AblateEvent): void {
  if (event.type === "planned") ({ cells: seen.cells, dataset: seen.dataset } = event);
  if (event.type === "trained") seen.dev.set(event.cell.id, event.dev);
}

const plan = ({ number, name, dataset: { rows } }: Fold): PlannedFold => ({
  number,
  name,
  rows: Object.fromEntries(
    SPLITS.map((split) => [split, rows.filter((row) => row.split === split).length]),
  ) as PlannedFold["rows"],
});

/** Returns the notes that all folds have. */
const sharedNotes = ([first, ...others]: readonly Fold[]): string[] =>
  first.dataset.notes.filter((note) => others.every(({ dataset }) => dataset.notes.includes(note)));

function requireFolds({ protocol, fold }: AblateConfig): void {
  if (runsFolds({ protocol, fold })) return;
  throw badInput({
    expected: "a protocol with folds, all of which run",
    found: fold === undefined ? `'${protocol}', which has none` : `fold ${fold} alone`,
    at: "the configuration",
    todo: fold === undefined
      ? "Set `protocol`, e.g. kfold:5."
      : "Leave `fold` out, or run that fold as an ordinary training or ablation.",
  });
}
