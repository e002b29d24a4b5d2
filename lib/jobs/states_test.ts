import { deepEqual, equal, rejects } from "../testing/assert.ts";
import type { FrozenEncoder } from "../encoders/mod.ts";
import { readSafetensors } from "../files/mod.ts";
import { requireStatesPath, writeStates } from "./states.ts";

const folder = await Deno.makeTempDir(), path = `${folder}/states.safetensors`;
const encoder = (modality: "text" | "audio", width: number): FrozenEncoder<never> => ({
  id: `my-${modality}`,
  modality,
  fingerprint: "1",
  width,
  encode: () => Promise.resolve([]),
});

Deno.test("states are written by row, with the encoders; a blank text has a row of length 0", async () => {
  const state = (...data: number[]) => ({ data: Float32Array.from(data), length: data.length / 2, width: 2 });
  const features = { text: new Map([["a", state(1, 2, 3, 4)], ["b", state()]]) };
  const size = await writeStates(path, features, { text: encoder("text", 2), audio: undefined });
  const { tensors, metadata } = await readSafetensors(path);
  equal((await Deno.stat(path)).size, size);
  deepEqual(tensors["text/a"], { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
  deepEqual(tensors["text/b"].shape, [0, 2]);
  deepEqual([metadata.format, JSON.parse(metadata.text)], [
    "undertone-states-1",
    { encoder: "my-text", fingerprint: "1", width: 2 },
  ]);
});

Deno.test("another ending and an existing file are refused", async () => {
  await Deno.writeTextFile(path, "mine");
  await rejects(requireStatesPath(`${folder}/states.npz`, false), /ends in \.safetensors .*states\.npz/);
  await rejects(requireStatesPath(path, false), /found an existing file .*--overwrite/);
  await requireStatesPath(path, true);
});
