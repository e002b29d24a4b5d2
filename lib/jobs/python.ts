/** The one Python that anything here asks for: that of Jupyter, to run notebooks without a browser. */
import { spawnSync } from "node:child_process";

export const HOW_TO_GET_NBCLIENT = "apt-get install python3-nbclient, or python3 -m pip install nbclient";

/** Pythons on PATH; on many machines the first is not the one with Jupyter, but the system's is. */
const pythons = () => {
  const system = (Deno.env.get("PATH") ?? "").split(":").includes("/usr/bin") ? ["/usr/bin/python3"] : [];
  return ["python3", ...system, "python"];
};

/** The first of these Pythons that has nbclient. */
export const findPython = (candidates = pythons()): string | undefined =>
  candidates.find((python) => spawnSync(python, ["-c", "import nbclient"]).status === 0);
