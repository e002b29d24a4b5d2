/** ONNX Runtime for browsers: its npm package, fetched on request only, into a folder of its own. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { badInput } from "../../lib/errors.ts";
import { inProject } from "../../lib/paths.ts";

const FOLDER = inProject("outputs/engines/onnxruntime-web");
const NOTHING = "; nothing is fetched later";

/** The files that a page needs of the package: WebAssembly for one thread, and the library that runs it. */
export const RUNTIME = { runtime: "ort-wasm-simd-threaded.wasm", library: "ort.wasm.bundle.min.mjs" };

/** The package's configuration and lock file, which pin its version and its checksum. */
const PINNED = { "deno.json": "onnxruntime_web.json", "deno.lock": "onnxruntime_web.lock" };

const dist = (folder: string) => join(folder, "node_modules/onnxruntime-web/dist");

/** Returns whether the package is here, in the version that is pinned. */
export function hasRuntime(): boolean {
  const isPinned = Object.entries(PINNED).every(([name, source]) =>
    existsSync(join(FOLDER, name)) && Deno.readTextFileSync(join(FOLDER, name)) === pinned(source)
  );
  return isPinned && Object.values(RUNTIME).every((name) => existsSync(join(dist(FOLDER), name)));
}

const pinned = (source: string) => Deno.readTextFileSync(new URL(source, import.meta.url));

/** What is fetched and how much of it, as a sentence; undefined if the package is here. */
export const toFetch = (): string | undefined =>
  hasRuntime()
    ? undefined
    : `Fetches onnxruntime-web from npm (33 MB, 148 MB unpacked, in outputs/engines/onnxruntime-web) and, the first ` +
      `time, Deno's bundler (10 MB)${NOTHING}.`;

/**
 * Returns the folder with the files of `RUNTIME`, and fetches the package if it is not here. Throws
 * UndertoneError.
 */
export async function runtimeFolder(signal?: AbortSignal): Promise<string> {
  if (hasRuntime()) return dist(FOLDER);
  const draft = `${FOLDER}.new`;
  await removed(draft);
  try {
    await Deno.mkdir(draft, { recursive: true });
    for (const [name, source] of Object.entries(PINNED)) {
      await Deno.writeTextFile(join(draft, name), pinned(source));
    }
    await runDeno(["install", "--quiet", "--frozen"], draft, {
      expected: "onnxruntime-web from npm",
      todo: "Check the connection, then try again.",
      signal,
    });
    await removed(FOLDER);
    await Deno.rename(draft, FOLDER);
  } finally {
    await removed(draft);
  }
  return dist(FOLDER);
}

const removed = (folder: string) => Deno.remove(folder, { recursive: true }).catch(() => {});

/** Runs Deno. Shows its output only in the error. Throws UndertoneError. */
export async function runDeno(
  args: readonly string[],
  cwd: string,
  { expected, todo, signal }: { expected: string; todo: string; signal?: AbortSignal },
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    signal,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  signal?.throwIfAborted();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().split("\n").slice(-3).join(" ");
  throw badInput({ expected, found: `an error (${said})`, at: `deno ${args[0]}`, todo });
}
