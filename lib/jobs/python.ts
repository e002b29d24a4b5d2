/**
 * Finds a Python with Jupyter's nbclient, which runs notebooks without a browser. Nothing else needs Python.
 */
export const HOW_TO_GET_NBCLIENT = "apt-get install python3-nbclient, or python3 -m pip install nbclient";

/** Candidates on PATH. The system's Python comes too, because the first one often lacks Jupyter. */
const pythons = () => {
  const system = (Deno.env.get("PATH") ?? "").split(":").includes("/usr/bin") ? ["/usr/bin/python3"] : [];
  return ["python3", ...system, "python"];
};

/** Returns the first candidate that has nbclient. */
export const findPython = (candidates = pythons()): string | undefined =>
  candidates.find((python) => {
    try {
      return new Deno.Command(python, { args: ["-c", "import nbclient"] }).outputSync().success;
    } catch {
      return false; // no such program
    }
  });
