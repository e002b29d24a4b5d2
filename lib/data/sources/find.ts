/**
 * Reads the rows at a path: by the source named before it (`ravdess:my/folder`), or by the one that
 * recognises it best.
 */
import { dirname } from "node:path";
import { badInput, nearest } from "../../errors.ts";
import { TARGET_KINDS, type TargetKind } from "../../target.ts";
import { CLIP } from "./files.ts";
import { PATTERNS } from "./pattern.ts";
import { placeAt, withoutSlash } from "./place.ts";
import { dataSources, isDataSource } from "./registry.ts";
import {
  type CandidateSource,
  type DataSource,
  type Place,
  type Recognition,
  type Wanted,
  WORTH_TELLING,
} from "./source.ts";

/** A source's id before a path. It has at least two letters, because `C:` is a drive. */
export const PREFIXED = /^([a-z][\w-]+):(.*)$/is;

/**
 * Reads the rows at a path. Throws UndertoneError if no source recognises it, or several recognise it equally
 * well.
 */
export async function readSource(given: string, wanted: Wanted): Promise<CandidateSource> {
  const [, id, path] = PREFIXED.exec(given) ?? [], isForced = id !== undefined && isDataSource(id);
  const place = await placeAt(given, wanted).catch((error) => {
    if (!isForced) throw error; // on Windows, a colon within a name is an error
  });
  if (place && (place.kind !== "nothing" || !isForced)) return await readByStrongest(given, place);
  return await readBy(dataSources().find((source) => source.id === id)!, path, wanted);
}

/**
 * Returns whether a data set that was read before needs a source that is not registered: the one named before
 * its path, one that reads a word of its own, or one that recognises what lies at the path.
 */
export async function lacksSource(given: string): Promise<boolean> {
  const [, id] = PREFIXED.exec(given) ?? [], isNamed = id !== undefined && isDataSource(id);
  const place = await placeAt(given, { labelled: false, audio: false }).catch(() => undefined);
  if (!place || place.kind === "nothing") {
    const isWord = /^[\w-]+$/.test(given) && !dataSources().some(({ words }) => words?.includes(given));
    return !isNamed && (id !== undefined || isWord);
  }
  for (const source of dataSources()) if (await recognitionOf(source, given, place)) return false;
  return true;
}

/** Reads a path by the source named before it. */
async function readBy(source: DataSource, path: string, wanted: Wanted): Promise<CandidateSource> {
  if (path === "") {
    throw badInput({
      expected: `a path after '${source.id}:'`,
      found: "nothing",
      at: `${source.id}:`,
      todo: `Write, for example, ${source.id}:my/data.`,
    });
  }
  const place = await placeAt(path, wanted);
  if (place.kind === "nothing" && !await recognitionOf(source, path, place)) throw await unknown(path, place);
  return await rowsOf(source, path, place);
}

async function readByStrongest(path: string, place: Place): Promise<CandidateSource> {
  const claims: (Recognition & { source: DataSource })[] = [];
  for (const source of dataSources()) {
    const recognition = await recognitionOf(source, path, place);
    if (recognition) claims.push({ ...recognition, source });
  }
  const [first, ...others] = claims.sort((a, b) => b.strength - a.strength);
  if (first === undefined) throw await unknown(path, place);
  const equals = [first, ...others.filter(({ strength }) => strength === first.strength)];
  if (equals.length > 1) {
    throw badInput({
      expected: "data that one source recognises best",
      found: equals.map(({ source, reason }) => `${reason} (for ${source.id})`).join(" and "),
      at: path,
      todo: `Name the source: ${equals.map(({ source }) => `${source.id}:${path}`).join(" or ")}.`,
    });
  }
  const rows = first.file === undefined
    ? await rowsOf(first.source, path, place)
    : await readFileOf(path, first.file, place);
  const left = others.filter(({ strength }) => strength >= WORTH_TELLING).map(({ reason }) => reason);
  if (left.length === 0) return rows;
  const note = place.kind === "folder"
    ? `${withoutSlash(path)} was read by its ${first.reason}; it also holds ${left.join(" and ")}.`
    : `${path} was read as ${first.source.name}, though it has ${left.join(" and ")}, too.`;
  return { ...rows, notes: [note, ...rows.notes] };
}

/** Reads the file that is a folder's data set, by the source that recognises the file best. */
async function readFileOf(folder: string, file: string, wanted: Wanted): Promise<CandidateSource> {
  const path = `${withoutSlash(folder)}/${file}`;
  return await readByStrongest(path, await placeAt(path, wanted));
}

/**
 * Returns a source's recognition of a path. Throws UndertoneError if the source returns an invalid strength
 * or reason.
 */
export async function recognitionOf(source: DataSource, path: string, place: Place) {
  const recognition = await source.recognise(path, place);
  if (recognition === undefined) return undefined;
  const { strength, reason } = recognition;
  if (strength >= 1 && strength <= 100 && typeof reason === "string") return recognition;
  throw badInput({
    expected: `a strength from 1 to 100 and a reason from the data source '${source.id}'`,
    found: `strength ${strength}, reason ${JSON.stringify(reason)}`,
    at: path,
    todo: "Fix its `recognise`.",
  });
}

/**
 * Returns a source's rows with all defaults filled in. Throws UndertoneError if a field of a row is not a
 * string.
 */
