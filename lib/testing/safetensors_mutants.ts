/** Makes damaged and hostile safetensors files: seeded changes of the bytes or the header of good ones. */
import { type Random, random, seedOf } from "../random.ts";

/** A header's entries as JSON text, which can express more than a value can: `1.0`, or a name twice. */
type Entries = [name: string, json: string][];

const DTYPES: [dtype: string, width: number][] = [
  ...["F32", "I32", "U32"].map((dtype): [string, number] => [dtype, 4]),
  ...["F64", "I64", "U64"].map((dtype): [string, number] => [dtype, 8]),
  ...["F16", "BF16", "I16", "U16"].map((dtype): [string, number] => [dtype, 2]),
  ...["U8", "I8", "BOOL"].map((dtype): [string, number] => [dtype, 1]),
];

/** Types of the format that are not supported. */
const UNREAD = ["F8_E4M3", "F8_E5M2", "F4", "C64"];

/** Values that may confuse a reader. */
const ODD = ("null true false 0 1 -1 -0 1.0 1.5 1e0 1e999 2147483648 9007199254740993 18446744073709551615 " +
  '18446744073709551616 "" "F32" "f32" "1" "\\ud800" "\\u0041" [] [[]] [1] [0] [0,0] [-1] [1.0] [null] ["1"] ' +
  "[0,0,0] [4294967296,4294967296] [4294967296,4294967296,0] [0,4294967296] {} " +
  '{"a":1} {"dtype":"F32","shape":[],"data_offsets":[0,4]}').split(" ");
const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "__metadata__",
  "",
  "a",
  "0",
  "\u4e2d",
  "\\ud800",
  "\\n",
];

/** Returns mutant number `index` of a seed. */
export function mutant(seed: number, index: number): Uint8Array {
  const draw = random(seedOf(seed, index)), { entries, body } = seedling(draw);
  const kind = draw.integer(3); // 0: change bytes only; otherwise the number of changes of the header
  if (kind > 0) { for (let n = kind; n > 0; n--) changeHeader(entries, body.length, draw); }
  const bytes = fileOf(entries, body);
  return kind === 0 || draw.integer(4) === 0 ? changedBytes(bytes, draw) : bytes;
}

/** Returns a good file of up to five small tensors. */
function seedling(draw: Random): { entries: Entries; body: Uint8Array } {
  const entries: Entries = draw.integer(2) ? [["__metadata__", '{"format":"pt"}']] : [];
  let end = 0;
  for (let i = draw.integer(6); i > 0; i--) {
    const [dtype, width] = pick(DTYPES, draw);
    const shape = Array.from({ length: draw.integer(4) }, () => draw.integer(4));
    const start = end;
    end += width * shape.reduce((a, b) => a * b, 1);
    entries.push([
      `t${i}`,
      `{"dtype":"${dtype}","shape":${JSON.stringify(shape)},"data_offsets":[${start},${end}]}`,
    ]);
  }
  // Mostly zero bytes, so that some wide integers are small enough.
  const body = Uint8Array.from({ length: end }, () => draw.integer(12) ? 0 : draw.integer(256));
  return { entries: draw.shuffle(entries), body };
}

function changeHeader(entries: Entries, total: number, draw: Random): void {
  const at = draw.integer(entries.length + 1), entry = entries[at];
  if (!entry) {
    entries.push([pick(NAMES, draw), draw.integer(2) ? pick(ODD, draw) : pick(entries, draw)?.[1] ?? "{}"]);
    return;
  }
  const number = /\d+(?=[\],])/g, numbers = entry[1].match(number) ?? [];
  const changes: (() => void)[] = [
    () => entry[0] = pick(NAMES, draw),
    () => entry[1] = pick(ODD, draw),
    () => entries.splice(at, 1),
    () => entries.push([entry[0], draw.integer(2) ? entry[1] : pick(ODD, draw)]),
    () => [entries[0][1], entry[1]] = [entry[1], entries[0][1]],
    // Change a value of the entry, change a key, add a key, remove a key.
    () =>
      entry[1] = entry[1].replace(
        /:(?:"\w*"|\[[^\]]*\])/g,
        (old) => draw.integer(3) ? old : `:${pick(ODD, draw)}`,
      ),
    () =>
      entry[1] = entry[1].replace(/"(dtype|shape)"/, () => `"${pick(["dtype", "data_offsets", "x"], draw)}"`),
    () =>
      entry[1] = entry[1].replace(
        "{",
        () => `{"${pick(["more", "shape", "dtype"], draw)}":${pick(ODD, draw)},`,
      ),
    () => entry[1] = entry[1].replace(/"shape":\[[^\]]*\],/, ""),
    () =>
      entry[1] = entry[1].replace(
        /"dtype":"\w+"/,
        () => `"dtype":"${pick([...DTYPES.map(([dtype]) => dtype), ...UNREAD], draw)}"`,
      ),
    // Change a number of the shape or offsets, by a little or a lot.
    () => {
      const which = draw.integer(numbers.length || 1);
      let i = 0;
      entry[1] = entry[1].replace(number, (old) => i++ === which ? changedNumber(old, total, draw) : old);
    },
  ];
  pick(changes, draw)();
}

const changedNumber = (old: string, total: number, draw: Random): string =>
  pick([
    `${+old + 1}`,
    `${+old - 1}`,
    `${+old + 4}`,
    `${total}`,
    `${old}.0`,
    `${old}e0`,
    `-${old}`,
    `0${old}`,
  ], draw);

function fileOf(entries: Entries, body: Uint8Array): Uint8Array {
  const json = `{${entries.map(([name, value]) => `"${name}":${value}`).join()}}`;
  const header = new TextEncoder().encode(json), bytes = new Uint8Array(8 + header.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(body, 8 + header.length);
  return bytes;
}

/**
 * Changes the bytes up to three times: sets, inserts, removes or flips a byte, or cuts or lengthens the file.
 */
function changedBytes(whole: Uint8Array, draw: Random): Uint8Array {
  let bytes = whole;
  for (let n = draw.integer(3) + 1; n > 0; n--) {
    const at = draw.integer(bytes.length + 1), byte = draw.integer(2) ? draw.integer(256) : pick(SIGNS, draw);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    bytes = pick([
      () => Uint8Array.of(...before, byte, ...after.subarray(1)),
      () => Uint8Array.of(...before, byte, ...after),
      () => Uint8Array.of(...before, ...after.subarray(1)),
      () => Uint8Array.of(...before, (after[0] ?? 0) ^ (1 << draw.integer(8)), ...after.subarray(1)),
      () => before.slice(),
      () => Uint8Array.of(...bytes, ...new Uint8Array(draw.integer(9))),
    ], draw)();
  }
  return bytes;
}

const SIGNS = [...new TextEncoder().encode('{}[]",:-.0123456789eE \\')];

const pick = <T>(items: readonly T[], draw: Random): T => items[draw.integer(items.length)];
