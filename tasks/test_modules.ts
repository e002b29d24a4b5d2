/**
 * Puts test files into modules. Those of a module share one process and all that they import, so that the
 * library and its engine are loaded once for all of them.
 */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Most test files of a module. Modules are small, so that the last one does not run alone for long. */
const MOST_FILES = 10;

/**
 * What the other files of a module would notice: something that is registered, another engine than the
 * default, counts of what the engine did, and a changed environment or global object.
 */
const NOTICED = [
  /\bregister[A-Z]\w*\(/,
  /\buseEngine\([^)]|\bENGINES\b|\bunderTest\b/,
  /\bresetStats\b|\bnumTensors\b|\bmemory\(\)/,
  /\bDeno\.env\.(set|delete)\b|\bchdir\(/,
  /\b(globalThis|console|Deno)(\.\w+)+ = /,
];

/** Returns whether a test file needs a process state of its own. */
export const runsAlone = (text: string): boolean => NOTICED.some((trace) => trace.test(text));

/** A module of tests, and the files that it imports. */
interface Module {
  path: string;
  files: readonly string[];
}

/**
 * Writes modules that import those test files that can share one, neighbours together. Returns the modules,
 * and the paths of the other test files.
 */
export async function writeModules(
  files: readonly string[],
  folder: string,
): Promise<{ modules: Module[]; alone: string[] }> {
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(file)));
  const alone = files.filter((_, i) => runsAlone(texts[i])),
    shared = files.filter((_, i) => !runsAlone(texts[i]));
  const modules: Module[] = [];
  for (let i = 0; i < shared.length; i += MOST_FILES) {
    const some = shared.slice(i, i + MOST_FILES), path = join(folder, `tests_${modules.length + 1}.ts`);
    const imports = some.map((file) => `await import("${pathToFileURL(resolve(file)).href}");\n`);
    await Deno.writeTextFile(path, imports.join("")); // one after the other
    modules.push({ path, files: some });
  }
  return { modules, alone };
}
