import { deepEqual, equal, rejects, throws } from "../testing/assert.ts";
import { fixture } from "../testing/shared.ts";
import { decodeSafetensors, encodeSafetensors, readSafetensors } from "./safetensors.ts";

const tensors = {
  weight: { shape: [2, 2], data: new Float32Array([1, -2.5, 3, 0]) },
  step: { shape: [], data: new Int32Array([7]) },
  empty: { shape: [0, 3], data: new Float32Array(0) },
};

Deno.test("what is encoded decodes to the same", () => {
  const file = decodeSafetensors(encodeSafetensors(tensors, { labels: '["a"]' }), "memory");
  deepEqual(file, { tensors, metadata: { labels: '["a"]' } });
});

Deno.test("reads a file that Python wrote", async () => {
  const { tensors } = await readSafetensors(fixture("fusion/memocmt_min.safetensors"));
  deepEqual(tensors["input.text"].shape, [3, 7, 16]);
  equal(tensors["input.labels"].data instanceof Int32Array, true);
});

Deno.test("half and brain floats widen to float32", () => {
  const header = (dtype: string) => `{"x":{"dtype":"${dtype}","shape":[2],"data_offsets":[0,4]}}`;
  const file = (dtype: string, bits: number[]) => {
    const json = new TextEncoder().encode(header(dtype));
    const bytes = new Uint8Array(8 + json.length + 4);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    bytes.set(new Uint8Array(new Uint16Array(bits).buffer), 8 + json.length);
    return decodeSafetensors(bytes, "memory").tensors.x.data;
  };
  deepEqual([...file("F16", [0x3c00, 0xc100])], [1, -2.5]);
  deepEqual([...file("BF16", [0x3f80, 0xc020])], [1, -2.5]);
});

Deno.test("values that are aligned are views of the bytes, others are copies, and both are the same", () => {
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
