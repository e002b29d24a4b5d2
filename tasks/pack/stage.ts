/** Lays out a folder that works on its own: Deno, the project and the files of packages that it needs. */
import { copyFile, mkdir, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { inProject } from "../../lib/paths.ts";

/** What of the project a node needs. */
const PROJECT = ["lib", "tasks", "docs", "deno.json", "deno.lock", "package.json", "README.md", "LICENSE"];

/** What of these folders it does not need: tests, their data, and pictures of the pages. */
const LEFT_OUT = /_test\.ts$|^lib\/testing\/fixtures\/|^docs\/(pictures|containers)\//;

/** Tasks that need what is left out, or the network. */
const TASKS_LEFT_OUT = [
  ...["setup-tensorflow", "docs", "notebook", "test", "test-long", "test-notebooks", "soak", "check", "pack"],
];

/** The package of the default text encoder: its weights make it as large as all else. */
const TEXT = "/@energetic-ai+model-embeddings-en@";

/** The parts of a pack: all but the weights of the text encoder, and these. */
export interface Parts {
  main: string[];
  text: string[];
}

/** Divides files of packages into the two parts. */
export const partsOf = (files: readonly string[]): Parts => ({
  main: files.filter((path) => !path.includes(TEXT)),
  text: files.filter((path) => path.includes(TEXT)),
});

/** Writes the project with Deno and the files of `main` to an empty folder. */
export async function stageMain(folder: string, files: readonly string[]): Promise<void> {
  for (const path of [...await projectFiles(), ...files]) await copy(path, folder);
  await stageLinks(folder, files);
  await Deno.writeTextFile(join(folder, "deno.json"), await offlineConfig());
  await mkdir(join(folder, "bin"), { recursive: true });
  await copyFile(Deno.execPath(), join(folder, "bin/deno"));
  await Deno.chmod(join(folder, "bin/deno"), 0o755);
}

/** Writes the files of `text`, to be unpacked over the main part. */
export async function stageText(folder: string, files: readonly string[]): Promise<void> {
  for (const path of files) await copy(path, folder);
  await stageLinks(folder, files);
}

async function copy(path: string, folder: string): Promise<void> {
  const to = join(folder, path);
  await mkdir(dirname(to), { recursive: true });
  await copyFile(inProject(path), to);
}

async function projectFiles(): Promise<string[]> {
  const files: string[] = [];
  const walk = async (path: string) => {
    if (LEFT_OUT.test(path)) return;
    const { isDirectory, isFile } = await Deno.lstat(inProject(path));
    if (isFile) files.push(path);
    if (!isDirectory) return;
    for await (const { name } of Deno.readDir(inProject(path))) await walk(`${path}/${name}`);
  };
  for (const path of PROJECT) await walk(path);
  return files.sort();
}

/** Copies the links of `node_modules` that lead to packages of these files. */
async function stageLinks(folder: string, files: readonly string[]): Promise<void> {
  const root = inProject("."), held = new Set<string>();
  for (const file of files) for (let at = dirname(file); at !== "."; at = dirname(at)) held.add(at);
  const walk = async (at: string, depth: number): Promise<void> => {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(join(root, at))) {
      const path = join(at, name);
      if (isSymlink) {
        const real = await Deno.realPath(join(root, path)).catch(() => undefined);
        if (!real || !held.has(relative(root, real))) continue;
        await mkdir(join(folder, at), { recursive: true });
        await symlink(await Deno.readLink(join(root, path)), join(folder, path));
      } else if (isDirectory && depth < DEEPEST) await walk(path, depth + 1);
    }
  };
  await walk("node_modules", 0);
}

/** Depth of `node_modules/.deno/<package>/node_modules/@<scope>/<link>`. */
const DEEPEST = 4;

/**
 * Returns deno.json for a place without a network: Deno takes `node_modules` as it is, and asks for nothing
 * that is not there.
 */
async function offlineConfig(): Promise<string> {
  const config = JSON.parse(await Deno.readTextFile(inProject("deno.json")));
  const tasks = Object.entries(config.tasks).filter(([name]) => !TASKS_LEFT_OUT.includes(name));
  return JSON.stringify({ ...config, nodeModulesDir: "manual", tasks: Object.fromEntries(tasks) }, null, 2);
}
