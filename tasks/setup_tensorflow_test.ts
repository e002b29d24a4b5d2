import { deepEqual, equal, ok } from "../lib/testing/assert.ts";
import { testWith } from "../lib/testing/needs.ts";
import { setUpTensorflow } from "../lib/compute/tensorflow/mod.ts";
import { trainRun } from "../lib/jobs/mod.ts";
import { collect } from "../lib/jobs/testing.ts";
import { configure } from "../lib/mod.ts";

/** This test downloads a quarter of a gigabyte, and needs g++ and Python with pip. */
testWith(["time", "Linux on x86_64"], {
  name: "TensorFlow from a wheel trains like the onnx engine",
  async fn(test) {
    const place = await Deno.makeTempDir({ prefix: "undertone" });
    const steps: string[] = [];
    await test.step("set up", async () => {
      const { name, version, device } = await setUpTensorflow({
        cpu: true,
        wheel: true,
        folder: `${place}/tensorflow`,
        onStep: (step) => void steps.push(step),
      });
      deepEqual([name, version, device], ["tensorflow", "2.12.1", "cpu"]);
      deepEqual(steps.at(-1), "trying it out");
    });

    const losses = async (method: string, engine: "onnx" | "tensorflow") => {
      const config = configure({ method, engine, epochs: 1, out: place, name: `${method}-${engine}` });
      const events = await collect(trainRun(config, { controls: false }));
      return events.flatMap((event) =>
        event.type === "step" ? [event.loss] : event.type === "epoch" ? [event.dev.loss] : []
      );
    };
    for (const method of ["attention_pooling", "early_fusion", "fine_grained", "memocmt"]) {
      await test.step(method, async () => {
        const expected = await losses(method, "onnx"), actual = await losses(method, "tensorflow");
        equal(actual.length, 7, "6 steps and an epoch");
        actual.forEach((loss, i) => ok(Math.abs(loss! - expected[i]!) < 1e-4, `${loss}, not ${expected[i]}`));
      });
    }
    await Deno.remove(place, { recursive: true });
  },
});
