/** The data set inside the library, by the word `sample`. */
import { badInput } from "../../errors.ts";
import { readCsv } from "../csv.ts";
import { SAMPLE_MANIFEST } from "../sample/mod.ts";
import { manifestSource } from "./manifest.ts";
import type { DataSource } from "./source.ts";

export const sample: DataSource = {
  id: "sample",
  name: "the embedded sample",
  summary: "the word sample (embedded)",
  words: ["sample"],
  recognise: (path) => path === "sample" ? { strength: 100, reason: "name" } : undefined,

  async read(path, { labelled }) {
    // Its file is UTF-8, whatever encoding was named for other data.
    if (path === "sample") return manifestSource(await readCsv(SAMPLE_MANIFEST), labelled);
    throw badInput({
      expected: "the word sample alone",
      found: "a path",
      at: `sample:${path}`,
      todo: "Write sample, or the path without 'sample:'.",
    });
  },
};
