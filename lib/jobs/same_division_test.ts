import { loadDataset } from "../data/mod.ts";
import { rejects } from "../testing/assert.ts";
import { runFolder } from "./run_folder.ts";
import { requireSameDivision } from "./same_division.ts";

Deno.test("a run is not scored on rows that have moved to another split", async () => {
  const path = await Deno.makeTempDir(), folder = runFolder(path), dataset = await loadDataset("sample");
  await requireSameDivision(folder, dataset); // no predictions yet
  const dev = dataset.rows.filter(({ split }) => split === "dev").map(({ id }) => `${id},joy`);
  await Deno.writeTextFile(folder.predictions("dev"), ["id,label", ...dev].join("\n"));
  await requireSameDivision(folder, dataset);
  const rows = dataset.rows.map((row, i) => i % 3 ? row : { ...row, split: "test" as const });
  await rejects(
    requireSameDivision(folder, { ...dataset, rows }),
    /found \d+ rows of dev in another split, e\.g\. '.*' in test/,
  );
});
