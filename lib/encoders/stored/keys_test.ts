import { deepEqual, equal, match } from "../../testing/assert.ts";
import { matchKeys } from "./keys.ts";

const keysOf = (rows: Parameters<typeof matchKeys>[0], keys: string[]) =>
  Object.fromEntries(matchKeys(rows, keys).keys);

Deno.test("a key is a row's id, or its clip's name with or without ending and folder", () => {
  deepEqual(keysOf([{ id: "r1" }], ["r1", "r2"]), { r1: "r1" });
  const row = { id: "r1", audio: "clips/a.b.wav" };
  for (const key of ["r1", "clips/a.b.wav", "clips/a.b", "a.b", "a.b.wav", "other/a.b", "x/r1"]) {
    deepEqual(keysOf([row], [key, "r2"]), { r1: key }, key);
  }
  for (const key of ["a", "b", "clips/a", "1", "r1.b"]) deepEqual(keysOf([row], [key]), {}, key);
  deepEqual(keysOf([{ id: "ü", audio: "clips\\ü.WAV" }], ["clips/u\u0308"]), { "ü": "clips/u\u0308" });
});

Deno.test("rows without a key are told, and keys without a row are counted", () => {
  const { faults, unused } = matchKeys([{ id: "r1", audio: "a.wav" }], ["r2", "r3"]);
  equal(faults.get("r1"), "no features: no key 'r1' or 'a.wav'");
  deepEqual(unused, ["r2", "r3"]);
});

Deno.test("the exact name wins over the same name in another folder", () => {
  const row = { id: "r1", audio: "train/a.wav" };
  deepEqual(keysOf([row], ["train/a", "dev/a"]), { r1: "train/a" });
});

Deno.test("a row with two keys is ambiguous", () => {
  const several = matchKeys([{ id: "r1", audio: "here/a.wav" }], ["train/a", "dev/a"]);
  match(several.faults.get("r1")!, /ambiguous features: 'train\/a', 'dev\/a' could all be/);
  // Numbers as ids, and clips of other numbers: the keys could mean either.
  const numbers = matchKeys([{ id: "1", audio: "2.wav" }, { id: "2", audio: "1.wav" }], ["1", "2"]);
  deepEqual([...numbers.keys], []);
  match(numbers.faults.get("1")!, /ambiguous/);
  deepEqual(numbers.unused, []);
});

Deno.test("a key that could be those of two clips is nobody's, unless it is the exact name of one", () => {
  const rows = [{ id: "r1", audio: "train/a.wav" }, { id: "r2", audio: "dev/a.wav" }];
  const both = matchKeys(rows, ["a"]);
  deepEqual([both.keys.size, both.faults.size], [0, 2]);
  match(both.faults.get("r2")!, /'a' could be those of 'train\/a.wav', 'dev\/a.wav'/);
  const one = matchKeys([{ id: "a", audio: "x/c.wav" }, ...rows], ["a"]);
  deepEqual(Object.fromEntries(one.keys), { a: "a" });
});

Deno.test("rows of one clip share its key", () => {
  const rows = [{ id: "r1", audio: "dev/a.wav" }, { id: "r2", audio: "dev/a.wav" }];
  deepEqual(keysOf(rows, ["a"]), { r1: "a", r2: "a" });
});
