import { equal, ok, rejects } from "../testing/assert.ts";
import { freeSpace, gigabytes, requireSpace } from "./space.ts";

Deno.test("free space is asked of the disk on which a folder will be", async () => {
  const folder = await Deno.makeTempDir();
  ok((await freeSpace(folder))! > 0);
  equal(typeof await freeSpace(`${folder}/not/yet/there`), "number");
});

Deno.test("a small disk is refused, and an unknown one is not", async () => {
  const free = (bytes?: number) => ({ free: () => Promise.resolve(bytes) });
  equal(await requireSpace("x", 5, free(5)), 5);
  equal(await requireSpace("x", 5, free()), undefined);
  await rejects(
    requireSpace("my/disk", 12_300_000_000, free(5_000_000)),
    /Expected 12\.3 GB of free disk space but found 5 MB at my\/disk\. Free disk space, or name a folder/,
  );
  equal(gigabytes(99_000_001), "100 MB");
});
