/** Models that a browser can't run are refused, with what else to do. */
import { doesNotThrow, throws } from "../../lib/testing/assert.ts";
import { requireOwnFolder, requireRunnable } from "./build.ts";

const encoder = (id: string) => ({ id, inside: true, licence: "MIT" });

Deno.test("a model that a browser can't run is refused", () => {
  const text = encoder("use-lite"), audio = encoder("hf:wavlm");
  doesNotThrow(() => requireRunnable({ about: { encoders: { text, audio } }, bytes: 4e8 }, "a"));
  doesNotThrow(() => requireRunnable({ about: { encoders: { audio } }, bytes: 4e8 }, "a"));
  throws(
    () =>
      requireRunnable({ about: { encoders: { text: encoder("hf:bert"), audio } }, bytes: 4e8 }, "outputs/a"),
    /reads it with use-lite but found the text encoder hf:bert, .* at outputs\/a. Use the model with deno task infer/,
  );
  throws(
    () => requireRunnable({ about: { encoders: { text } }, bytes: 1.4e9 }, "a"),
    /at most 1 GB, which a browser can hold but found 1.4 GB/,
  );
});

Deno.test("a page replaces an earlier page alone, never other files", () => {
  const folder = Deno.makeTempDirSync({ prefix: "undertone" });
  doesNotThrow(() => requireOwnFolder(`${folder}/new`));
  doesNotThrow(() => requireOwnFolder(folder));
  for (
    const name of ["page.json", "index.html", "model.onnx", "tokenizer.json", "MODEL_CARD.md", "worker.js"]
  ) {
    Deno.writeTextFileSync(`${folder}/${name}`, "");
  }
  doesNotThrow(() => requireOwnFolder(folder));
  throws(() => requireOwnFolder(`${folder}/page.json`), /found a file at/);
  Deno.writeTextFileSync(`${folder}/mine.txt`, "mine");
  throws(() => requireOwnFolder(folder), /found other files, e\.g\. 'mine\.txt' at/);
  Deno.removeSync(`${folder}/mine.txt`);
  Deno.removeSync(`${folder}/page.json`);
  throws(() => requireOwnFolder(folder), /found other files at/);
});
