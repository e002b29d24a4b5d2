/** Runs notebooks without a browser: Jupyter's nbclient drives the kernel of this Deno. */
import { spawn } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { badInput } from "../../lib/errors.ts";
import { findPython, HOW_TO_GET_NBCLIENT } from "../../lib/jobs/mod.ts";
import { joined, type Notebook, readNotebook } from "./file.ts";

export interface ExecuteOptions {
  /** Called when a cell starts. */
  onCell?: (cell: number, cells: number) => void;
  signal?: AbortSignal;
}

const DRIVER = fileURLToPath(new URL("./execute.py", import.meta.url));

/**
 * Runs all cells of the notebook at `path`, in its folder, and writes the executed copy to `target`. Throws
 * UndertoneError if a cell fails, after writing the copy up to that cell, and if no Python has nbclient.
 */
export async function executeNotebook(
  path: string,
  target: string,
  { python = findPython(), ...options }: ExecuteOptions & { python?: string } = {},
): Promise<Notebook> {
  await readNotebook(path);
  if (!python) throw noJupyter();
  await Deno.mkdir(dirname(target), { recursive: true });
  const jupyter = await privateJupyter();
  try {
    const failure = await drive(python, [DRIVER, path, target], jupyter, options);
    const notebook = await readNotebook(target);
    if (failure) throw cellFailed(path, target, notebook, failure);
    return notebook;
  } finally {
    await Deno.remove(jupyter, { recursive: true });
  }
}

/** Creates a Jupyter folder whose only kernel is this Deno, whatever else is installed. */
async function privateJupyter(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "undertone-jupyter-" });
  const kernel = join(folder, "kernels", "deno");
  await Deno.mkdir(kernel, { recursive: true });
  const argv = [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"];
  const spec = { argv, display_name: "Deno", language: "typescript" };
  await Deno.writeTextFile(join(kernel, "kernel.json"), JSON.stringify(spec));
  return folder;
}

interface Failure {
  cell: number;
  message: string;
}

/** Runs the driver to its end. Returns the cell that failed, if one did. */
async function drive(
  python: string,
  args: string[],
  jupyter: string,
  { onCell, signal }: ExecuteOptions,
): Promise<Failure | undefined> {
  const places = { JUPYTER_PATH: jupyter, JUPYTER_DATA_DIR: jupyter, JUPYTER_RUNTIME_DIR: jupyter };
  const child = spawn(python, args, {
    env: { ...Deno.env.toObject(), NO_COLOR: "1", ...places },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve, reject) =>
    child.on("error", reject).on("close", resolve)
  );
  const stop = () => child.kill("SIGTERM"); // nbclient stops the kernel too
  signal?.addEventListener("abort", stop);
  let failure: Failure | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { cell, cells, failed } = JSON.parse(line);
    if (failed === undefined) onCell?.(cell, cells);
    else failure = { cell, message: failed };
  });
  const [code, complaints] = await Promise.all([closed, text(child.stderr)]);
  signal?.removeEventListener("abort", stop);
  signal?.throwIfAborted();
  if (code !== 0 && !failure) throw new Error(`${python} ${basename(DRIVER)} failed: ${complaints}`);
  return failure;
}

function cellFailed(path: string, target: string, { cells }: Notebook, { cell, message }: Failure) {
  const source = joined(cells[cell].source).trimEnd().split("\n").map((line) => `    ${line}`).join("\n");
  return badInput({
    expected: "every cell to run",
    found: message,
    at: `${path}, cell ${cell + 1}`,
    todo: `See ${target} for the cells before it. The cell:\n${source}`,
  });
}

const noJupyter = () =>
  badInput({
    expected: "Jupyter's nbclient, which drives the kernel",
    found: "no Python that has it",
    at: "this machine",
    todo: `Install it: ${HOW_TO_GET_NBCLIENT}.`,
  });
