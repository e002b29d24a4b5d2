import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { runsAlone, writeModules } from "./test_modules.ts";

Deno.test("a test file runs alone if other tests would notice what it does", () => {
  const alone = [
    'registerMetric({ id: "mine" });',
    'await useEngine("cpu");',
    "await useEngine({ engine });",
    "for (const engine of ENGINES) test(engine);",
    "currentEngine().resetStats();",
    "const live = tf.memory().numTensors;",
    'Deno.env.set("HOME", folder);',
    "Deno.chdir(folder);",
    "globalThis.fetch = () => { throw 1; };",
    "console.log = () => {};",
    "Deno.stdin.isTerminal = () => false;",
  ];
  deepEqual(alone.filter((text) => !runsAlone(text)), []);
  const shared = [
    "await useEngine();",
    'console.log("a");',
    'Deno.env.get("HOME");',
    "ok(registered);",
    'equal(globalThis.name, "a");',
  ];
  deepEqual(shared.filter(runsAlone), []);
});

Deno.test("the files of a module share their imports, run in order, and failures name them", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" }), outside = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/state.ts`, "export const seen: string[] = [];");
  const files = await Promise.all(Array.from({ length: 12 }, async (_, i) => {
    const path = `${folder}/${String(i).padStart(2, "0")}_test.ts`;
    const text = i === 11
      ? 'console.log = () => {}; Deno.test("apart", () => {});'
      : 'import { seen } from "./state.ts"; await 0; seen.push("' + i + '");\n' +
        `Deno.test("test ${i}", () => { if (${i} === 3) throw new Error(seen.join()); });`;
    await Deno.writeTextFile(path, text);
    return path;
  }));
  const { modules, alone } = await writeModules(files, outside);
  deepEqual(alone, [files[11]]);
  deepEqual(modules.map(({ files }) => files), [files.slice(0, 10), [files[10]]]);
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--no-check", ...modules.map(({ path }) => path)],
    env: { NO_COLOR: "1" },
  }).output();
  const out = new TextDecoder().decode(stdout);
  equal(code, 1);
  match(out, /test 3 => .*\/03_test\.ts:2:6\nerror: Error: 0,1,2,3,4,5,6,7,8,9\n/);
  match(out, /FAILED \| 10 passed \| 1 failed/);
});
