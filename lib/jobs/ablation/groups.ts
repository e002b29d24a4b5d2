/** Groups of cells that read the same prepared data. One group is prepared at a time, to bound memory. */
import { isDeepStrictEqual } from "node:util";
import { type AblationCell, isTrainingOption } from "../../config/mod.ts";
import { type Dataset, type Rejection, type Split, targetsIn } from "../../data/mod.ts";
import { type EncodeProgress, forgetEncoder, type Modality } from "../../encoders/mod.ts";
import { MODALITIES } from "../../model/mod.ts";
import type { Target } from "../../target.ts";
import { withCuts } from "../cuts.ts";
import { precisionNotes } from "../precision.ts";
import { type DataPlan, prepare, type Prepared, restrict } from "../prepare.ts";

/** Cells whose encoders, lengths and other options of reading are the same. */
export interface CellGroup {
  /** How the data of the group are read. */
  plan: DataPlan;
  cells: AblationCell[];
}

/** Options of reading that only one modality has. */
const OWN = { text: ["text", "max_text_length"], audio: ["audio", "max_audio_length"] } as const;

/** Returns what a cell's data depend on, for one modality that it reads. */
function readingOf({ config, plan }: AblationCell, modality: Modality): unknown {
  const other: readonly string[] = MODALITIES.flatMap((m) => m === modality ? [] : OWN[m]);
  const options = Object.entries(config).filter(([key]) => !isTrainingOption(key) && !other.includes(key));
  return { ...plan.encoders[modality], options: Object.fromEntries(options) };
}

/**
 * Groups cells. Cells of one modality join the first group that reads it as they do, or does not read it, and
 * that reads the same of dialogues.
 * Groups keep the order of their first cells, and cells their order in the group.
 */
export function groupsOf(cells: readonly AblationCell[]): CellGroup[] {
  const groups: { readings: Partial<Record<Modality, unknown>>; plan: DataPlan; cells: Set<AblationCell> }[] =
    [];
  const modalitiesOf = ({ plan }: AblationCell) => plan.method.modalities;
  for (const cell of cells.toSorted((a, b) => modalitiesOf(b).length - modalitiesOf(a).length)) {
    const readings = Object.fromEntries(modalitiesOf(cell).map((m) => [m, readingOf(cell, m)]));
    let group = groups.find((group) =>
      isDeepStrictEqual(group.plan.config.context, cell.config.context) &&
      modalitiesOf(cell).every((m) => !group.readings[m] || isDeepStrictEqual(group.readings[m], readings[m]))
    );
    if (!group) groups.push(group = { readings: {}, plan: { ...cell.plan, encoders: {} }, cells: new Set() });
    for (const modality of modalitiesOf(cell).filter((m) => !group.readings[m])) {
      const own = Object.fromEntries(OWN[modality].map((key) => [key, cell.config[key]]));
      group.plan = {
        config: { ...group.plan.config, ...own },
        encoders: { ...group.plan.encoders, [modality]: cell.plan.encoders[modality] },
      };
      group.readings[modality] = readings[modality];
    }
    group.cells.add(cell);
  }
  return groups.map(({ plan, cells: own }) => ({ plan, cells: cells.filter((cell) => own.has(cell)) }))
    .sort((a, b) => cells.indexOf(a.cells[0]) - cells.indexOf(b.cells[0]));
}

/** The groups of an ablation on rows that all of them can read. */
export interface OpenGroups {
  /** The data set without the rows that a group can't read, if groups differ in that. */
  dataset: Dataset;
  /** Every row that can't be used. */
  rejected: readonly Rejection[];
  /** The targets of the train rows. */
  train: Target[];
  /** Notes on data, encoders and inputs that are cut. */
  notes: readonly string[];
  /** Fingerprints of a cell's encoders, by modality. */
  fingerprints(cell: AblationCell): Partial<Record<Modality, string>>;
  /** Prepares splits of a group, and releases what was prepared before. Call it again for each use. */
  prepared(group: CellGroup, splits: readonly Split[]): Promise<Prepared>;
}

export interface GroupOptions {
  /** Whether the test split will be read. */
  test: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: EncodeProgress) => void;
}

/**
 * Reads the data of every group in turn, to know the rows that all can read before any cell is trained.
 * Throws UndertoneError if the data or an encoder can't be used.
 */
export async function openGroups(
  groups: readonly CellGroup[],
  given: Dataset,
  { test, ...options }: GroupOptions,
): Promise<OpenGroups> {
  let held: { group: CellGroup; splits: readonly Split[]; prepared: Prepared } | undefined, dataset = given;
  const read = async (group: CellGroup, splits: readonly Split[]): Promise<Prepared> => {
    if (held?.group === group && isDeepStrictEqual(held.splits, splits)) return held.prepared;
    if (held && held.group !== group) forgetAbsent(held.group, group);
    held = undefined;
    held = { group, splits, prepared: await prepare(group.plan, { splits, dataset, ...options }) };
    return held.prepared;
  };

  const several = groups.length > 1;
  const splits: Split[] = several && test ? ["train", "dev", "test"] : ["train", "dev"];
  const configs = groups.flatMap(({ cells }) => cells.map(({ config }) => config));
  const notes = new Set(await precisionNotes(...configs)),
    fingerprints = new Map<CellGroup, Partial<Record<Modality, string>>>();
  const rejections = new Map<CellGroup, readonly Rejection[]>();
  for (const group of groups) {
    const { examples, ...prepared } = await read(group, splits);
    for (const note of notesOf({ ...prepared, examples: { ...examples, test: [] } }, group.cells)) {
      notes.add(note);
    }
    fingerprints.set(
      group,
      Object.fromEntries(MODALITIES.map((m) => [m, prepared.encoders[m]?.fingerprint])),
    );
    rejections.set(group, prepared.rejected);
  }

  const rejected = [...new Map([...rejections.values()].flat().map((row) => [row.id, row])).values()];
  const lost = new Set(rejected.map(({ id }) => id)), rows = given.rows.filter(({ id }) => !lost.has(id));
  const isLostBy = (some: readonly Rejection[], { id }: Rejection) => some.some((row) => row.id === id);
  const partly = rejected.filter((row) => ![...rejections.values()].every((some) => isLostBy(some, row)));
  if (partly.length > 0) {
    held = undefined;
    dataset = { ...given, rows, rejected };
    notes.add(
      `${partly.length} rows that the encoders of some recipes can't read are left out of all recipes.`,
    );
  }
  const targetOf = targetsIn(given);
  return {
    dataset,
    rejected,
    train: rows.flatMap((row) => row.split === "train" ? targetOf(row) ?? [] : []),
    notes: [...notes],
    fingerprints(cell) {
      const all = fingerprints.get(groups.find(({ cells }) => cells.includes(cell))!)!;
      return Object.fromEntries(cell.plan.method.modalities.map((modality) => [modality, all[modality]]));
    },
    prepared: read,
  };
}

/** Forgets the encoders of a group that the next one does not read. */
function forgetAbsent(group: CellGroup, next: CellGroup): void {
  for (const modality of MODALITIES) {
    const name = group.plan.encoders[modality]?.name;
    if (name && name !== next.plan.encoders[modality]?.name) forgetEncoder(modality, name);
  }
}

/** Returns the notes on prepared data, including the inputs that each cell's bounds cut. */
export const notesOf = (prepared: Prepared, cells: readonly AblationCell[]): string[] => [
  ...new Set(
    cells.flatMap(({ config, plan }) =>
      withCuts(restrict(prepared, plan.method.modalities), {
        maxLength: { text: config.max_text_length, audio: config.max_audio_length },
      }).notes
    ),
  ),
];