async function rowsOf(source: DataSource, given: string, place: Place): Promise<CandidateSource> {
  const path = place.kind === "folder" ? withoutSlash(given) : given;
  if (place.columnNames && place.kind !== "file" && source.reads !== "columns") {
    throw badInput({
      expected: "one CSV file, whose columns --columns names",
      found: `${source.name}, which is no such file`,
      at: path,
      todo: "Name the file, or omit --columns.",
    });
  }
  if (place.pattern !== undefined && source.reads !== "pattern") {
    throw badInput({
      expected: "a folder of clips, whose names --pattern describes",
      found: source.name,
      at: path,
      todo: place.kind === "folder"
        ? `Write files:${path}, or omit --pattern.`
        : "Name a folder of clips, or omit --pattern.",
    });
  }
  const { root, name, path: readFrom, target, labels, candidates, rejected, notes } = await source.read(
    path,
    place,
  );
  requireTarget(source, target, labels, path);
  requireRecords(source, candidates, path);
  for (const candidate of candidates) {
    const { target: numbers = {}, ...texts } = candidate;
    const odd = [...Object.entries(texts), ...Object.entries(numbers)].find(([, value]) =>
      value !== undefined && typeof value !== "string"
    );
    if (odd === undefined) continue;
    throw badInput({
      expected: `rows of strings from the data source '${source.id}'`,
      found: `${odd[0]}: ${JSON.stringify(odd[1])}`,
      at: candidate.at,
      todo: "Fix its `read`.",
    });
  }
  return {
    name: name ?? source.name,
    path: readFrom ?? path,
    root,
    target,
    labels,
    candidates,
    rejected: rejected ?? [],
    notes: notes ?? [],
  };
}

/** Throws UndertoneError unless a source gives a list of records, each with its place. */
function requireRecords({ id }: DataSource, rows: unknown, path: string): void {
  const isRecord = (row: unknown): row is object =>
    typeof row === "object" && row !== null && !Array.isArray(row);
  const described = (value: unknown) => {
    const kind = Array.isArray(value)
      ? "an array"
      : isRecord(value)
      ? "an object"
      : value === null
      ? "null"
      : typeof value;
    return `${kind}, ${JSON.stringify(value)?.slice(0, 100) ?? "which JSON can't hold"}`;
  };
  const fail = (found: string, at: string) =>
    badInput({
      expected: `a list of rows from the data source '${id}', each an object with 'at' and 'id'`,
      found,
      at,
      todo: "Fix its `read`.",
    });
  if (!Array.isArray(rows)) throw fail(described(rows), path);
  rows.forEach((row, i) => {
    const at = `row ${i + 1} of ${path}`;
    if (!isRecord(row)) throw fail(described(row), at);
    if (!("at" in row && typeof row.at === "string")) throw fail("no text 'at', its file and line", at);
  });
}

/** Throws UndertoneError if a source gives a kind that does not exist, or numbers without their names. */
function requireTarget(
  { id }: DataSource,
  target: TargetKind | undefined,
  labels: readonly string[] | undefined,
  at: string,
): void {
  const known = target === undefined || TARGET_KINDS.includes(target);
  if (known && (target === undefined || target === "class" || labels?.length)) return;
  throw badInput({
    expected: known
      ? `labels for targets of the kind '${target}' from the data source '${id}'`
      : `a kind of target (${TARGET_KINDS.join(", ")}) from the data source '${id}'`,
    found: known ? "none" : JSON.stringify(target),
    at,
    todo: "Fix its `read`.",
  });
}

/** Returns the error for a path that no source recognises. */
async function unknown(path: string, place: Place): Promise<Error> {
  const sources = dataSources(), ids = sources.map(({ id }) => id);
  if (place.kind === "nothing") {
    const [, id, rest] = PREFIXED.exec(path) ?? [];
    const prefix = id === undefined ? undefined : nearest(id, ids);
    const beside = await Array.fromAsync(Deno.readDir(dirname(path)), ({ name }) => name).catch(() => []);
    const words = sources.flatMap(({ words = [] }) => words);
    const meant = nearest(path.slice(path.lastIndexOf("/") + 1), [...beside, ...words]);
    const todo = prefix !== undefined && prefix !== id
      ? `Did you mean ${prefix}:${rest}?`
      : meant !== undefined
      ? `Check the path. Did you mean '${meant}'?`
      : id !== undefined
      ? `Check the path. Sources that can be named before it are ${ids.join(", ")}.`
      : "Check the path.";
    return badInput({ expected: "a data set", found: "nothing", at: path, todo });
  }
  const files = place.kind === "folder" ? await place.files() : [];
  const table = files.find((file) => /\.[ct]sv$/i.test(file) && !file.includes("/"));
  return badInput({
    expected: `a data set of a known kind (${ids.join(", ")}; deno task data --help explains them)`,
    found: place.kind === "file"
      ? "another file"
      : files.length === 0
      ? "no files"
      : `${files.length} other files (${files.slice(0, 3).join(", ")})`,
    at: withoutSlash(path),
    todo: table === undefined
      ? files.some((file) => CLIP.test(file)) && place.pattern === undefined
        ? `If the names of the clips say their labels, add --pattern: ${PATTERNS}`
        : "Check the path."
      : `If ${table} is a manifest, name it: ${withoutSlash(path)}/${table}.`,
  });
}
