import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { captured } from "./cli/testing.ts";
import { facesOf, task } from "./docs.ts";

Deno.test("the public entry files are those that deno.json exports", () => {
  deepEqual(facesOf({}), ["./lib/mod.ts"]);
  deepEqual(facesOf({ exports: "./a.ts" }), ["./a.ts"]);
  deepEqual(facesOf({ exports: { ".": "./lib/mod.ts", "./nn": "./lib/nn.ts" } }), [
    "./lib/mod.ts",
    "./lib/nn.ts",
  ]);
});

Deno.test("docs writes a page for a public function of each entry file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, out } = await captured(task, `--out=${folder}`);
    equal(code, 0);
    match(out.at(-1)!, /index\.html$/);
    for (const page of ["~/loadDataset", "nn/~/linearInit", "testing/~/checkFusionMethod"]) {
      match(await Deno.readTextFile(`${folder}/${page}.html`), new RegExp(page.split("/").at(-1)!));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every symbol that the glossary names is in the code", async () => {
  const page = await Deno.readTextFile("docs/GLOSSARY.md");
  const named = [...page.matchAll(/\| `([\w.]+)` +\|$/gm)].map(([, symbol]) => symbol);
  ok(named.length >= 40);
  const code = (await Promise.all((await sources("lib")).map((path) => Deno.readTextFile(path)))).join("\n");
  deepEqual(named.filter((symbol) => !new RegExp(`\\b${symbol.replace(".", "\\.")}\\b`).test(code)), []);
});

Deno.test("every file that a page of docs names is there", async () => {
  const missing: string[] = [];
  for await (const { name } of Deno.readDir("docs")) {
    if (!name.endsWith(".md")) continue;
    const page = await Deno.readTextFile(`docs/${name}`);
    const named = [
      ...[...page.matchAll(/`((?:lib|tasks|docs|notebooks)\/[\w./-]+)`/g)].map(([, path]) => path),
      ...[...page.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => `docs/${path}`),
    ];
    for (const path of named) {
      await Deno.stat(path).catch(() => missing.push(`${name}: ${path}`));
    }
  }
  deepEqual(missing, []);
});

Deno.test("every test that the page of promises names is there", async () => {
  const page = await Deno.readTextFile("docs/PROMISES.md");
  const rows = page.split("\n").filter((line) => / \d{4}-\d\d-\d\d +\|$/.test(line));
  ok(rows.length >= 30);
  for (const row of rows) {
    const [, path, title] = row.match(/\| `([\w./-]+_test\.ts)` "([^"]+)" +\|/) ?? [];
    ok(path, row);
    ok((await Deno.readTextFile(path)).includes(title), `${path} has no test "${title}"`);
  }
});

/** Returns the paths of the TypeScript files in a folder, without tests. */
async function sources(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await sources(path));
    else if (/(?<!_test)\.ts$/.test(name)) paths.push(path);
  }
  return paths;
}
