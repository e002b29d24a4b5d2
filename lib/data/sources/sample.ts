/** The embedded data set, which the word `sample` selects. */
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
    // Its file is always UTF-8; `encoding` applies to other data.
    if (path === "sample") return manifestSource(await readCsv(SAMPLE_MANIFEST), { labelled });
    throw badInput({
      expected: "the word sample alone",
      found: "a path",
      at: `sample:${path}`,
      todo: "Write sample, or the path without 'sample:'.",
    });
  },
};
