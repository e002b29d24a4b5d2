/** Sets the engine up: package, library, addon; in a folder beside the old one, which it replaces once it computes. */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { badInput } from "../../errors.ts";
import { findLibrary, type Library, unpackWheel } from "./library.ts";
import { type TensorflowEngine, tensorflowEngine } from "./engine.ts";
import { type InstalledPackage, installedPackage, PACKAGE_FOLDER, PACKAGES } from "./package.ts";

/** The wheel that is fetched when asked for: the newest that this version of the package has been seen to work with. */
const WHEEL = { version: "2.12.1", python: "3.11", platform: "manylinux2014_x86_64" };

export interface SetupOptions {
  /** The package for the CPU alone, and the smaller library. */
  cpu: boolean;
  /** A libtensorflow of the user's own: file, folder or wheel. */
  library?: string;
  /** Take the library out of a wheel that `pip` downloads. */
  wheel: boolean;
  /** Told what happens next. */
  onStep: (step: string) => void;
  /** Ends it before the next step; nothing is changed then. */
  signal?: AbortSignal;
  folder?: string;
}

/** Installs, builds and tries it out. Throws bad input where something it needs is missing or fails. */
export async function setUpTensorflow(options: SetupOptions): Promise<TensorflowEngine> {
  const { library, wheel, onStep, signal, folder = PACKAGE_FOLDER } = options;
  const own = library !== undefined || wheel;
  if (own) requireLinux(wheel);
  // A path that can't be used is refused before the work.
  if (library !== undefined && !(isWheel(library) && existsSync(library))) findLibrary(library);
  const draft = `${folder}.new`;
  await removeFolder(draft);
  try {
    onStep(own ? "installing the package" : "installing the package, which fetches its own library");
    const { root, addon } = await installPackage(options, draft, !own);
    if (own || !addon) {
      const found = await libraryFor(options, draft, root);
      onStep("compiling the addon");
      await compileAddon(found, draft, root, signal);
    }
    onStep("trying it out");
    const engine = await tensorflowEngine({ device: "auto", threads: 1, folder: draft });
    await tryOut();
    await removeFolder(folder);
    await Deno.rename(draft, folder);
    return engine;
  } finally {
    await removeFolder(draft);
  }
}

const isWheel = (path: string) => path.endsWith(".whl");

async function installPackage(
  { cpu, signal }: SetupOptions,
  folder: string,
  ownInstaller: boolean,
): Promise<InstalledPackage> {
  const name = cpu ? PACKAGES.cpu : PACKAGES.gpu, version = tf.version_core;
  await Deno.mkdir(folder, { recursive: true });
  const write = (file: string, value: unknown) =>
    Deno.writeTextFile(join(folder, file), JSON.stringify(value, null, 2) + "\n");
  await write("deno.json", { nodeModulesDir: "auto", lock: false });
  await write("package.json", {
    private: true,
    dependencies: { [name]: version, "node-api-headers": "1.9.0" },
    // The package wants all of TensorFlow.js; the engine needs its core alone.
    overrides: { "@tensorflow/tfjs": `npm:@tensorflow/tfjs-core@${version}` },
  });
  const scripts = ownInstaller ? [`--allow-scripts=npm:${name}`] : [];
  const todo = ownInstaller
    ? "Take the library from PyPI with --wheel, or name one with --library."
    : "See to the connection, then try again.";
  const expected = ownInstaller ? "the package to fetch its library" : "the package from npm";
  try {
    await run(Deno.execPath(), ["install", "--quiet", ...scripts], { cwd: folder, signal, expected, todo });
  } catch (error) {
    // An installer that got the library but no addon for it leaves only the compiling to be done.
    const root = installedPackage(folder)?.root;
    if (!ownInstaller || !root || !existsSync(join(root, "deps/lib"))) throw error;
  }
  shareCore(folder);
  return installedPackage(folder)!;
}

/** Kernels register where the tree's own core looks for them: the package's copy becomes a link to it. */
function shareCore(folder: string): void {
  const copy = realpathSync(join(installedPackage(folder)!.root, "../tfjs"));
  const ours = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-core/package.json"));
  Deno.removeSync(copy, { recursive: true });
  Deno.symlinkSync(relative(dirname(copy), realpathSync(ours)), copy);
}

