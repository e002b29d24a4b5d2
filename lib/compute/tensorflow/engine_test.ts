import { join } from "node:path";
import { match, rejects } from "../../testing/assert.ts";
import { UndertoneError } from "../../errors.ts";
import { tensorflowEngine } from "./mod.ts";

/** Checks the error message when the package in `folder` is to compute. */
async function refused(folder: string, sentence: RegExp) {
  await rejects(tensorflowEngine({ device: "auto", threads: 1, folder }), (error: Error) => {
    match(error.message, sentence);
    return error instanceof UndertoneError;
  });
}

Deno.test("without its library, the engine is refused, and the error names the setup task", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  await refused(folder, /^Expected the TensorFlow library but found none at .*deno task setup-tensorflow/);
  await Deno.mkdir(join(folder, "node_modules/@tensorflow/tfjs-node"), { recursive: true });
  await refused(folder, /found its package without the native addon at .*deno task setup-tensorflow/);
});
