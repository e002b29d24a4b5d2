import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { examplesIn, writeExamples } from "./test_examples.ts";

const FENCE = "```";

Deno.test("examples are the blocks of docstrings and Markdown that are TypeScript", () => {
  const docstring = [
    "/**",
    " * Adds.",
    " *",
    ` * ${FENCE}ts`,
    " * const one = 1;",
    " *",
    " *   // indented",
    ` * ${FENCE}`,
    " */",
    "export const text = `",
    `${FENCE}ts`,
    "not.one();",
    FENCE,
    "`;",
  ].join("\n");
  deepEqual(examplesIn("a.ts", docstring), [{ line: 5, code: "const one = 1;\n\n  // indented\n" }]);
  const markdown = [
    `${FENCE}sh`,
    "ls",
    FENCE,
    `${FENCE}ts`,
    "one();",
    FENCE,
    `${FENCE}ts ignore`,
    "two();",
    FENCE,
  ];
  deepEqual(examplesIn("a.md", markdown.join("\n")), [{ line: 5, code: "one();\n" }]);
});

Deno.test("an example that fails is told with its file and line", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" }), file = `${folder}/a.md`;
  await Deno.writeTextFile(file, `# A\n\n${FENCE}ts\nawait 1;\nthrow new Error("why");\n${FENCE}\n`);
  const [module] = await writeExamples([file], folder, 3);
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--no-check", "--allow-read", module],
    env: { NO_COLOR: "1" },
  }).output();
  equal(code, 1);
  match(new TextDecoder().decode(stdout), /a\.md, example in line 4 [^]*Error: why[^]*a\.md\.4\.ts:5:7/);
});
