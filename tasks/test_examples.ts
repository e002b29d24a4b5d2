/** Turns the examples of the documentation into modules of tests. Those of a module share one process. */
import { join } from "node:path";
import { dealt } from "./dealt.ts";

/** A block of TypeScript in a docstring or in Markdown. */
export interface Example {
  /** Line of its first statement, from 1 on. */
  line: number;
  code: string;
}

/** Returns the examples of a file. */
export function examplesIn(path: string, text: string): Example[] {
  const isMarkdown = path.endsWith(".md");
  const shown = isMarkdown
    ? text
    : text.replaceAll(/^(?: *\* ?)?(.*)$/gm, (line, rest) => line === rest ? "" : rest);
  return [...shown.matchAll(/^```ts\n([^]*?)^```$/gm)].map(({ index, 1: code }) => ({
    line: shown.slice(0, index).split("\n").length + 1,
    code,
  }));
}

/**
 * Writes the examples of all files into a folder, and so many modules of tests that import them. Returns the
 * modules' paths. An error's line is that of the documentation.
 */
export async function writeExamples(
  files: readonly string[],
  folder: string,
  modules: number,
): Promise<string[]> {
  const tests: string[] = [];
  for (const file of files) {
    for (const { line, code } of examplesIn(file, await Deno.readTextFile(file))) {
      const name = `${file.replaceAll(/[^\w.]/g, ".")}.${line}.ts`;
      await Deno.writeTextFile(join(folder, name), "\n".repeat(line - 1) + code);
      tests.push(
        `Deno.test("${file}, example in line ${line}", async () => void await import("./${name}"));\n`,
      );
    }
  }
  return await Promise.all(
    dealt(tests, modules).map(async (some, i) => {
      const path = join(folder, `examples_${i + 1}.ts`);
      await Deno.writeTextFile(path, some.join(""));
      return path;
    }),
  );
}