/** The library that the options ask for; the package's own where they ask for none. */
async function libraryFor(options: SetupOptions, folder: string, root: string): Promise<Library> {
  const { cpu, library, wheel, onStep, signal } = options;
  const target = join(folder, "library");
  if (library !== undefined) {
    return isWheel(library) ? unpackWheel(library, target, root) : findLibrary(library);
  }
  if (!wheel) return findLibrary(join(root, "deps"));
  const name = `${cpu ? "tensorflow-cpu" : "tensorflow"}==${WHEEL.version}`;
  onStep(`downloading ${name} from PyPI (${cpu ? "0.23" : "0.6"} GB)`);
  const { python, platform } = WHEEL;
  const where = ["--only-binary=:all:", "--platform", platform, "--python-version", python];
  await run("python3", ["-m", "pip", "download", "--quiet", "--no-deps", ...where, "--dest", target, name], {
    signal,
    expected: `${name} through python3 -m pip`,
    todo: "See that Python with pip and a connection are there, or name a library with --library.",
  });
  const file = join(target, readdirSync(target).find(isWheel)!);
  onStep("unpacking the library");
  const unpacked = unpackWheel(file, target, root);
  await Deno.remove(file);
  return unpacked;
}

/** Compiles the package's binding against Node's headers; it finds the library again where it lies now. */
async function compileAddon(
  library: Library,
  folder: string,
  root: string,
  signal?: AbortSignal,
): Promise<void> {
  const addon = join(root, "lib/napi-v8/tfjs_binding.node");
  await Deno.mkdir(dirname(addon), { recursive: true });
  const inside = library.folder.startsWith(folder);
  const place = inside ? `$ORIGIN/${relative(dirname(addon), realpathSync(library.folder))}` : library.folder;
  const include = [join(folder, "node_modules/node-api-headers/include"), library.headers];
  const sources = readdirSync(join(root, "binding")).filter((file) => file.endsWith(".cc"));
  await run(Deno.env.get("CXX") ?? "g++", [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=8"],
    ...include.map((path) => `-I${path}`),
    ...sources.map((file) => join(root, "binding", file)),
    ...["-o", addon, `-L${library.folder}`],
    ...library.files.map((file) => `-l:${file}`),
    `-Wl,-rpath,${place}`,
  ], {
    signal,
    expected: "the addon to compile",
    todo:
      "It needs g++ (Debian: g++; another compiler is named with CXX) and headers of TensorFlow 2.9 to 2.12.",
  });
}

async function tryOut(): Promise<void> {
  const result = tf.tidy(() => tf.square(tf.scalar(3)));
  const [value] = await result.data();
  result.dispose();
  if (value === 9) return;
  throw badInput({
    expected: "3² to be 9",
    found: `${value}`,
    at: "the new engine",
    todo: "Try another library (--wheel, --library).",
  });
}

/** Runs a program to its end. Throws bad input with the last it said where that is not a good one. */
async function run(
  program: string,
  args: string[],
  { cwd, signal, expected, todo }: { cwd?: string; signal?: AbortSignal; expected: string; todo: string },
): Promise<void> {
  const fail = (found: string, cause?: unknown) =>
    badInput({ expected, found, at: basename(program), todo }, cause);
  let ended: Deno.CommandOutput;
  try {
    ended = await new Deno.Command(program, { args, cwd, signal, env: { NO_COLOR: "1" } }).output();
  } catch (cause) {
    throw fail(cause instanceof Deno.errors.NotFound ? "no such program" : `${cause}`, cause);
  }
  signal?.throwIfAborted();
  if (ended.success) return;
  const said = new TextDecoder().decode(ended.stderr).trim().split("\n");
  const telling = said.find((line) => /error/i.test(line)) ?? said.at(-1);
  throw fail(telling?.trim() || `exit code ${ended.code}`);
}

function requireLinux(wheel: boolean): void {
  const { os, arch } = Deno.build;
  if (os === "linux" && (!wheel || arch === "x86_64")) return;
  throw badInput({
    expected: wheel ? "Linux on x86_64 for --wheel" : "Linux for --library",
    found: `${os} on ${arch}`,
    at: "this machine",
    todo: "Leave the flag out: the package then fetches its own library.",
  });
}

async function removeFolder(path: string): Promise<void> {
  if (existsSync(path)) await Deno.remove(path, { recursive: true });
}
