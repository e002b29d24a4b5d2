/** Results as plain records, one for each row of a frame. */
import type { Table, TableCell } from "../../plot/mod.ts";
import type { AblationResults, Measured } from "../ablation/table.ts";
import type { CrossCell, CrossResults } from "../cross/results.ts";
import type { FoldsResults } from "../folds/results.ts";
import { type Prediction, setText } from "../predictions.ts";
import type { RunList } from "../runs/list.ts";
import type { RunSummary } from "../runs/summary.ts";

/** A row of a frame: the value of each column. */
export type FrameRecord = Readonly<Record<string, string | number | boolean | null | undefined>>;

type Item = Prediction | CrossCell | RunSummary | FrameRecord;
type Source = AblationResults | FoldsResults | CrossResults | RunList | Table | readonly Item[];

/** Returns the rows of results, predictions, runs or a table. */
export function recordsOf(source: Source): FrameRecord[] {
  if (Array.isArray(source)) return source.flatMap((item) => itemRecords(item));
  if ("columns" in source) return tableRecords(source);
  if ("runs" in source) return source.runs.map(summaryRecord);
  if ("cells" in source) return source.cells.flatMap((cell) => cellRecords(cell, source.seeds));
  return "folds" in source ? foldsRecords(source) : ablationRecords(source as AblationResults);
}

function itemRecords(item: Item): FrameRecord[] {
  if ("probabilities" in item && typeof item.probabilities === "object") {
    return [predictionRecord(item as Prediction)];
  }
  if ("metrics" in item && typeof item.metrics === "object") return cellRecords(item as CrossCell);
  return "dev" in item && typeof item.dev === "object"
    ? [summaryRecord(item as RunSummary)]
    : [item as FrameRecord];
}

function predictionRecord({ id, text, audio, label, target, ...answer }: Prediction): FrameRecord {
  const { predicted, probabilities, values, set, seconds, speaker, dialogue } = answer;
  return {
    id,
    text,
    audio,
    ...target ? named("true:", target) : { label },
    ...!values && { predicted },
    ...named("p_", probabilities),
    ...named("predicted:", values ?? {}),
    ...set && { set: setText(set) },
    seconds,
    ...speaker !== undefined && { speaker },
    ...dialogue !== undefined && { dialogue },
  };
}

const named = (prefix: string, numbers: Readonly<Record<string, number>>): FrameRecord =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [prefix + name, value]));

const ablationRecords = ({ systems, seeds }: AblationResults): FrameRecord[] =>
  systems.flatMap(({ name, method, control, ...bySplit }) =>
    (["dev", "test"] as const).flatMap((split) =>
      perSeed(bySplit[split], method ? seeds : [], { recipe: name, method, control, split })
    )
  );

const foldsRecords = ({ systems, seeds, folds }: FoldsResults): FrameRecord[] =>
  systems.flatMap(({ name, method, control, folds: scores }) =>
    scores.flatMap(({ fold, n, metrics }) => {
      const tests = folds.find(({ number }) => number === fold)?.name;
      return perSeed(metrics, method ? seeds : [], { recipe: name, method, control, fold, tests, rows: n });
    })
  );

/** Without `seeds`, the rows of a cell have no seed, but are in the order of seeds. */
const cellRecords = ({ train, test, folds, n, metrics }: CrossCell, seeds: readonly number[] = []) =>
  perSeed(metrics, seeds, { train, test, folds, rows: n });

/** Returns a record for each seed. The majority is not trained: it has one without a seed. */
function perSeed(
  measured: Measured = {},
  seeds: readonly number[],
  about: FrameRecord,
): FrameRecord[] {
  const metrics = Object.entries(measured), count = Math.max(0, ...metrics.map(([, { n }]) => n));
  return Array.from({ length: count }, (_, i) => ({
    ...about,
    seed: seeds[i],
    ...Object.fromEntries(metrics.map(([id, { values }]) => [id, values[i]])),
  }));
}

const summaryRecord = ({ methods, dev, ...run }: RunSummary): FrameRecord => ({
  ...run,
  methods: methods.join(", "),
  ...dev,
});

function tableRecords({ columns, rows }: Table): FrameRecord[] {
  const names = columns.map((column) => typeof column === "string" ? column : column.name);
  const unique = names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before ? `${name} ${before + 1}` : name;
  });
  const valueOf = (cell: TableCell) => typeof cell === "object" && cell ? cell.text : cell;
  return rows.map((row) => Object.fromEntries(unique.map((name, i) => [name, valueOf(row[i])])));
}
