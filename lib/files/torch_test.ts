/** Tensors in files of torch.save equal those that PyTorch reads; nothing in such a file is ever run. */
import { existsSync } from "node:fs";
import { random, seedOf } from "../random.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { fixture, jsonFixture } from "../testing/shared.ts";
import { tryMutants } from "../testing/trial.ts";
import { joined, zipOf } from "../testing/zip_writer.ts";
import { rangesOf } from "./ranges.ts";
import { type RawTensor, readSafetensors } from "./safetensors.ts";
import { readTorch, tensorsIn } from "./torch.ts";
import { readEntry, zipEntries } from "./zip.ts";

const file = (name: string) => fixture(`torch/${name}`);
const { tensors: expected } = await readSafetensors(file("tensors.safetensors"));
const good = await Deno.readFile(file("tensors.bin"));

const text = (value: string) => new TextEncoder().encode(value);
/** Pickled text: `X`, its length, its bytes. */
const word = (value: string) => Uint8Array.of(88, value.length, 0, 0, 0, ...text(value));
/** An archive with this pickle, and one storage of 16 bytes. */
const archive = (...parts: (Uint8Array | string)[]) =>
  zipOf([
    ["x/data.pkl", joined(parts.map((part) => typeof part === "string" ? text(part) : part))],
    ["x/data/0", new Uint8Array(16)],
  ]);
const int = (value: number) => Uint8Array.of(74, value, value >> 8, value >> 16, value >> 24);
/** A dictionary with the tensor `a`: a view of 4 floats. */
const one = (offset: number, shape: number[], strides: number[], { count = 4, key = "0" } = {}) =>
  archive(
    ...["}", word("a"), "ctorch._utils\n_rebuild_tensor_v2\n", "(("],
    ...[word("storage"), "ctorch\nFloatStorage\n", word(key), word("cpu"), int(count), "tQ", int(offset)],
    ...["(", ...shape.map(int), "t", "(", ...strides.map(int), "t", Uint8Array.of(0x89), "NtRs."],
  );
const read = (bytes: Uint8Array) => tensorsIn(rangesOf(bytes), "x.bin");

for (const name of ["tensors.bin", "protocol4.bin"]) {
  Deno.test(`${name}: every type, view and shared storage equals PyTorch's`, async () => {
    const { tensors } = await readTorch(file(name));
    deepEqual(Object.keys(tensors).sort(), Object.keys(expected).sort());
    for (const [name, tensor] of Object.entries(tensors)) deepEqual(tensor, expected[name], name);
    ok(tensors["tied"].data === tensors["tied.again"].data);
  });
}

