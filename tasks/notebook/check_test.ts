import { deepEqual, equal, match, rejects } from "../../lib/testing/assert.ts";
import { join } from "node:path";
import { moduleOf } from "./cells.ts";
import { checkNotebook } from "./check.ts";
import type { NotebookCell } from "./file.ts";

const folder = await Deno.makeTempDir({ prefix: "undertone" });
await Deno.writeTextFile(join(folder, "own.ts"), "export const mood: string = 'low';\n");

const cellsOf = (sources: string[]): NotebookCell[] => [
  { cell_type: "markdown", source: "# A title, which is no code" },
  ...sources.map((source) => ({ cell_type: "code" as const, source: source.split(/(?<=\n)/) })),
];

/** Checks a notebook of a title and these code cells, which are cells 2, 3 and so on. */
async function check(...sources: string[]): Promise<void> {
  const path = join(folder, "x.ipynb");
  await Deno.writeTextFile(path, JSON.stringify({ cells: cellsOf(sources), metadata: {} }));
  await checkNotebook(path);
}

Deno.test("each cell is a block in that of the cell before, and imports come first", () => {
  const sources = ['const a = 1;\nimport { b } from "./b.ts";\nimport\n  c from "c";', "export const a = b;"];
  const { text, origins } = moduleOf({ cells: cellsOf(sources) }, "file:///x/y/");
  const lines = text.trimEnd().split("\n");
  deepEqual(lines.map((line) => line.trim()), [
    'import { b } from "file:///x/y/b.ts";',
    "import",
    'c from "c";',
    "{",
    "const a = 1;",
    "",
    "",
    "",
    "{",
    "const a = b;",
    "}} export {};",
  ]);
  equal(origins.length, lines.length);
  deepEqual(origins.slice(0, 3), [{ cell: 2, line: 2 }, { cell: 2, line: 3 }, { cell: 2, line: 4 }]);
  deepEqual([origins[4], origins[9]], [{ cell: 2, line: 1 }, { cell: 3, line: 1 }]);
});

Deno.test("cells that run are accepted", async () => {
  await check();
  await check("1 + 1", "");
  await check(
    'import { mood } from "./own.ts";\nconst upper: string = mood.toUpperCase();',
    'import { mood } from "./own.ts";\nconst upper = upper1(mood).length;\nfunction upper1(x: string) { return x }',
    "let count = upper; count++;\nawait Promise.resolve(count)",
    "count",
    'const { mood: late } = await import("./own.ts"); late.length',
    "{ const text = `\nlet x = (\n`; text }",
  );
});

Deno.test("a fault is told with its own text, its cell and its line", async () => {
  const at = (cell: number, line: number) => `at .*x\\.ipynb, cell ${cell}, line ${line}\\. Fix the line:\\n`;
  await rejects(
    check("1", "const a = 1;\nconst b = (2;\nb"),
    new RegExp(`found SyntaxError: Expected ',', got ';' ${at(3, 2)} {4}const b = \\(2;$`),
  );
  await rejects(check("if (true) {", "1"), new RegExp(`SyntaxError: .* ${at(2, 1)}`));
  await rejects(
    check('\nimport { x } from "./none.ts";\nx'),
    new RegExp(`Cannot find module 'file://.*/none\\.ts' ${at(2, 2)} {4}import \\{ x \\}`),
  );
  await rejects(
    check('import { moot } from "./own.ts";\nmoot'),
    new RegExp(`has no exported member.* 'moot'.* ${at(2, 1)}`),
  );
  await rejects(
    check("const a: number = 1;", "\nconst b: string = a;"),
    new RegExp(
      `TS2322: Type 'number' is not assignable to type 'string' ${at(3, 2)} {4}const b: string = a;$`,
    ),
  );
  await rejects(
    check("later", "const later = 1;"),
    new RegExp(`TS2304: Cannot find name 'later'.* ${at(2, 1)}`),
  );
});

Deno.test("an error lists the first faults, and counts the others", async () => {
  const message = await check(Array.from({ length: 8 }, (_, i) => `const a${i}: string = ${i};`).join("\n"))
    .catch((error) => error.message);
  match(message, /cell 2, line 1\./);
  match(message, /line 5\n {2}and 3 more$/);
});
