/** Checks a notebook's cells before they run: their syntax, their imports and their types. */
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { existsSync } from "node:fs";
import { badInput } from "../../lib/errors.ts";
import { moduleOf, type Origin } from "./cells.ts";
import { joined, type Notebook, readNotebook } from "./file.ts";

interface Fault extends Origin {
  message: string;
}

/** Codes of faults that only the one module has, not the cells: two cells import the same name. */
const OURS = /^TS2300\b/;

/** Most faults that an error lists. */
const MOST = 5;

/**
 * Throws UndertoneError if a cell of the notebook at `path` has a syntax error, a missing import or a type
 * error. It names the cell and the line.
 */
export async function checkNotebook(path: string, signal?: AbortSignal): Promise<void> {
  const notebook = await readNotebook(path), work = await Deno.makeTempDir({ prefix: "undertone-cells-" });
  try {
    const faults = await syntaxFaults(notebook, work, signal);
    if (faults.length === 0) faults.push(...await typeFaults(notebook, path, work, signal));
    if (faults.length > 0) throw refusal(path, notebook, faults);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Parses each cell by itself, so that an open bracket is a fault of its own cell. */
async function syntaxFaults(
  { cells }: Notebook,
  work: string,
  signal?: AbortSignal,
): Promise<Fault[]> {
  const files = new Map<string, number>();
  for (const [i, { cell_type, source }] of cells.entries()) {
    if (cell_type !== "code") continue;
    const file = join(work, `cell_${i + 1}.ts`);
    await Deno.writeTextFile(file, joined(source) + "\n");
    files.set(file, i + 1);
  }
  if (files.size === 0) return [];
  const text = await deno(["fmt", "--check", "--no-config", ...files.keys()], signal);
  return placesIn(text).flatMap(({ file, line, message }) => {
    const cell = files.get(file);
    return cell !== undefined && message.startsWith("SyntaxError") ? [{ cell, line, message }] : [];
  });
}

/** Checks imports and types of all cells together. */
async function typeFaults(
  notebook: Notebook,
  path: string,
  work: string,
  signal?: AbortSignal,
): Promise<Fault[]> {
  const folder = dirname(resolve(path)), file = join(work, "cells.ts");
  const { text, origins } = moduleOf(notebook, pathToFileURL(folder).href + "/");
  await Deno.writeTextFile(file, text);
  const config = configOf(folder), told = await deno(["check", ...config, file], signal);
  if (told === "") return [];
  const inCells: Fault[] = [], elsewhere: Fault[] = [];
  for (const place of placesIn(told)) {
    const origin = place.file === file ? origins[place.line - 1] : undefined;
    if (origin && !OURS.test(place.message)) inCells.push({ ...origin, message: place.message });
    const message = `${place.message} in ${place.file}:${place.line}`;
    if (place.file !== file) elsewhere.push({ cell: 0, line: 0, message });
  }
  return inCells.length > 0 ? inCells : elsewhere; // a fault of a cell can name places of other modules, too
}

/** Runs Deno and returns what it prints if it fails. */
async function deno(args: string[], signal?: AbortSignal): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    signal,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  signal?.throwIfAborted();
  const decoder = new TextDecoder();
  return success ? "" : decoder.decode(stderr) + decoder.decode(stdout);
}

/** Returns the messages that name a place, `message … at file:///path:line:column`, with the place. */
function placesIn(text: string): { file: string; line: number; message: string }[] {
  let message = "";
  return text.split("\n").flatMap((line) => {
    const [, url, row] = /^\s+at (file:\/\/.*):(\d+):\d+$/.exec(line) ?? [];
    if (url) return [{ file: decodeURIComponent(new URL(url).pathname), line: Number(row), message }];
    const [, code, told] =
      /^(?:error: |\s*)(TS\d+ \[ERROR\]: |(?=SyntaxError|Module not found|Import ))(.+)$/.exec(line) ?? [];
    if (told) message = code.replace(" [ERROR]", "") + told;
    return [];
  });
}

/** Returns the flags that name the configuration nearest to a folder, which Deno's kernel uses too. */
function configOf(folder: string): string[] {
  for (let at = folder;; at = dirname(at)) {
    const config = ["deno.json", "deno.jsonc"].map((name) => join(at, name)).find(existsSync);
    if (config) return ["--config", config];
    if (dirname(at) === at) return ["--no-config"];
  }
}

function refusal(path: string, { cells }: Notebook, [first, ...others]: Fault[]) {
  const place = ({ cell, line }: Fault) => cell === 0 ? path : `${path}, cell ${cell}, line ${line}`;
  const more = others.slice(0, MOST - 1).map((fault) => `\n  ${fault.message} at ${place(fault)}`).join("");
  const left = others.length - MOST + 1;
  const source = cells[first.cell - 1] && joined(cells[first.cell - 1].source).split("\n")[first.line - 1];
  return badInput({
    expected: "cells without faults",
    found: first.message.replace(/\.$/, ""),
    at: place(first),
    todo: (source === undefined ? "Fix it." : `Fix the line:\n    ${source.trim()}`) +
      (more && `\nThe next faults:${more}`) + (left > 0 ? `\n  and ${left} more` : ""),
  });
}
