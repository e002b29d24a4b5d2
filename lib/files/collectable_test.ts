/** Tensors of a file whose values the collector may take. */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { collectGarbage } from "../compute/mod.ts";
import { deepEqual, equal, throws } from "../testing/assert.ts";
import { collectable, placeOf } from "./collectable.ts";
import { encodeSafetensors, readSafetensors } from "./safetensors.ts";

const tensors = {
  ids: { shape: [2], data: Int32Array.of(1, 2) },
  first: { shape: [2, 2], data: Float32Array.of(1, -2, 3, 0.5) },
  second: { shape: [3], data: Float32Array.of(7, 8, 9) },
};
const folder = await Deno.makeTempDir(), path = join(folder, "weights.safetensors");
Deno.writeFileSync(path, encodeSafetensors(tensors));
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const read = async () => collectable(path, (await readSafetensors(path)).tensors, 0);

/** Collects what nothing holds, and all that is held weakly. */
async function collect(): Promise<void> {
  await setImmediate();
  collectGarbage();
}

Deno.test("values that were collected are read again", async () => {
  const found = await read();
  deepEqual(found, tensors);
  for (let round = 0; round < 2; round++) {
    const buffer: WeakRef<ArrayBufferLike> = new WeakRef(found.first.data.buffer);
    await collect();
    equal(buffer.deref(), undefined);
    deepEqual(found, tensors);
  }
});

Deno.test("values that something holds stay, and there is one copy of them", async () => {
  const found = await read(), held = found.second.data;
  await collect();
  equal(found.second.data.buffer, held.buffer);
  equal(found.first.data.buffer, held.buffer);
});

Deno.test("a place is that of the bytes in the file; other tensors have none", async () => {
  const found = await read(), { path: at, offset } = placeOf(found.second)!;
  const bytes = Deno.readFileSync(at).slice(offset, offset + 12);
  deepEqual(new Float32Array(bytes.buffer), tensors.second.data);
  deepEqual([placeOf(found.ids), placeOf({ ...found.first })], [undefined, undefined]);
});

Deno.test("tensors of a small file stay in memory", async () => {
  const { tensors } = await readSafetensors(path);
  equal(collectable(path, tensors), tensors);
});

Deno.test("a file that changed or vanished meanwhile is refused", async () => {
  const found = await read();
  await collect();
  Deno.writeFileSync(path, encodeSafetensors({ ...tensors, more: tensors.ids }));
  throws(() => found.first.data, /Expected weights that stay as they were .* a file that changed since then/);
  throws(() => placeOf(found.first), /a file that changed/);
  Deno.removeSync(path);
  throws(() => found.first.data, /no file any more at .*weights\.safetensors/);
  deepEqual(found.ids, tensors.ids);
});
