import { deepEqual } from "../../../testing/assert.ts";
import { random } from "../../../random.ts";
import { graphBuilder, type Value } from "../../onnx_graph/builder.ts";
import { opened } from "../../onnx_graph/testing.ts";
import { fft as reference } from "../fft.ts";
import { fft } from "./fft.ts";

for (const size of [400, 1024, 60]) {
  Deno.test(`a transform of ${size} points has the bits of fft.ts`, async () => {
    const ops = graphBuilder(), inputs = ["re", "im"].map((name): Value => ({ name, type: "float32" }));
    const [re, im] = fft(ops, [ops.cast(inputs[0], "float64"), ops.cast(inputs[1], "float64")], size);
    const run = await opened(
      ops.graph(inputs.map((input) => [input, ["rows", size]]), [["outRe", re, ["rows", size]], [
        "outIm",
        im,
        [
          "rows",
          size,
        ],
      ]]),
    );
    const next = random(size).uniform,
      given = inputs.map(() => Float32Array.from({ length: 2 * size }, () => next() - 0.5));
    const shape = [2, size];
    const { outRe, outIm } = await run({ re: { data: given[0], shape }, im: { data: given[1], shape } });
    for (const row of [0, 1]) {
      const part = (all: Float32Array | Float64Array) =>
        Float64Array.from(all.subarray(row * size, (row + 1) * size));
      const [expectedRe, expectedIm] = given.map(part);
      reference(size)(expectedRe, expectedIm);
      deepEqual(part(outRe.data as Float64Array), expectedRe);
      deepEqual(part(outIm.data as Float64Array), expectedIm);
    }
  });
}
