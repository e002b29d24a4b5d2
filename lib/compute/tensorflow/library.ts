/** Finds a TensorFlow library and its headers, and extracts them from a wheel. */
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

/** Libraries with the C interface: `libtensorflow` in the C distribution, `libtensorflow_cc` in a wheel. */
const LIBRARIES = ["libtensorflow.so.2", "libtensorflow.so", "libtensorflow_cc.so.2"];
const FRAMEWORKS = ["libtensorflow_framework.so.2", "libtensorflow_framework.so"];

/**
 * Finds the library at `path`: the file itself, a folder with the layout of the C distribution (`lib`,
 * `include`), or an installed Python package. Throws bad input if the library or its headers are missing.
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

/** The files of a wheel that we need. */
const WANTED = /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2|include\/(tensorflow|tsl)\/.*\.h)$/;

/** The parts of the package's zip reader that we use. */
interface Zip {
  getEntries(): { entryName: string }[];
  extractEntryTo(entry: unknown, target: string, keepPath: boolean, overwrite: boolean): boolean;
}

/**
 * Unpacks library and headers of a `tensorflow` wheel into `target`. The zip reader comes from `packageRoot`.
 */
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
    chmodSync(join(target, entry.entryName), 0o644); // the zip reader makes them world-writable
  }
  return findLibrary(join(target, "tensorflow"));
}
