/** The public faces: each symbol has a docstring, each type is exported, and each function has an example. */
import { fileURLToPath } from "node:url";
import { deepEqual, equal, ok } from "./testing/assert.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const { exports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`)) as {
  exports: Record<string, string>;
};
const faces = Object.values(exports);

async function deno(...args: string[]): Promise<{ success: boolean; out: string; err: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, out: text(stdout), err: text(stderr) };
}

interface Declaration {
  kind: string;
  jsDoc?: { tags?: { kind: string; doc?: string }[] };
  def?: { tsType?: { kind: string } };
}

interface Documentation {
  nodes: Record<string, { symbols: { name: string; declarations: Declaration[] }[] }>;
}

/** Names of functions without an example, of what `deno doc --json` says. */
function withoutExample({ nodes }: Documentation): string[] {
  const isFunction = ({ kind, def }: Declaration) =>
    kind === "function" || (kind === "variable" && def?.tsType?.kind === "fnOrConstructor");
  const hasExample = ({ jsDoc }: Declaration) =>
    jsDoc?.tags?.some(({ kind, doc }) => kind === "example" && doc?.includes("```ts\nimport "));
  return Object.values(nodes).flatMap(({ symbols }) =>
    symbols.filter(({ declarations }) =>
      declarations.some(isFunction) && !declarations.some((each) => isFunction(each) && hasExample(each))
    ).map(({ name }) => name)
  );
}

for (const face of faces) {
  Deno.test(`deno doc --lint ${face} is clean`, async () => {
    const { success, err } = await deno("doc", "--lint", face);
    ok(success, err);
  });
}

Deno.test("every public function has an example, which `deno task test` runs", async () => {
  const { success, out, err } = await deno("doc", "--json", ...faces);
  ok(success, err);
  const documentation: Documentation = JSON.parse(out);
  equal(Object.keys(documentation.nodes).length, faces.length);
  deepEqual(withoutExample(documentation), []);
});

Deno.test("a function without an example is seen", () => {
  const declaration = (kind: string, doc?: string): Declaration => ({
    kind,
    jsDoc: { tags: doc === undefined ? [] : [{ kind: "example", doc }] },
  });
  const symbols = [
    { name: "shown", declarations: [declaration("function", '```ts\nimport { shown } from "x";\n```')] },
    { name: "bare", declarations: [declaration("function")] },
    { name: "vague", declarations: [declaration("function", "call it")] },
    { name: "Type", declarations: [declaration("interface")] },
  ];
  deepEqual(withoutExample({ nodes: { "lib/mod.ts": { symbols } } }), ["bare", "vague"]);
});
