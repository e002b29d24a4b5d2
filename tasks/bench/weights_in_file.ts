/** Weights as a user's encoder has them: in a file, and in memory only while something holds them. */
import { collectGarbage } from "../../lib/compute/mod.ts";
import type { Weights } from "../../lib/encoders/mod.ts";
import { collectable, readSafetensors, safetensorsStart } from "../../lib/files/mod.ts";

/**
 * Writes drawn weights to a file in `outputs`, part by part, and reads them again. `remove` removes the file.
 */
export async function inFile(draw: () => Weights): Promise<{ weights: Weights; remove(): void }> {
  await Deno.mkdir("outputs", { recursive: true });
  const path = await Deno.makeTempFile({ dir: "outputs", prefix: "bench-", suffix: ".safetensors" });
  await write(path, draw());
  collectGarbage(); // the peak of memory is that of an encoder from a file
  return {
    weights: collectable(path, (await readSafetensors(path)).tensors),
    remove: () => Deno.removeSync(path),
  };
}

async function write(path: string, weights: Weights): Promise<void> {
  using file = await Deno.open(path, { write: true });
  const parts = Object.values(weights).map(({ data }) =>
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  );
  for (const part of [safetensorsStart(weights), ...parts]) {
    for (let written = 0; written < part.length;) written += await file.write(part.subarray(written));
  }
}
