/** The one Python that anything here asks for: that of Jupyter, to run notebooks without a browser. */
import { spawnSync } from "node:child_process";

export const HOW_TO_GET_NBCLIENT = "apt-get install python3-nbclient, or python3 -m pip install nbclient";

/** The first of these Pythons that has nbclient; on many machines the first on PATH is not the one with Jupyter. */
export const findPython = (candidates = ["python3", "/usr/bin/python3", "python"]): string | undefined =>
  candidates.find((python) => spawnSync(python, ["-c", "import nbclient"]).status === 0);
