import { deepEqual, equal } from "./testing/assert.ts";
import { join } from "node:path";
import { fromProject, inProject } from "./paths.ts";

Deno.test("a relative path starts at the project's folder, wherever the process runs", async () => {
  const before = Deno.cwd(), project = join(inProject("."), "").replace(/\/$/, "");
  try {
    Deno.chdir(project);
    deepEqual(["a/b", "./a", "/a"].map(fromProject), ["a/b", "./a", "/a"]);
    Deno.chdir(await Deno.makeTempDir());
    deepEqual(["a/b", "./a", "../a", "/a", "50 % #1?.csv"].map(fromProject), [
      `${project}/a/b`,
      `${project}/a`,
      join(project, "../a"),
      "/a",
      `${project}/50 % #1?.csv`,
    ]);
  } finally {
    Deno.chdir(before);
  }
  equal(inProject("lib/paths.ts"), join(project, "lib/paths.ts"));
});
