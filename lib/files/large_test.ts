import { deepEqual, rejects } from "../testing/assert.ts";
import { readLargeFile } from "./large.ts";

Deno.test("a file is read whole, whatever its size", async () => {
  const path = await Deno.makeTempFile();
  for (const size of [0, 1, 3 * 2 ** 20 + 1]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
    await Deno.writeFile(path, bytes);
    deepEqual(await readLargeFile(path), bytes);
  }
  await Deno.remove(path);
  await rejects(readLargeFile(path), (error) => error instanceof Deno.errors.NotFound);
});
