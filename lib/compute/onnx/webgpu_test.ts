/** Runs tests of the engine and of training again on WebGPU, in their own processes, on SwiftShader. */
import { fileURLToPath } from "node:url";
import { equal, match } from "../../testing/assert.ts";
import { runDeno } from "../../testing/deno.ts";
import { DEVICE_UNDER_TEST } from "../../testing/engines.ts";
import { testWith } from "../../testing/needs.ts";
import { swiftshader } from "../../testing/swiftshader.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const environment = swiftshader();

const deno = (args: readonly string[], env: Record<string, string>, stdin?: string) =>
  runDeno(args, { cwd: root, env: { ...env, NO_COLOR: "1" }, stdin });

const allowed = ["--no-check", "--no-prompt", "--allow-read", "--allow-write", "--allow-env", "--allow-ffi"];

const again = (files: readonly string[]) => async () => {
  const { code, out, error } = await deno(
    ["test", "--quiet", ...allowed, "--allow-sys", "--allow-run", ...files],
    { ...environment, [DEVICE_UNDER_TEST]: "webgpu" },
  );
  equal(code, 0, out.slice(-3000) + error.slice(-1000));
  match(out, /\| 0 failed/);
};

testWith("SwiftShader", {
  name: "every kernel, the engine as a whole and training hold on WebGPU",
  fn: again([
    "lib/compute/onnx/kernels_test.ts",
    "lib/compute/onnx/engine_test.ts",
    "lib/compute/capture_test.ts",
    "lib/train/trainer_test.ts",
    "lib/jobs/device_test.ts",
  ]),
});

testWith(["SwiftShader", "time"], {
  name: "gradients, heads, encoders and the fine-tuning of text and speech equal PyTorch on WebGPU",
  fn: again([
    "lib/compute/gradients/gradients_test.ts",
    "lib/fusion/fusion_test.ts",
    "lib/conformance/heads_test.ts",
    "lib/encoders/hf/reference_test.ts",
    "lib/encoders/hf/speech/reference_test.ts",
    "lib/jobs/finetune_reference_test.ts",
  ]),
});

testWith("Linux", {
  name: "without a GPU the device is refused in a sentence, and the CPU goes on computing",
  async fn() {
    const script = `
      import { useEngine } from "./lib/compute/mod.ts";
      import * as tf from "@tensorflow/tfjs-core";
      const before = await useEngine();
      await useEngine({ device: "webgpu" }).catch((error) => console.log(error.code, error.message));
      console.log(before.device, tf.getBackend(), tf.sum(tf.square(tf.tensor1d([1, 2, 3]))).dataSync()[0]);`;
    const { out, error } = await deno(["run", ...allowed, "--allow-sys", "-"], {
      VK_ICD_FILENAMES: "/nothing",
      VK_DRIVER_FILES: "/nothing",
    }, script);
    const [refused, computed] = out.split("\n");
    match(
      refused,
      /^input Expected a GPU that WebGPU can reach but found none( \(the driver said: .*\))? at --device webgpu\. Install /,
    );
    equal(computed, "cpu onnx 14");
    equal(error, "", "the driver's own lines stay out of stderr");
  },
});
