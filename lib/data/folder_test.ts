import { deepEqual } from "../testing/assert.ts";
import { listFiles, listFolder } from "./folder.ts";

Deno.test("lists files down to a depth, sorted, without hidden ones, through links", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/b/c`, { recursive: true });
  for (const name of ["z.txt", "._z.txt", ".hidden", "b/y.txt", "b/c/x.txt"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "");
  }
  await Deno.symlink(`${folder}/b/c`, `${folder}/a`);
  await Deno.symlink(`${folder}/nowhere`, `${folder}/dead`);
  deepEqual(await listFiles(folder, 0), ["z.txt"]);
  deepEqual(await listFiles(folder, 1), ["a/x.txt", "b/y.txt", "z.txt"]);
  deepEqual(await listFiles(folder, 2), ["a/x.txt", "b/c/x.txt", "b/y.txt", "z.txt"]);
  deepEqual((await listFolder(folder, 0)).folders, ["a", "b"]);
  deepEqual((await listFolder(folder, 1)).folders, ["a", "b", "b/c"]);
});
