/** Reads notebook files, and writes them back with outputs that a code host can show. */
import { badInput } from "../../lib/errors.ts";
import { writeFileAtomic } from "../../lib/files/mod.ts";

/** The parts of a notebook file that are used here. */
export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
}

export interface NotebookCell {
  cell_type: "code" | "markdown" | "raw";
  /** The text, whole or as lines. */
  source: string | string[];
  outputs?: Output[];
  execution_count?: number | null;
}

export type Output =
  | { output_type: "display_data" | "execute_result"; data: Record<string, unknown> }
  | { output_type: "stream"; name: "stdout" | "stderr"; text: string | string[] }
  | { output_type: "error"; ename: string; evalue: string };

/** Reads a notebook file. Throws bad input if it is not a notebook. */
export async function readNotebook(path: string): Promise<Notebook> {
  try {
    const notebook = JSON.parse(await Deno.readTextFile(path));
    if (Array.isArray(notebook?.cells)) return notebook;
    throw new Error("no cells");
  } catch (cause) {
    const found = cause instanceof Deno.errors.NotFound ? "nothing" : `something else (${cause})`;
    throw badInput({ expected: "a notebook (.ipynb)", found, at: path, todo: "Check the path." }, cause);
  }
}

/** Joins the lines of a text field. */
export const joined = (text: string | string[]): string => Array.isArray(text) ? text.join("") : text;

/**
 * Writes the outputs of an executed copy into the notebook at `path`, with pictures as PNG only. Changes
 * nothing else.
 */
export async function saveOutputs(path: string, executed: Notebook): Promise<void> {
  const notebook = await readNotebook(path);
  notebook.cells = notebook.cells.map((cell, i) => {
    const { outputs, execution_count } = executed.cells[i];
    return cell.cell_type === "code" ? { ...cell, execution_count, outputs: outputs?.map(small) } : cell;
  });
  await writeFileAtomic(path, JSON.stringify(notebook, null, 1) + "\n");
}

/** Returns an output without the interactive form of its picture, whose script code hosts don't run. */
function small(output: Output): Output {
  if (!("data" in output) || !("image/png" in output.data)) return output;
  const { "text/html": _, ...data } = output.data;
  return { ...output, data };
}
