import { dirname, join } from "node:path";
import { deepEqual, match, throws } from "../../testing/assert.ts";
import { UndertoneError } from "../../errors.ts";
import { findLibrary } from "./library.ts";

/** Creates a folder with empty files of these names. */
function folderOf(...names: string[]): string {
  const folder = Deno.makeTempDirSync({ prefix: "undertone" });
  for (const name of names) {
    Deno.mkdirSync(dirname(join(folder, name)), { recursive: true });
    Deno.writeTextFileSync(join(folder, name), "");
  }
  return folder;
}

const HEADER = "include/tensorflow/c/c_api.h";

Deno.test("a library is found in C distributions and Python packages, by folder or file", () => {
  const c = folderOf("lib/libtensorflow.so.2", "lib/libtensorflow_framework.so.2", HEADER);
  const expected = {
    folder: join(c, "lib"),
    files: ["libtensorflow.so.2", "libtensorflow_framework.so.2"],
    headers: join(c, "include"),
  };
  for (const path of [c, join(c, "lib"), join(c, "lib/libtensorflow.so.2")]) {
    deepEqual(findLibrary(path), expected);
  }
  const python = folderOf("libtensorflow_cc.so.2", "libtensorflow_framework.so.2", HEADER);
  deepEqual(findLibrary(python), {
    folder: python,
    files: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
    headers: join(python, "include"),
  });
});

Deno.test("the error names the missing part", () => {
  const cases: [string, RegExp][] = [
    ["/nowhere", /found nothing at \/nowhere/],
    [folderOf(HEADER), /^Expected libtensorflow\.so\.2 or .* but found none/],
    [folderOf("libtensorflow.so.2", HEADER), /beside libtensorflow_framework\.so\.2 but found none/],
    [folderOf("libtensorflow.so", "libtensorflow_framework.so"), /^Expected TensorFlow's C headers/],
  ];
  for (const [path, sentence] of cases) {
    throws(() => findLibrary(path), (error: Error) => {
      match(error.message, sentence);
      return error instanceof UndertoneError;
    });
  }
});
