/** Keeps what native libraries write to stderr out of it while one of their calls runs. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";

/** Flag of open(2): write only. */
const O_WRONLY = 1;
const STDERR = 2;

/** The C functions that redirect a file descriptor. */
const FUNCTIONS = {
  dup: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/**
 * Calls `work` and passes to `heard` what it made native code write to stderr, such as the messages of GPU
 * drivers. Only synchronous work is covered. On Windows, and without permission to write a temporary file,
 * stderr stays as it is.
 */
export function silently<T>(work: () => T, heard: (text: string) => void): T {
  const system = library();
  if (!system) return work();
  const { dup, dup2, open, close } = system.symbols, { path } = system;
  const target = open(new TextEncoder().encode(`${path}\0`), O_WRONLY), kept = dup(STDERR);
  dup2(target, STDERR);
  try {
    return work();
  } finally {
    dup2(kept, STDERR);
    for (const descriptor of [kept, target]) close(descriptor);
    heard(Deno.readTextFileSync(path).trim());
    Deno.removeSync(path);
    system.close();
  }
}

/**
 * Opens a temporary file and the C library, by way of ONNX Runtime, which links to it: tasks may load native
 * code from the packages alone.
 */
function library() {
  const name = { linux: "libonnxruntime.so.1", darwin: "libonnxruntime.dylib" }[Deno.build.os as string];
  if (!name) return undefined;
  const main = createRequire(import.meta.url).resolve("onnxruntime-node"); // dist/index.js
  const folder = join(dirname(main), "../bin/napi-v6", process.platform, process.arch);
  try {
    const path = Deno.makeTempFileSync({ prefix: "undertone" }),
      opened = Deno.dlopen(join(folder, name), FUNCTIONS);
    return { path, symbols: opened.symbols, close: () => opened.close() };
  } catch {
    return undefined; // no permission, or a build whose library has another name
  }
}
