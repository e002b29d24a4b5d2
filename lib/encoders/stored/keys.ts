/** Finds the key of each row's features: the row's id, or the name of its clip. */

/** What a row is known by. */
export interface RowName {
  id: string;
  /** Path of its clip, which need not exist. */
  audio?: string;
}

/** The result of matching all rows of a data set. */
export interface Matches {
  /** Keys by row id. */
  keys: Map<string, string>;
  /** Why a row has no key, by row id. */
  faults: Map<string, string>;
  /** Keys that no row names. */
  unused: string[];
}

/** Endings of clips and of files of features. A name with another dot keeps it. */
const ENDING =
  /\.(wav|flac|mp3|ogg|opus|oga|m4a|aac|mp4|mkv|mov|avi|webm|flv|aif|aiff|au|w64|sph|amr|wma|txt|npy|pt)$/i;

const slashed = (name: string): string => name.replaceAll("\\", "/").normalize("NFC").replace(/^\.\//, "");
const bare = (name: string): string => slashed(name).replace(ENDING, "");
const last = (name: string): string => bare(name).split("/").at(-1)!;

/** Forms of a name, the most exact first. A key and a clip are compared in the same form. */
const FORMS = [slashed, bare, last];
/** Number of forms that hold the whole path. */
const WHOLE = 2;

/**
 * Finds the keys of all rows. A row's id must equal a key, or its name without folder and ending; a clip's
 * path is compared without its ending, then without its folder. A row with several keys, or a key that stands
 * for several clips, is ambiguous and refused.
 */
export function matchKeys(rows: readonly RowName[], keys: readonly string[]): Matches {
  const indexes = FORMS.map((form) => Map.groupBy(keys, form));
  const look = (name: string, forms: readonly ((name: string) => string)[]) => {
    for (const [level, form] of forms.entries()) {
      const found = indexes[level].get(form(name));
      if (found) return { found, isWhole: level < WHOLE };
    }
    return { found: [], isWhole: true };
  };
  const matches: Matches = { keys: new Map(), faults: new Map(), unused: [] };
  const claims = new Map<string, { row: RowName; isWhole: boolean }[]>();
  for (const row of rows) {
    const byId = look(row.id, FORMS.map(() => slashed)); // an id has no ending
    const byClip = row.audio === undefined ? undefined : look(row.audio, FORMS);
    const found = [...new Set([...byId.found, ...byClip?.found ?? []])];
    if (found.length === 0) matches.faults.set(row.id, `no features: no key ${namesOf(row)}`);
    else if (found.length > 1) {
      matches.faults.set(
        row.id,
        `ambiguous features: ${quoted(found)} could all be those of ${namesOf(row)}`,
      );
    } else {
      const isWhole = byId.found.length > 0 && byId.isWhole ||
        byClip !== undefined && byClip.found.length > 0 && byClip.isWhole;
      matches.keys.set(row.id, found[0]);
      const others = claims.get(found[0]);
      if (others) others.push({ row, isWhole });
      else claims.set(found[0], [{ row, isWhole }]);
    }
    for (const key of found) if (!claims.has(key)) claims.set(key, []);
  }
  for (const [key, rows] of claims) {
    const clips = new Set(rows.map(({ row: { id, audio } }) => audio ?? id));
    if (clips.size < 2) continue;
    for (const { row, isWhole } of rows) {
      if (isWhole) continue;
      matches.keys.delete(row.id);
      matches.faults.set(row.id, `ambiguous features: '${key}' could be those of ${quoted([...clips])}`);
    }
  }
  matches.unused = keys.filter((key) => !claims.has(key));
  return matches;
}

const namesOf = ({ id, audio }: RowName): string =>
  audio === undefined || audio === id ? `'${id}'` : `'${id}' or '${audio}'`;

const quoted = (names: readonly string[]): string =>
  names.slice(0, 3).map((name) => `'${name}'`).join(", ") + (names.length > 3 ? ", …" : "");
