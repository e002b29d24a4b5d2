import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deepEqual, equal, match, rejects } from "../testing/assert.ts";
import { importedModules, isThere, keepModules, keptModules, useModules } from "./user_modules.ts";

const registryModule = new URL("../registry.ts", import.meta.url).href;

/** Creates a folder with these files. */
async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "modules of mine " });
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  }
  return folder;
}

/** Returns the code of a module that registers one entry, after `imports`. */
const registering = (id: string, imports = "") =>
  `${imports}\nimport { registry } from "${registryModule}";\nregistry("a thing").add({ id: "${id}" });\n`;

Deno.test("a module is imported once, with its relative imports in its hash", async () => {
  const folder = await folderWith({
    "heads/mine.ts": registering(
      "one",
      `import { a } from "../parts/a.ts"; // not from "./nowhere.ts"\nexport { a };`,
    ),
    "parts/a.ts": `import b from "./b.json" with { type: "json" };\nexport const a = b;\n`,
    "parts/b.json": `{"from": "./c.ts"}`,
  });
  const path = join(folder, "heads/mine.ts");
  const [module] = await useModules([path]), [again] = await useModules([path]);
  deepEqual(
    [...module.files.keys()],
    ["heads/mine.ts", "parts/a.ts", "parts/b.json"].map((f) => join(folder, f)),
  );
  match(module.sha256, /^[0-9a-f]{64}$/);
  equal(again.sha256, module.sha256);

  const kept = await folderWith({});
  const [copy] = await keepModules([module], kept);
  equal(copy, join(kept, "1/heads/mine.ts"));
  deepEqual(await keptModules([module], kept), [copy]);
  const before = importedModules().length, [copied, ...others] = await useModules([copy, path]);
  equal(copied.sha256, module.sha256, "a copy elsewhere has the same hash");
  deepEqual([others, importedModules().length], [[], before], "and is not run again");
  deepEqual(copied.registers, [{ what: "a thing", id: "one" }]);

  await Deno.writeTextFile(join(folder, "parts/b.json"), "{}");
  await rejects(
    useModules([path]),
    /found one that has changed since \([0-9a-f]{64}\) at .* Restart the kernel/,
  );
  equal(await isThere(module), false);
  await Deno.writeTextFile(join(kept, "1/parts/b.json"), "{}");
  deepEqual(await keptModules([module], kept), [undefined], "a copy that was changed is none");
});

Deno.test("a change in an import changes the hash", async () => {
  const files = (text: string) =>
    folderWith({ "mine.ts": registering("one", `import "./a.ts";`), "a.ts": text });
  const [one] = await useModules([join(await files("export {};"), "mine.ts")]);
  const [other] = await useModules([join(await files("export {}; // changed"), "mine.ts")]);
  equal(one.sha256 === other.sha256, false);
});

Deno.test("a module that can't be used is refused in one sentence", async () => {
  const lib = fileURLToPath(new URL("../mod.ts", import.meta.url));
  const folder = await folderWith({
    "nothing.ts": "export const a = 1;\n",
    "wrong.ts": "export const = 1;\n",
    "throws.ts": `throw new Error("no such thing");\n`,
    "missing.ts": registering("x", `import "./gone.ts";`),
    "deep.ts": registering("y", `import "${join(...Array(40).fill(".."))}${lib}";`.replace(`"..`, `"../..`)),
  });
  const cases: [string, RegExp][] = [
    ["nowhere.ts", /Expected a TypeScript or JavaScript module but found no file at .*nowhere\.ts/],
    ["nothing.ts", /found one that registers nothing at .*nothing\.ts\. Call registerFusionMethod/],
    ["wrong.ts", /found an error, .SyntaxError: .*wrong\.ts/],
    ["throws.ts", /found an error, .no such thing', at .*throws\.ts/],
    ["missing.ts", /found an error, .*gone\.ts/],
    ["deep.ts", /Import from '@undertone\/undertone'/],
  ];
  for (const [name, sentence] of cases) await rejects(useModules([join(folder, name)]), sentence);
});
