/** The Python that answers are compared with, where there is one: tests alone use it. */
import { spawnSync } from "node:child_process";

/** The one that `UNDERTONE_PYTHON` names, else python3 on the PATH. */
export const testPython = (): string => Deno.env.get("UNDERTONE_PYTHON") ?? "python3";

/** Whether it is there and can import all of these modules. */
export const hasModules = (...names: string[]): boolean => {
  const code = `import importlib.util as u; exit(not all(map(u.find_spec, ${JSON.stringify(names)})))`;
  return spawnSync(testPython(), ["-c", code]).status === 0;
};
