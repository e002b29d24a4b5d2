/**
 * Sets up the TensorFlow engine: package, library and addon. It works in a new folder, which replaces the old
 * one once the engine computes.
 */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { badInput } from "../../errors.ts";
import { findLibrary, type Library, unpackWheel } from "./library.ts";
import { type TensorflowEngine, tensorflowEngine } from "./engine.ts";
import { type InstalledPackage, installedPackage, PACKAGE_FOLDER, PACKAGES } from "./package.ts";

/**
 * The wheel that is fetched on request: the newest that is known to work with this version of the package.
 */
const WHEEL = { version: "2.12.1", python: "3.11", platform: "manylinux2014_x86_64" };

export interface SetupOptions {
  /** Use the package for the CPU only, with the smaller library. */
  cpu: boolean;
  /** The user's own libtensorflow: file, folder or wheel. */
  library?: string;
  /** Take the library from a wheel that `pip` downloads. */
  wheel: boolean;
  /** Called with a description of each step. */
  onStep: (step: string) => void;
  /** Stops the setup before the next step and leaves the old engine unchanged. */
  signal?: AbortSignal;
  folder?: string;
}

/** Installs, builds and tests the engine. Throws bad input if something it needs is missing or fails. */
export async function setUpTensorflow(options: SetupOptions): Promise<TensorflowEngine> {
  const { library, wheel, onStep, signal, folder = PACKAGE_FOLDER } = options;
  const own = library !== undefined || wheel;
  if (own) requireLinux(wheel);
  // Refuses an unusable path before any work is done.
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
    // The package requires all of TensorFlow.js; the engine needs only its core.
    overrides: { "@tensorflow/tfjs": `npm:@tensorflow/tfjs-core@${version}` },
  });
  const scripts = ownInstaller ? [`--allow-scripts=npm:${name}`] : [];
  const todo = ownInstaller
    ? "Take the library from PyPI with --wheel, or name one with --library."
    : "Check the connection, then try again.";
  const expected = ownInstaller ? "the package to fetch its library" : "the package from npm";
  try {
    await run(Deno.execPath(), ["install", "--quiet", ...scripts], { cwd: folder, signal, expected, todo });
  } catch (error) {
    // If the installer fetched the library but no addon, only compiling remains.
    const root = installedPackage(folder)?.root;
    if (!ownInstaller || !root || !existsSync(join(root, "deps/lib"))) throw error;
  }
  shareCore(folder);
  return installedPackage(folder)!;
}

/** Replaces the package's copy of the core by a link to ours, because kernels must register with our core. */
function shareCore(folder: string): void {
  const copy = realpathSync(join(installedPackage(folder)!.root, "../tfjs"));
  const ours = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-core/package.json"));
  Deno.removeSync(copy, { recursive: true });
  Deno.symlinkSync(relative(dirname(copy), realpathSync(ours)), copy);
}

/** Returns the library that the options select; by default, the package's own. */
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
    todo: "Check the connection and that Python has pip, or name a library with --library.",
  });
  const file = join(target, readdirSync(target).find(isWheel)!);
  onStep("unpacking the library");
  const unpacked = unpackWheel(file, target, root);
  await Deno.remove(file);
  return unpacked;
}

/** Compiles the package's binding against Node's headers, with an rpath to the library. */
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
    todo: "Install g++ or name another compiler with CXX, and use the headers of TensorFlow 2.9 to 2.12.",
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

/** Runs a program to its end. If it fails, throws bad input with its last message. */
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
