/** The units that a bootstrap resamples: rows whose answers depend on each other are drawn together. */
import type { Dataset, Utterance } from "../data/mod.ts";
import type { Units } from "../eval/mod.ts";

/** What a unit is. */
export type UnitKind = "speaker" | "dialogue" | "clip" | "row";

/**
 * Returns the units of rows whose answers depend on each other: speakers if every row names one, else
 * dialogues, else clips, else rows. A unit that all rows share is passed over.
 */
export function unitsOf(rows: readonly Utterance[]): Units<UnitKind> {
  for (const [by, key] of [["speaker", "speaker"], ["dialogue", "dialogue"], ["clip", "audio"]] as const) {
    const distinct = new Set(rows.map((row) => row[key]));
    if (!distinct.has(undefined) && distinct.size > 1 && distinct.size < rows.length) {
      return { by, of: rows.map((row) => row[key]!) };
    }
  }
  return { by: "row", of: rows.map(({ id }) => id) };
}

/** Returns the clip of each row. A row without a clip is a unit of its own. */
export function clipsOf(rows: readonly Pick<Utterance, "id" | "audio">[]): Units<UnitKind> {
  const of = rows.map(({ id, audio }) => audio ?? id), ids = new Set(rows.map(({ id }) => id));
  return { by: new Set(of).size < ids.size ? "clip" : "row", of };
}

/**
 * Returns the units of the answers to rows of a data set, given by id. In a fold of a protocol, which is
 * disjoint by speaker, they are speakers as far as there are some; else clips.
 */
export function unitsIn(
  protocol: string,
  ids: readonly string[],
  { rows }: Pick<Dataset, "rows">,
): Units<UnitKind> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const own = ids.map((id) => byId.get(id) ?? { id, split: "test" as const });
  const units = protocol === "split" ? undefined : unitsOf(own);
  return units && (units.by === "speaker" || units.by === "dialogue") ? units : clipsOf(own);
}
