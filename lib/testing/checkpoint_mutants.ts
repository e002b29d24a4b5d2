/**
 * Makes damaged and edited checkpoints: seeded changes of the bytes, the header or the metadata of good ones.
 */
import { type Random, random, seedOf } from "../random.ts";

interface Entry {
  dtype?: unknown;
  shape?: unknown;
  data_offsets?: unknown;
}

type Header = Record<string, Entry> & { __metadata__: Record<string, string> };

interface Parts {
  header: Header;
  body: Uint8Array;
}

export interface Mutant {
  bytes: Uint8Array;
  /** The change, for the message of a failing test. */
  what: string;
  /** Whether the parameters are unchanged, so that predictions must be unchanged, too. */
  sameValues: boolean;
}

/** Returns mutant number `index` of a good checkpoint's bytes. */
export function mutant(good: Uint8Array, seed: number, index: number): Mutant {
  const draw = random(seedOf(seed, index));
  return pick([changedBytes, changedHeader, changedMetadata, changedMetadata, changedNumbers], draw)(
    good,
    draw,
  );
}

/** Changes up to three bytes in the header or anywhere, or cuts or lengthens the file. */
function changedBytes(good: Uint8Array, draw: Random): Mutant {
  const end = headerEnd(good), inHeader = draw.integer(2) === 0;
  if (draw.integer(4) === 0) {
    const length = draw.integer(2) ? draw.integer(good.length) : good.length + 1 + draw.integer(9);
    const bytes = new Uint8Array(length);
    bytes.set(good.subarray(0, length));
    return { bytes, what: `cut or filled to ${length} bytes`, sameValues: true };
  }
  const bytes = good.slice(), places: number[] = [];
  for (let n = draw.integer(3) + 1; n > 0; n--) {
    const place = draw.integer(inHeader ? end : bytes.length);
    bytes[place] = draw.integer(2) ? bytes[place] ^ (1 << draw.integer(8)) : draw.integer(256);
    places.push(place);
  }
  return { bytes, what: `bytes ${places} changed`, sameValues: places.every((place) => place < end) };
}

/** Drops, renames or doubles a tensor, or changes its type, shape or offsets. */
function changedHeader(good: Uint8Array, draw: Random): Mutant {
  const { header, body } = parsed(good);
  const names = Object.keys(header).filter((name) => name !== "__metadata__");
  const name = pick(names, draw), other = pick(names, draw), entry = header[name];
  const offsets = entry.data_offsets as [number, number], shape = entry.shape as number[];
  const changes: Record<string, () => void> = {
    drop: () => delete header[name],
    rename: () => {
      delete header[name];
      header[pick([`${name}2`, "constructor", "toString", "", "text.x", "optimizer.x", other], draw)] = entry;
    },
    double: () => header[`${name}.copy`] = entry,
    dtype: () => entry.dtype = pick(["F32", "F16", "I32", "I64", "U8", "F64", "BF16", "X", 1, null], draw),
    shape: () =>
      entry.shape = pick<unknown>([
        shape.toReversed(),
        [...shape, 1],
        [1, ...shape],
        shape.slice(1),
        shape.map((size) => -size),
        shape.map((size) => size * 1e9),
        [0],
        [1.5],
        null,
        "1",
      ], draw),
    swap: () => [header[name], header[other]] = [header[other], header[name]],
    offsets: () =>
      entry.data_offsets = pick<unknown>([
        [offsets[0] + 4, offsets[1] + 4],
        [offsets[0] - 4, offsets[1] - 4],
        [offsets[1], offsets[0]],
        [0, body.length],
        [-1, -1],
        [0.5, 4.5],
        [offsets[0]],
        null,
      ], draw),
  };
  const kind = pick(Object.keys(changes), draw);
  changes[kind]();
  // Only other offsets, or another tensor's, give other numbers.
  const sameValues = kind !== "offsets" && kind !== "swap" && kind !== "rename";
  return { bytes: fileOf({ header, body }), what: `${kind} of ${name} (${other})`, sameValues };
}

/** Removes a value of the metadata, or replaces it by one that nobody would write there. */
function changedMetadata(good: Uint8Array, draw: Random): Mutant {
  const { header, body } = parsed(good), metadata = header.__metadata__;
  const key = pick(Object.keys(metadata), draw);
  const way = draw.integer(8);
  if (way === 0) delete metadata[key];
  else if (way === 1) {
    metadata[key] = pick(["", "null", "[]", "{}", "1e999", "NaN", "x", "-1", "[null]"], draw);
  } else if (key === "format") metadata[key] += "0";
  else {
    const root = { value: JSON.parse(metadata[key]) };
    const { holder, name } = pick(placesIn(root), draw);
    if (draw.integer(5) === 0 && !Array.isArray(holder)) delete holder[name];
    else holder[name] = pick<unknown>([null, 1e9, -1, 1.5, "x", "", true, [], {}, ["x"], 1e300], draw);
    metadata[key] = JSON.stringify(root.value) ?? "";
    return { bytes: fileOf({ header, body }), what: `metadata ${key}: ${metadata[key]}`, sameValues: true };
  }
  return { bytes: fileOf({ header, body }), what: `metadata ${key} is ${metadata[key]}`, sameValues: true };
}

/** Replaces a number of a float tensor by an extreme one. */
function changedNumbers(good: Uint8Array, draw: Random): Mutant {
  const { header, body } = parsed(good);
  const names = Object.keys(header).filter((name) => header[name].dtype === "F32");
  const name = pick(names, draw), [start, end] = header[name].data_offsets as [number, number];
  const value = pick([NaN, Infinity, -Infinity, 3e38, -3e38, 1e-40, 0, -1], draw);
  const place = start + 4 * draw.integer((end - start) / 4), changed = body.slice();
  new DataView(changed.buffer).setFloat32(place, value, true);
  return {
    bytes: fileOf({ header, body: changed }),
    what: `${value} in ${name}`,
    sameValues: name.startsWith("optimizer."),
  };
}

type Holder = Record<string, unknown>;

/** Returns every place in a JSON value, the root first. */
function placesIn(root: { value: unknown }): { holder: Holder; name: string }[] {
  const places = [{ holder: root as Holder, name: "value" }];
  for (const { holder, name } of places) {
    const value = holder[name];
    if (typeof value !== "object" || value === null) continue;
    for (const inner of Object.keys(value)) places.push({ holder: value as Holder, name: inner });
  }
  return places;
}

const headerEnd = (bytes: Uint8Array): number =>
  8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));

function parsed(bytes: Uint8Array): Parts {
  const end = headerEnd(bytes);
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, end))), body: bytes.slice(end) };
}

function fileOf({ header, body }: Parts): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const pick = <T>(items: readonly T[], draw: Random): T => items[draw.integer(items.length)];
