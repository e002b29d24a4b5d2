/** Loads h5wasm, the HDF5 library in WebAssembly. */
import process from "node:process";

/**
 * Returns the library and its module. At its start it lists the whole environment, which Deno would refuse;
 * it needs no variable, so it gets an empty list.
 */
export async function h5Library() {
  const { env } = process;
  process.env = new Proxy({}, { get: (_, name) => Reflect.get(env, name) });
  try {
    const { default: library, Dataset, Group } = await import("h5wasm/node");
    const module = await library.ready;
    module.activate_throwing_error_handler(); // else errors are printed
    return { File: library.File, Dataset, Group, module };
  } finally {
    process.env = env;
  }
}
