/**
 * Undertone's own format: a CSV with the columns id, split, text, audio, label and, if known, speaker,
 * dialogue, turn, session, gender, age, corpus, text_source. In place of the label, several columns may hold
 * a target of another kind.
 */
import { basename, dirname, resolve } from "node:path";
import { badInput } from "../../errors.ts";
import { TARGET_KINDS, type TargetKind, type VectorKind } from "../../target.ts";
import { type CsvTable, requireColumns } from "../csv.ts";
import { MANIFEST_COLUMNS } from "./columns.ts";
import { withIds } from "./ids.ts";
import { type CandidateSource, type DataSource, type Place, quoted } from "./source.ts";

/**
 * How the columns of a target are named, by kind: `label:anger` for the votes for a class, `has:anger` for 1
 * or 0 as a row has the label or not, `value:valence` for a continuous value.
 */
const PREFIX: Readonly<Record<VectorKind, string>> = {
  distribution: "label:",
  labels: "has:",
  values: "value:",
};

/** The column that says which words are a machine's. */
export const TEXT_SOURCE = "text_source";

/** Returns the name of a target's column. */
export const targetColumn = (kind: VectorKind, name: string): string => PREFIX[kind] + name;

/** Returns the columns of a kind of target. */
const columnsOf = (kind: TargetKind, columns: readonly string[]): string[] =>
  columns.filter((name) =>
    kind === "class" ? name === "label" : name.startsWith(PREFIX[kind]) && name !== PREFIX[kind]
  );

/** Returns the kinds of target that a table has, in the order of the kinds. */
const kindsIn = (columns: readonly string[]): TargetKind[] =>
  TARGET_KINDS.filter((kind) => columnsOf(kind, columns).length > 0);

/**
 * Recognises a manifest by its columns, or a folder by its manifest.csv. Also accepts files that no other
 * source recognises, so that errors name the missing columns.
 */
export const manifest: DataSource = {
  id: "manifest",
  name: "a manifest",
  summary: "a manifest CSV (id, label, and text or audio), a folder with manifest.csv",

  async recognise(_, place) {
    if (place.kind === "folder") {
      const isThere = (await place.files()).includes(FILE);
      return isThere ? { strength: 90, reason: FILE, file: FILE } : undefined;
    }
    if (place.kind === "nothing") return undefined;
    const columns = await place.columns() ?? [];
    const content = ["text", "audio"].find((name) => columns.includes(name));
    if ((content || place.byName) && columns.includes("id") && kindsIn(columns).length > 0) {
      return { strength: 90, reason: "all columns of a manifest" };
    }
    if (content && !place.labelled) return { strength: 40, reason: `column '${content}'` };
    return { strength: 1, reason: "rows in a file" };
  },

  async read(_, place) {
    const table = await place.table(place.kind === "folder" ? FILE : undefined);
    return manifestSource(place.columnNames || table.unit === "row" ? withIds([table])[0] : table, place);
  },
};

/** Name of a manifest in a folder. */
const FILE = "manifest.csv";

/**
 * Returns the rows of a manifest. Clip paths are relative to its folder. Without a column `split` the rows
 * have no split. If `labelled` is false, the target may be missing, and so may `id`: the line number replaces
 * it. `target` is the kind of target to read. With `byName`, `text` and `audio` may be missing if there is an
 * id. Other columns are ignored and named in a note. Throws UndertoneError if a column is missing, or if
 * there are several kinds of target and none is wanted.
 */
export function manifestSource(
  table: CsvTable,
  { labelled, target: wanted, byName }: Pick<Place, "labelled" | "target" | "byName">,
): CandidateSource {
  const { path, columns, unit = "line" } = table;
  const naming = (column: string, other?: string) =>
    other === undefined
      ? `say which one it is: --columns.${column}=<name>`
      : `name it: --columns.${column}='${other}'`;
  const target = targetOf(table, labelled, wanted), ofTarget = columnsOf(target, columns);
  if (labelled) requireColumns(table, target === "class" ? ["id", "label"] : ["id"], naming);
  const isNamed = byName && columns.includes("id");
  if (!isNamed && !columns.includes("text") && !columns.includes("audio")) {
    throw badInput({
      expected: "a manifest with a column 'text' or 'audio'",
      found: `neither (columns: ${columns.join(", ")})`,
      at: `${path}, line 1`,
      todo:
        "Add a column with the words, or with the path of the clip relative to the manifest. If it has another " +
        "name, say so: --columns.text=<name> or --columns.audio=<name>.",
    });
  }
  const ours = [...MANIFEST_COLUMNS.filter((name) => name !== "label"), TEXT_SOURCE];
  const known: readonly string[] = [...ours, ...ofTarget];
  const others = columns.filter((name) => !known.includes(name));
  const name = basename(path).replace(/\.(csv|tsv|parquet)$/i, "");
  const named = target === "class"
    ? []
    : ofTarget.map((column) => [column, column.slice(PREFIX[target].length)]);
  return {
    name: name === "manifest" ? basename(dirname(resolve(path))) : name,
    path,
    root: table.root ?? dirname(path),
    target,
    labels: target === "class" ? undefined : named.map(([, label]) => label),
    candidates: table.rows.map(({ line, cells }) => ({
      ...cells,
      at: `${path}, ${unit} ${line}`,
      id: cells.id ?? `${unit} ${line}`,
      folds: undefined, // only sources of published folds have them
      textSource: cells[TEXT_SOURCE],
      ...target !== "class" && {
        label: undefined,
        target: Object.fromEntries(named.map(([column, label]) => [label, cells[column]])),
      },
    })),
    rejected: table.rejected,
    notes: [
      ...table.notes,
      ...others.length > 0 ? [`Ignored columns of ${path}: ${quoted(others)}.`] : [],
      ...target === "distribution" ? scalingNotes(table, ofTarget) : [],
    ],
  };
}

/** Returns the kind of target to read. Throws UndertoneError if there are several and none is wanted. */
function targetOf({ path, columns }: CsvTable, labelled: boolean, wanted?: TargetKind): TargetKind {
  const kinds = kindsIn(columns);
  if (wanted && kinds.includes(wanted)) return wanted;
  if (kinds.length > 1 && labelled && !wanted) {
    const found = kinds.map((kind) => `${quoted(columnsOf(kind, columns).slice(0, 2))} (${kind})`);
    throw badInput({
      expected: "columns of one kind of target",
      found: found.join(" and "),
      at: `${path}, line 1`,
      todo: `Choose with ${kinds.map((kind) => `--target ${kind}`).join(" or ")}.`,
    });
  }
  return kinds[0] ?? "class";
}

/** Says that votes are scaled, where a row does not sum to 1 already. */
function scalingNotes({ path, rows }: CsvTable, columns: readonly string[]): string[] {
  const sumOf = (cells: Readonly<Record<string, string>>) =>
    columns.reduce((sum, column) => sum + Number(cells[column]), 0);
  const isVotes = (sum: number) => sum > 0 && Math.abs(sum - 1) >= 1e-3;
  if (!rows.some(({ cells }) => isVotes(sumOf(cells)))) return [];
  return [
    `The columns 'label:…' of ${path} are read as votes, scaled to sum to 1 in each row. If a row can have ` +
    "several labels at once, name them 'has:…'.",
  ];
}
