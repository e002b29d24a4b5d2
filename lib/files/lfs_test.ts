import { rejects, throws } from "../testing/assert.ts";
import { requireFetched } from "./lfs.ts";
import { decodeText } from "./text.ts";

const POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";

Deno.test("a git-lfs pointer in place of a text or another file is named, with what to do", async () => {
  const said = /found a git-lfs pointer to it at .*x\.csv\. Run 'git lfs install' and 'git lfs pull'/;
  throws(() => decodeText(new TextEncoder().encode(POINTER), "x.csv"), said);
  const path = `${await Deno.makeTempDir({ prefix: "undertone" })}/x.csv`;
  await Deno.writeTextFile(path, POINTER);
  await rejects(requireFetched(path), said);
  for (const other of ["", "version", "id,text\n1,no"]) {
    await Deno.writeTextFile(path, other);
    await requireFetched(path);
  }
});
