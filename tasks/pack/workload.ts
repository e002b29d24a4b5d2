/**
 * Opens every file of the packages that work without a network may need: imports every module and package,
 * decodes clips, trains, and draws. `used_files.ts` runs it and sees which files it opened.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { configure, trainRun } from "../../lib/mod.ts";
import { doctor } from "../../lib/jobs/mod.ts";
import { inProject } from "../../lib/paths.ts";
import project from "../../deno.json" with { type: "json" };

/** Modules that are no part of the library: workers, which act when they are imported, and tests. */
const ACTS = /_test\.ts$|\/testing\/|worker|heartbeat/;

/** Packages of tests alone. */
const UNUSED = ["axe-core"];

function* modulesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* modulesBelow(path);
    else if (name.endsWith(".ts") && !ACTS.test(path)) yield path;
  }
}

/** Imports every module of the library and every task that does nothing until it is run. */
async function importModules(): Promise<void> {
  for (const path of modulesBelow(inProject("lib"))) await import(pathToFileURL(path).href);
  for (const { name, isFile } of Deno.readDirSync(inProject("tasks"))) {
    const path = inProject(`tasks/${name}`);
    if (!isFile || !name.endsWith(".ts")) continue;
    if ((await Deno.readTextFile(path)).includes("\nexport const task: Task")) {
      await import(pathToFileURL(path).href);
    }
  }
}

/** Imports packages that modules import only when needed, and the decoders of audio-decode. */
async function importPackages(): Promise<void> {
  for (const name of Object.keys(project.imports)) {
    // Some packages are files without a module.
    if (!UNUSED.includes(name)) await import(name).catch(() => {});
  }
  const { resolve } = createRequire(createRequire(import.meta.url).resolve("audio-decode"));
  const home = pathToFileURL(resolve("@audio/decode")),
    { dependencies } = JSON.parse(
      await Deno.readTextFile(new URL("package.json", home)),
    );
  const near = createRequire(home);
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith("@audio/")) await import(pathToFileURL(near.resolve(name)).href);
  }
}

/** Trains on a few voices of the sample, which decodes clips, runs workers, and draws figures and a page. */
async function trainAndDraw(out: string): Promise<void> {
  const sample = inProject("lib/data/sample");
  const [head, ...rows] = (await Deno.readTextFile(join(sample, "manifest.csv"))).trim().split("\n");
  const few = ["train", "dev"].flatMap((split) =>
    rows.filter((row) => row.includes(`,${split},`)).slice(0, 8)
  );
  await Deno.symlink(join(sample, "clips"), join(out, "clips"));
  await Deno.writeTextFile(join(out, "manifest.csv"), [head, ...few].join("\n"));
  const config = configure({
    ...{ data: `${out}/manifest.csv`, out, cache: `${out}/cache` },
    ...{ text: "none", method: "audio_only", epochs: 1 },
  });
  for await (const _ of trainRun(config));
}

await importModules();
await importPackages();
const out = await Deno.makeTempDir({ prefix: "undertone-pack" });
try {
  await trainAndDraw(out);
  for await (const _ of doctor({ out })); // runs every encoder's start, the text encoder's too
} finally {
  await Deno.remove(out, { recursive: true });
}
Deno.exit(0); // workers of the modules may wait for work
