import { equal } from "../testing/assert.ts";
import { runDeno } from "../testing/deno.ts";
import { testWith } from "../testing/needs.ts";
import { swiftshader } from "../testing/swiftshader.ts";
import { findGpu } from "./gpu.ts";

const adapter = (description: string, isFallbackAdapter: boolean) => () =>
  Promise.resolve({ info: { description, isFallbackAdapter }, features: new Set<string>() });

Deno.test("a GPU has a name; a renderer in software, no adapter and a broken driver are no GPU", async () => {
  equal(await findGpu(adapter("NVIDIA H100", false)), "NVIDIA H100");
  equal(await findGpu(adapter("", false)), "GPU");
  equal(await findGpu(adapter("llvmpipe (LLVM 15.0.6, 256 bits)", true)), undefined);
  equal(await findGpu(() => Promise.resolve(null)), undefined);
  equal(await findGpu(() => Promise.reject(new Error("no driver"))), undefined);
});

testWith(
  "SwiftShader",
  "Deno tells SwiftShader from a GPU, without permissions and without a word",
  async () => {
    const module = new URL("gpu.ts", import.meta.url).href;
    const script = `import { findGpu } from ${JSON.stringify(module)};
    const { info } = await navigator.gpu.requestAdapter();
    console.log(info.description.split(" ")[0], await findGpu());`;
    const { out, error } = await runDeno(
      ["run", "--quiet", "--no-check", "--no-prompt", "--allow-import", "-"],
      { stdin: script, env: { ...swiftshader(), NO_COLOR: "1" } },
    );
    equal(error, "");
    equal(out, "SwiftShader undefined\n");
  },
);