Deno.test("the format before torch 1.6 is refused with the command that converts it", async () => {
  const start = Uint8Array.fromHex(jsonFixture("torch/about.json").former);
  await rejects(
    tensorsIn(rangesOf(start), "a/pytorch_model.bin"),
    /found the older format at .*\. Convert it in Python, .*name = 'pytorch_model\.bin'; torch\.save\(torch\.load/,
  );
});

Deno.test("a file that calls a function is refused by the function's name, and nothing is called", async () => {
  await rejects(readTorch(file("calls.bin")), /found 'posix\.mkdir', which is no tensor and is not run at /);
  equal(existsSync("/tmp/a_pickle_was_run"), false);
  await rejects(readTorch(file("training.bin")), /found 'epoch', which is no tensor at /);
  await rejects(read(archive("cbuiltins\neval\n.")), /'builtins\.eval', which is no tensor and is not run/);
  await rejects(
    read(archive(Uint8Array.of(128, 4), word("os"), word("system"), Uint8Array.of(0x93, 46))),
    /found 'os\.system', which is no tensor/,
  );
  await rejects(read(archive("(ios\nsystem\n.")), /the pickle operation INST, which is not supported/);
  await rejects(
    read(archive(Uint8Array.of(0xff))),
    /the pickle operation of byte ff, which is not supported/,
  );
  await rejects(read(archive("ctorch\nFloatStorage\n)R.")), /a call of 'torch\.FloatStorage' with other arg/);
});

const faults: [what: string, bytes: Uint8Array, sentence: RegExp][] = [
  ["beyond its storage", one(1, [4], [1]), /a tensor of 4 values, to number 4 of a storage of 4/],
  ["by its strides beyond its storage", one(0, [2], [4]), /2 values, to number 4 of a storage of 4/],
  ["that repeats values without end", one(0, [2_000_000_000, 4], [0, 1]), /8000000000 values/],
  ["with a negative length", one(0, [-1], [1]), /whose shape or strides are not numbers from 0/],
  ["of more axes than strides", one(0, [2, 2], [1]), /whose shape or strides/],
  ["of 65 axes", one(0, Array(65).fill(1), Array(65).fill(1)), /a tensor of 65 axes/],
  ["of a larger storage than the file's", one(0, [4], [1], { count: 5 }), /16 bytes for the 5 values of 'a'/],
  ["of no storage", one(0, [4], [1], { key: "../../0" }), /no entry for the 4 values of 'a'/],
];
for (const [what, bytes, sentence] of faults) {
  Deno.test(`a tensor ${what} is refused`, () => rejects(read(bytes), sentence));
}

Deno.test("a view that fits is read, and names that leave the archive are only names", async () => {
  deepEqual(await read(one(1, [3], [1])), { a: { shape: [3], data: new Float32Array(3) } });
  const odd = zipOf([["../../etc/passwd", text("x")], ["/x/data.pkl", text("}.")], [
    "x/data.pkl",
    text("}."),
  ]]);
  deepEqual(await read(odd), {});
});

Deno.test("archives that readers could understand in two ways are refused", async () => {
  const twice: [string, Uint8Array][] = [["x/data.pkl", text("}.")], ["x/data.pkl", text("}.")]];
  await rejects(read(zipOf(twice)), /the entry "x\/data\.pkl" twice/);
  await rejects(read(zipOf(twice.slice(1), { method: 8 })), /the compressed entry "x\/data\.pkl"/);
  await rejects(read(zipOf([["a/data.pkl", text("}.")], ["b/data.pkl", text("}.")]])), /2 entries data\.pkl/);
  await rejects(
    read(zipOf([["x/data.pkl", text("}.")], ["x/byteorder", text("big")]])),
    /byte order is not little-endian/,
  );
  await rejects(read(text("hello")), /found another start than a zip archive's at x\.bin/);
  await rejects(read(good.subarray(0, good.length - 9)), /without its end: it is cut or damaged/);
  await rejects(
    read(text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")),
    /a git-lfs pointer to it at x\.bin\. Run 'git lfs install' and 'git lfs pull'/,
  );
});

Deno.test("damaged files are refused in a sentence, or read as they were", async () => {
  const ranges = rangesOf(good), entries: [string, Uint8Array][] = [];
  for (const entry of (await zipEntries(ranges)).values()) {
    entries.push([entry.name, await readEntry(ranges, entry)]);
  }
  const taken = { whole: 0, inside: 0 };
  const { count } = await tryMutants({
    of: "pytorch_model.bin",
    quick: 400,
    full: 20_000,
    make: (index) => {
      const draw = random(seedOf(7, index)), pick = (bytes: Uint8Array) => changed(bytes, draw);
      // Half of the files have a damaged pickle in an intact archive, so that its checksum does not protect
      // it.
      const place: keyof typeof taken = index % 2 ? "inside" : "whole";
      const bytes = place === "inside"
        ? zipOf(entries.map(([name, content]) => [name, name.endsWith(".pkl") ? pick(content) : content]))
        : pick(good);
      return { bytes, place };
    },
    read: async ({ bytes, place }) => {
      for (const [name, { shape, data }] of Object.entries(await read(bytes))) {
        equal(shape.reduce((a, b) => a * b, 1), data.length);
        // The archive's checksums protect values; a damaged pickle may only rename or reshape them.
        if (place === "whole" && Object.hasOwn(expected, name)) {
          deepEqual(sorted({ shape, data }), sorted(expected[name]));
        }
      }
      taken[place]++;
    },
  });
  const { whole, inside } = taken;
  ok(whole > 0 && inside > 0 && whole + inside < count / 2, `${whole} and ${inside} read`);
});

const sorted = ({ shape, data }: RawTensor) => [shape, [...data].sort((a, b) => a - b)];

/** Sets, removes, inserts or flips up to three bytes, or cuts the end. */
function changed(bytes: Uint8Array, draw: ReturnType<typeof random>): Uint8Array {
  let now = bytes;
  for (let n = draw.integer(3) + 1; n > 0; n--) {
    const at = draw.integer(now.length), [before, after] = [now.subarray(0, at), now.subarray(at + 1)];
    const byte = Uint8Array.of(draw.integer(256)), old = now.subarray(at, at + 1);
    now = [
      () => joined([before, byte, after]),
      () => joined([before, after]),
      () => joined([before, byte, old, after]),
      () => joined([before, Uint8Array.of(old[0] ^ (1 << draw.integer(8))), after]),
      () => draw.integer(8) ? joined([before, byte, after]) : before.slice(),
    ][draw.integer(5)]();
  }
  return now;
}
