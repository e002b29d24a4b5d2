import { deepEqual, equal } from "../../../testing/assert.ts";
import { inProject } from "../../../paths.ts";
import { corpora } from "./built_in.ts";
import { CORPUS_FACTS, corpusFacts } from "./facts.ts";

Deno.test("every built-in corpus has facts under its name, and they are those of docs/CORPORA.md", async () => {
  deepEqual(Object.keys(CORPUS_FACTS).sort(), corpora.map(({ id }) => id).sort());
  for (const { id, name } of corpora) equal(CORPUS_FACTS[id].name, name);
  const page = await Deno.readTextFile(inProject("docs/CORPORA.md"));
  const rows = page.split("\n").filter((line) => /^\| `[\w-]+` +\| \[/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const told = rows.map(([, id, corpus, , , , licence]) => [
    id.replaceAll("`", ""),
    /\[(.+?)\]\((.+?)\)/.exec(corpus)!.slice(1, 3),
    licence,
  ]);
  deepEqual(
    told,
    Object.entries(CORPUS_FACTS).map(([id, { name, page, licence }]) => [id, [name, page], licence]),
  );
});

Deno.test("a corpus is found by its name or id, and no other", () => {
  equal(corpusFacts(" ravdess ")?.licence, "CC BY-NC-SA 4.0");
  equal(corpusFacts("CMU-MOSEI"), CORPUS_FACTS.mosei);
  equal(corpusFacts("toString"), undefined);
  equal(corpusFacts("my ravdess"), undefined);
});
