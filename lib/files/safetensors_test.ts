import { UndertoneError } from "../errors.ts";
import { deepEqual, equal, ok, rejects, throws } from "../testing/assert.ts";
import { fixture } from "../testing/shared.ts";
import { decodeSafetensors, encodeSafetensors, readSafetensors } from "./safetensors.ts";

const tensors = {
  weight: { shape: [2, 2], data: new Float32Array([1, -2.5, 3, 0]) },
  step: { shape: [], data: new Int32Array([7]) },
  empty: { shape: [0, 3], data: new Float32Array(0) },
};

Deno.test("encoded tensors decode to the same values", () => {
  const file = decodeSafetensors(encodeSafetensors(tensors, { labels: '["a"]' }), "memory");
  deepEqual(file, { tensors, metadata: { labels: '["a"]' } });
});

Deno.test("reads a file that Python wrote", async () => {
  const { tensors } = await readSafetensors(fixture("fusion/memocmt_min.safetensors"));
  deepEqual(tensors["input.text"].shape, [3, 7, 16]);
  equal(tensors["input.labels"].data instanceof Int32Array, true);
});

/** Returns a file with this header text and these bytes. */
function fileOf(header: string, body: ArrayBuffer): Uint8Array {
  const json = new TextEncoder().encode(header), bytes = new Uint8Array(8 + json.length + body.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(new Uint8Array(body), 8 + json.length);
  return bytes;
}

/** Decodes two values of a type. */
function read(dtype: string, { buffer }: { buffer: ArrayBuffer }) {
  const header = `{"x":{"dtype":"${dtype}","shape":[2],"data_offsets":[0,${buffer.byteLength}]}}`;
  return decodeSafetensors(fileOf(header, buffer), "memory").tensors.x.data;
}

Deno.test("float16, bfloat16 and float64 become float32; integers become int32", () => {
  deepEqual(read("F16", Uint16Array.of(0x3c00, 0xc100)), Float32Array.of(1, -2.5));
  deepEqual(read("BF16", Uint16Array.of(0x3f80, 0xc020)), Float32Array.of(1, -2.5));
  deepEqual(read("F64", Float64Array.of(0.1, -Infinity)), Float32Array.of(0.1, -Infinity));
  deepEqual(read("I8", Int8Array.of(-128, 127)), Int32Array.of(-128, 127));
  deepEqual(read("I16", Int16Array.of(-32768, 32767)), Int32Array.of(-32768, 32767));
  deepEqual(read("U16", Uint16Array.of(0, 65535)), Int32Array.of(0, 65535));
  deepEqual(read("U32", Uint32Array.of(0, 2 ** 31 - 1)), Int32Array.of(0, 2 ** 31 - 1));
  deepEqual(read("I64", BigInt64Array.of(-(2n ** 31n), 7n)), Int32Array.of(-(2 ** 31), 7));
  deepEqual(read("U64", BigUint64Array.of(0n, 7n)), Int32Array.of(0, 7));
  deepEqual(read("BOOL", Uint8Array.of(0, 1)), Uint8Array.of(0, 1));
});

Deno.test("a value out of range is named", () => {
  const refused =
    /within 32 bits .* found 2147483648 in the tensor 'x' at memory\. .* without this tensor\.$/;
  throws(() => read("U32", Uint32Array.of(0, 2 ** 31)), refused);
  throws(() => read("I64", BigInt64Array.of(2n ** 31n, 0n)), refused);
  throws(() => read("U64", BigUint64Array.of(1n, 2n ** 31n)), refused);
  throws(() => read("F64", Float64Array.of(1, -1e39)), /found -1e\+39 in the tensor 'x'/);
});

Deno.test("a tensor may have any name", () => {
  const names = ["__proto__", "constructor", "", "0", "\u4e2d"];
  const named = Object.fromEntries(names.map((name, i) => [name, { shape: [], data: Int32Array.of(i) }]));
  const file = decodeSafetensors(encodeSafetensors(named), "memory");
  deepEqual(Object.entries(file.tensors).sort(), Object.entries(named).sort());
});

const one = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
const at = (shape: string, offsets: string, dtype = '"F32"') =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;

Deno.test("headers that the reference reader accepts are accepted", () => {
  const taken = [
    ` {"x":${one}} \n`,
    `{"__metadata__":null,"x":${one}}`,
    `{"z":${at("[0,1099511627776]", "[4,4]")},"x":${one},"y":${at("[0]", "[0,0]")}}`,
    `{"x":{"data_offsets":[0,4],"dt\\u0079pe":"F32","shape":[1]}}`,
  ];
  for (const header of taken) {
    const { tensors } = decodeSafetensors(fileOf(header, new Float32Array([3]).buffer), "memory");
    deepEqual(tensors.x, { shape: [1], data: new Float32Array([3]) });
  }
});

const refused: [header: string, found: RegExp][] = [
  ["", /a header that is not JSON/],
  [`\ufeff{"x":${one}}`, /a header that is not JSON/],
  [`{"x":${one}}\0`, /a header that is not JSON/],
  ["null", /a header that is not an object/],
  [`[${one}]`, /a header that is not an object/],
  [`{"__metadata__":7,"x":${one}}`, /metadata that are not text/],
  [`{"__metadata__":{"a":1},"x":${one}}`, /metadata that are not text/],
  [`{"x":null}`, /null for the tensor 'x'/],
  [`{"x":["F32",[1],[0,4]]}`, /a list for the tensor 'x'/],
  [`{"x":{"dtype":"F32","data_offsets":[0,4]}}`, /tensor 'x' without shape/],
  [`{"x":{"dtype":"F32","shape":[1]}}`, /tensor 'x' without data_offsets/],
  [`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1.5}}`, /with the unknown key "more"/],
  [`{"x":${one},"x":${one}}`, /a header that has a name twice/],
  [`{"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, /has a name twice/],
  [`{"x":${at("null", "[0,4]")}}`, /tensor 'x' whose shape is null/],
  [`{"x":${at("-1", "[0,4]")}}`, /tensor 'x' whose shape is -1/],
  [`{"x":${at("[-1]", "[0,4]")}}`, /tensor 'x' whose shape is a list/],
  [`{"x":${at("[1.5]", "[0,4]")}}`, /tensor 'x' whose shape is a list/],
  [`{"x":${at("[1.0]", "[0,4]")}}`, /a header with fractions or negative numbers/],
  [`{"x":${at("[1e0]", "[0,4]")}}`, /a header with fractions or negative numbers/],
  [`{"x":${at("[1]", "[-0,4]")}}`, /a header with fractions or negative numbers/],
  [`{"x":${at("[4294967296,4294967296,0]", "[0,0]")}}`, /tensor 'x' of shape \[4294967296,4294967296,0\]/],
  [`{"x":${at("[1]", '["0","4"]')}}`, /tensor 'x' in bytes a list/],
  [`{"x":${at("[1]", "[0,4,4]")}}`, /tensor 'x' in bytes \[0,4,4\]/],
  [`{"x":${at("[2]", "[0,4]")}}`, /of type F32 and shape \[2\] in bytes 0 to 4/],
  [`{"x":${at("[1]", "[4,0]")}}`, /of type F32 and shape \[1\] in bytes 4 to 0/],
  [`{"x":${at("[1]", "[0,4]", '["F32"]')}}`, /tensor 'x' of type a list/],
  [`{"x":${at("[1]", "[0,4]", '"constructor"')}}`, /tensor 'x' of type "constructor" .* damaged/],
  [`{"x":${at("[4]", "[0,4]", '"F8_E4M3"')}}`, /of type "F8_E4M3" .* not supported: save .* as float32/],
  [`{"x":${one},"y":${one}}`, /tensor 'y' at byte 0 instead of 4/],
  [`{"x":${at("[1]", "[4,8]")}}`, /tensor 'x' at byte 4 instead of 0/],
  [`{"x":${one},"y":${at("[1]", "[4,8]")}}`, /4 bytes of tensors, though the header describes 8/],
  ["{}", /4 bytes after the last tensor/],
  [`{"\\ud800":${one}}`, /whose name is not text/],
  [`{"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, /a list for the tensor 'x'/],
];
for (const [header, found] of refused) {
  Deno.test(`the header ${header.slice(0, 80)} is refused`, () => {
    throws(
      () => decodeSafetensors(fileOf(header, new ArrayBuffer(4)), "x.safetensors"),
      (error: Error) => {
        ok(error instanceof UndertoneError && found.test(error.message), error.message);
        return true;
      },
    );
  });
}

Deno.test("aligned values are views of the bytes, others are copies, and both are equal", () => {
  const whole = encodeSafetensors(tensors);
  for (const shift of [0, 1, 4]) {
    const bytes = new Uint8Array(whole.length + shift).subarray(shift);
    bytes.set(whole);
    const file = decodeSafetensors(bytes, "memory");
    deepEqual(file.tensors, tensors);
    equal(file.tensors.weight.data.buffer === bytes.buffer, shift % 4 === 0);
  }
});

Deno.test("damage is named, never a crash", async () => {
  const whole = encodeSafetensors(tensors);
  for (const length of [0, 7, 20, whole.length - 1]) {
    throws(
      () => decodeSafetensors(whole.subarray(0, length), "x.safetensors"),
      /Expected a safetensors file but found/,
    );
  }
  throws(() => decodeSafetensors(new Uint8Array(64).fill(9), "x"), /header of/);
  await rejects(readSafetensors("/nowhere/x.safetensors"), /found no file at \/nowhere/);
});
