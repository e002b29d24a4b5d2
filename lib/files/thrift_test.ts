import { deepEqual, equal, throws } from "../testing/assert.ts";
import { readThrift, ThriftFault } from "./thrift.ts";

const read = (...bytes: number[]) => readThrift(Uint8Array.of(...bytes));

Deno.test("fields, numbers, texts, lists and structures are read as the protocol writes them", () => {
  const { struct, end } = read(
    ...[0x15, 0x02, 0x16, 0x01], // 1: i32 1, 2: i64 -1
    ...[0x18, 2, 72, 105], // 3: "Hi"
    ...[0x19, 0x25, 0x04, 0xac, 0x02], // 4: list of two i32, 2 and 150
    ...[0x1c, 0x11, 0x12, 0x00], // 5: a structure with true and false
    ...[0x03, 0x14, 0xff], // field 10 by its number: the byte -1
    ...[0x17, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x00, 9], // 11: the double 1
  );
  deepEqual([...struct], [
    ...[[1, 1], [2, -1], [3, Uint8Array.of(72, 105)], [4, [2, 150]]],
    ...[[5, new Map([[1, true], [2, false]])], [10, -1], [11, 1]],
  ]);
  equal(end, 30);
});

Deno.test("claims beyond the bytes are refused", () => {
  throws(() => read(0x18, 0xff, 0xff, 0xff, 0xff, 0x0f, 1), ThriftFault, "text");
  throws(() => read(0x19, 0xf1, 0xff, 0xff, 0xff, 0xff, 0x07), /a list of 2147483647 values in 0 bytes/);
  throws(() => read(0x15), /cut off/);
  throws(() => read(0x15, ...new Array(12).fill(0x80)), /a number without an end/);
  throws(() => read(0x1d, 0), /a value of kind 13/);
  throws(() => read(...new Array(5000).fill(0x1c)), /without an end/);
  throws(() => read(...new Array(5000).fill(0x19)), /without an end|in 4/);
});
