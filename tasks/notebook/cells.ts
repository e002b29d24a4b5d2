/** Makes one TypeScript module of a notebook's code cells, and remembers where each line comes from. */
import { joined, type Notebook } from "./file.ts";

/** A line of a code cell; both numbers count from 1, and cells of text count too. */
export interface Origin {
  cell: number;
  line: number;
}

export interface CellModule {
  text: string;
  /** The origin of each line of the text; undefined for lines that belong to no cell. */
  origins: (Origin | undefined)[];
}

/** A static import at the start of a line. Its text has no quotation mark before that of its module. */
const IMPORT = /^[ \t]*import\b(?!\s*[(.])[^;"'`()]*?(["'])[^"'\n]*\1(?:\s*with\s*\{[^}]*\})?[ \t]*;?/gm;

/** A relative module, in a static or dynamic import. */
const RELATIVE = /(\b(?:from|import)\s*\(?\s*)(["'])(\.{1,2}\/[^"'\n]*)\2/g;

/**
 * Returns the code cells as one module. Each cell is a block in that of the cell before, because a cell may
 * declare a name again. Imports move to the top, where relative ones start at the folder `base`, a URL.
 */
export function moduleOf({ cells }: Pick<Notebook, "cells">, base: string): CellModule {
  const imports = new Map<string, Origin>(), body: [string, Origin | undefined][] = [];
  let depth = 0;
  for (const [i, { cell_type, source }] of cells.entries()) {
    if (cell_type !== "code") continue;
    const text = joined(source), cell = i + 1;
    const left = text.replaceAll(IMPORT, (statement, _, at: number) => {
      const line = text.slice(0, at).split("\n").length;
      if (!imports.has(statement)) imports.set(statement, { cell, line });
      return blank(statement);
    }).replaceAll(/^export (?=const|let|var|function|class|interface|type|enum|async|abstract)/gm, blank);
    body.push(["{", undefined]);
    left.split("\n").forEach((line, n) => body.push([line, { cell, line: n + 1 }]));
    depth++;
  }
  const head = [...imports].flatMap(([statement, { cell, line }]) =>
    statement.split("\n").map((text, n): [string, Origin] => [text, { cell, line: line + n }])
  );
  const lines = [...head, ...body, ["}".repeat(depth) + " export {};", undefined] as const];
  const text = lines.map(([line]) => line).join("\n") + "\n";
  return {
    text: text.replaceAll(RELATIVE, (_, before, quote, path) => before + quote + new URL(path, base) + quote),
    origins: lines.map(([, origin]) => origin),
  };
}

/** Replaces all but the ends of lines by spaces, so that places stay. */
const blank = (text: string): string => text.replaceAll(/[^\n]/g, " ");
