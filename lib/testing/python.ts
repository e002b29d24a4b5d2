/** The Python that tests compare results with, if there is one. */
import { spawnSync } from "node:child_process";

/** Returns the Python that `UNDERTONE_PYTHON` names, or python3 on the PATH. */
export const testPython = (): string => Deno.env.get("UNDERTONE_PYTHON") ?? "python3";

/** Returns whether that Python exists and can import all of these modules. */
export const hasModules = (...names: string[]): boolean => {
  const code = `import importlib.util as u; exit(not all(map(u.find_spec, ${JSON.stringify(names)})))`;
  return spawnSync(testPython(), ["-c", code]).status === 0;
};
