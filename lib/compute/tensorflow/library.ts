/** Where a TensorFlow library and its headers lie, and how to take them out of a wheel. */
import { chmodSync, existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { badInput } from "../../errors.ts";

export interface Library {
  /** Folder of the libraries, and their file names. */
  folder: string;
  files: string[];
  /** Folder that holds `tensorflow/c/c_api.h`. */
  headers: string;
}

/** The C interface lies in `libtensorflow` of the C distribution, in `libtensorflow_cc` of a wheel. */
const LIBRARIES = ["libtensorflow.so.2", "libtensorflow.so", "libtensorflow_cc.so.2"];
const FRAMEWORKS = ["libtensorflow_framework.so.2", "libtensorflow_framework.so"];

/**
 * The library at `path`: the file itself, a folder as the C distribution unpacks (`lib`, `include`), or an installed
 * Python package. Throws bad input where library or headers are missing.
 */
export function findLibrary(path: string): Library {
  const start = existsSync(path) && statSync(path).isFile() ? dirname(resolve(path)) : resolve(path);
  const refuse = (expected: string) =>
    badInput({
      expected,
      found: existsSync(path) ? "none" : "nothing",
      at: path,
      todo: "Name a folder that holds both, such as an unpacked libtensorflow, or a wheel (.whl).",
    });
  for (const folder of [start, join(start, "lib")]) {
    const present = (name: string) => existsSync(join(folder, name));
    const library = LIBRARIES.find(present), framework = FRAMEWORKS.find(present);
    if (!library || !framework) continue;
    const headers = [folder, dirname(folder)].map((place) => join(place, "include"))
      .find((include) => existsSync(join(include, "tensorflow/c/c_api.h")));
    if (!headers) throw refuse("TensorFlow's C headers (include/tensorflow/c/c_api.h)");
    return { folder, files: [library, framework], headers };
  }
  throw refuse("libtensorflow.so.2 or libtensorflow_cc.so.2 beside libtensorflow_framework.so.2");
}

/** What a wheel holds that matters here. */
const WANTED = /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2|include\/(tensorflow|tsl)\/.*\.h)$/;

/** What is used of the zip reader that the package brings along. */
interface Zip {
  getEntries(): { entryName: string }[];
  extractEntryTo(entry: unknown, target: string, keepPath: boolean, overwrite: boolean): boolean;
}

/** Unpacks library and headers of a `tensorflow` wheel into `target`; `packageRoot` brings the zip reader. */
export function unpackWheel(wheel: string, target: string, packageRoot: string): Library {
  const AdmZip: new (path: string) => Zip = createRequire(join(packageRoot, "package.json"))("adm-zip");
  let entries: { entryName: string }[], zip: Zip;
  try {
    zip = new AdmZip(wheel);
    entries = zip.getEntries().filter(({ entryName }) => WANTED.test(entryName));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw badInput({ expected: "a TensorFlow wheel", found, at: wheel, todo: "Fetch it again." }, cause);
  }
  for (const entry of entries) {
    zip.extractEntryTo(entry, target, true, true);
    chmodSync(join(target, entry.entryName), 0o644); // it leaves them open for all to write
  }
  return findLibrary(join(target, "tensorflow"));
}
