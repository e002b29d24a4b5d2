import { deepEqual, equal, match, rejects } from "../../lib/testing/assert.ts";
import { testWith } from "../../lib/testing/needs.ts";
import { join } from "node:path";
import { joined, type Notebook, readNotebook, saveOutputs } from "./file.ts";
import { findPython } from "../../lib/jobs/python.ts";
import { executeNotebook } from "./jupyter.ts";

const folder = await Deno.makeTempDir({ prefix: "undertone" });

/** Returns a notebook of these code cells. */
async function notebook(name: string, ...sources: string[]): Promise<string> {
  const cells = sources.map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  }));
  const kernelspec = { name: "deno", display_name: "Deno", language: "typescript" };
  const path = join(folder, name);
  await Deno.writeTextFile(
    path,
    JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }),
  );
  return path;
}

const texts = ({ cells }: Notebook) =>
  cells.map(({ outputs = [] }) =>
    outputs.map((o) => joined("data" in o ? o.data["text/plain"] as string : "text" in o ? o.text : o.evalue))
      .join("")
  );

testWith("nbclient", {
  name: "cells run in the notebook's folder, and late outputs still belong to their cell",
  async fn() {
    const path = await notebook(
      "late.ipynb",
      "const folder: string = Deno.cwd(); folder",
      `await Deno.jupyter.display({ "text/plain": "first" }, { raw: true, display_id: "place" });`,
      `setTimeout(() => console.log("late"), 1);`,
      `await Deno.jupyter.display({ "text/plain": "second" }, { raw: true, display_id: "place", update: true });`,
    );
    const seen: string[] = [];
    const copy = join(folder, "deep", "copy.ipynb");
    await executeNotebook(path, copy, { onCell: (cell, cells) => seen.push(`${cell} of ${cells}`) });
    const [cwd, place, late] = texts(await readNotebook(copy));
    equal(JSON.parse(cwd), await Deno.realPath(folder));
    equal(place, "second", "a later cell has drawn it anew");
    match(late, /late\n/); // before or after what the cell itself shows
    deepEqual(seen, ["0 of 4", "1 of 4", "2 of 4", "3 of 4"]);
  },
});

testWith("nbclient", {
  name: "a failing cell is named with its error, and the outputs before it are kept",
  async fn() {
    const path = await notebook(
      "bad.ipynb",
      "6 * 7",
      "const mood = 'low';\nthrow new RangeError(mood);",
      "'never'",
    );
    const copy = join(folder, "bad-copy.ipynb");
    await rejects(
      executeNotebook(path, copy),
      /RangeError: low at .*bad\.ipynb, cell 2\..*\n {4}const mood = 'low';\n {4}throw/,
    );
    deepEqual(texts(await readNotebook(copy)), ["42", "low", ""]);
  },
});

testWith("nbclient", {
  name: "a stop ends the kernel and passes the reason on",
  async fn() {
    const path = await notebook("long.ipynb", "await new Promise((done) => setTimeout(done, 600_000))");
    const controller = new AbortController();
    const job = executeNotebook(path, join(folder, "long-copy.ipynb"), {
      signal: controller.signal,
      onCell: () => controller.abort(),
    });
    await rejects(job, { name: "AbortError" });
  },
});

Deno.test("without Jupyter the error says what to install; a file that is not a notebook is refused", async () => {
  equal(findPython(["no-such-python", "deno"]), undefined);
  const path = await notebook("any.ipynb", "1");
  await rejects(
    executeNotebook(path, join(folder, "x.ipynb"), { python: "" }),
    /apt-get install python3-nbclient/,
  );
  await rejects(
    executeNotebook(join(folder, "none.ipynb"), "x"),
    /Expected a notebook \(\.ipynb\) but found nothing/,
  );
  const text = join(folder, "text.ipynb");
  await Deno.writeTextFile(text, "[1, 2]");
  await rejects(readNotebook(text), /found something else/);
});

Deno.test("saved outputs are pictures and text; sources and metadata stay", async () => {
  const path = await notebook("own.ipynb", "picture()", "1");
  const before = await readNotebook(path);
  const data = {
    "image/png": "iVBO",
    "text/html": "<figure></figure>",
    "text/plain": "a picture",
  };
  const executed = structuredClone(before);
  executed.metadata = { language_info: { version: "1.2.3" } };
  Object.assign(executed.cells[0], {
    source: "changed",
    execution_count: 1,
    outputs: [{ output_type: "execute_result", data }],
  });
  await saveOutputs(path, executed);
  const after = await readNotebook(path);
  deepEqual(after.metadata, before.metadata);
  deepEqual(after.cells[0], {
    ...before.cells[0],
    execution_count: 1,
    outputs: [{ output_type: "execute_result", data: { "image/png": "iVBO", "text/plain": "a picture" } }],
  });
  deepEqual(after.cells[1], before.cells[1]);
});
