import { deepEqual, equal, throws } from "../testing/assert.ts";
import { UndertoneError } from "../errors.ts";
import { StatesOnDisk } from "./states_on_disk.ts";

Deno.test("states on disk are read from their place in the file, at each use", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(Float32Array.of(9, 1, 2, 3, 4, 9).buffer));
  const states = new StatesOnDisk(path, 4, 2, 2);
  deepEqual([...states.data], [1, 2, 3, 4]);
  equal(states.data === states.data, false);
});

Deno.test("a file that is gone or was cut is told, never read as zeros", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(8));
  const states = new StatesOnDisk(path, 4, 2, 2);
  throws(
    () => states.data,
    (error: Error) => error instanceof UndertoneError && /ends after 4 of 16 bytes/.test(error.message),
  );
  await Deno.remove(path);
  throws(
    () => states.data,
    (error: Error) => error instanceof UndertoneError && error.message.includes(path),
  );
});
