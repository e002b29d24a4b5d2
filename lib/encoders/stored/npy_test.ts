import { deepEqual, equal, throws } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { NpyFault, npyHeader } from "./npy.ts";
import { floatsIn } from "./store.ts";

const read = (name: string) => Deno.readFileSync(fixture(`features/${name}.npy`));
const text = (value: string) => new TextEncoder().encode(value);

/** An array of version 1 with this header. */
function arrayOf(header: string, values = new Uint8Array()): Uint8Array {
  const head = text(header.padEnd(54));
  return Uint8Array.of(0x93, ...text("NUMPY"), 1, 0, head.length, 0, ...head, ...values);
}

Deno.test("numpy's headers are read: types, orders and shapes", () => {
  const { start, ...a } = npyHeader(read("folder/a"));
  deepEqual([a, start], [{ dtype: "F32", isFortran: false, shape: [3, 4] }, 128]);
  const { dtype, isFortran, shape } = npyHeader(read("folder/b"));
  deepEqual([dtype, isFortran, shape], ["F64", true, [2, 4]]);
  deepEqual(npyHeader(read("folder/sub/c")).shape, [1, 5, 4]);
  deepEqual(npyHeader(read("folder/e")).shape, [4]);
});

Deno.test("a transposed array comes back in row-major order", () => {
  const isFortran = true, values = Float32Array.of(1, 2, 3, 4, 5, 6), bytes = new Uint8Array(values.buffer);
  deepEqual([...floatsIn(bytes, { dtype: "F32", shape: [2, 3], isFortran })], [1, 3, 5, 2, 4, 6]);
  deepEqual([...floatsIn(bytes, { dtype: "F32", shape: [1, 2, 3], isFortran })], [1, 3, 5, 2, 4, 6]);
  deepEqual([...floatsIn(bytes, { dtype: "F32", shape: [2, 3] })], [1, 2, 3, 4, 5, 6]);
});

const refused: [name: string, found: RegExp][] = [
  ["objects", /Python objects/],
  ["integers", /values of type '<i8'/],
  ["big", /values of type '>f4'/],
  ["records", /records with named fields/],
];
for (const [name, found] of refused) {
  Deno.test(`an array of ${name} is refused`, () => {
    throws(() => npyHeader(read(`refused/${name}`)), found);
  });
}

Deno.test("damaged headers are refused", () => {
  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
  equal(npyHeader(arrayOf(good)).shape.length, 1);
  throws(() => npyHeader(arrayOf("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }")), /damaged/);
  throws(() => npyHeader(arrayOf("__import__('os').system('ls')")), /damaged/);
  const far = "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 4), }";
  throws(() => npyHeader(arrayOf(far)), /a shape beyond every file/);
  const bytes = arrayOf(good);
  for (let at = 0; at < bytes.length; at++) {
    try {
      npyHeader(bytes.map((byte, i) => i === at ? byte ^ 0xff : byte));
    } catch (error) {
      if (!(error instanceof NpyFault)) throw error;
    }
    throws(() => npyHeader(bytes.subarray(0, at)), /start|header/);
  }
});
