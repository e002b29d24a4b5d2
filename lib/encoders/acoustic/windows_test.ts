import { deepEqual } from "../../testing/assert.ts";
import { meanAndDeviation } from "./windows.ts";

Deno.test("mean and deviation of whole windows, 8 frames apart", () => {
  const frames = Float64Array.from({ length: 2 * 19 }, (_, i) => i % 2 === 0 ? i / 2 : i % 4); // t | 1, 3, 1, 3 ...
  const { data, length, width } = meanAndDeviation(frames, 2, 4);
  deepEqual([length, width], [2, 4]); // a third would start at frame 16 and lack one frame
  deepEqual([...data], [1.5, 2, Math.sqrt(1.25), 1, 9.5, 2, Math.sqrt(1.25), 1].map(Math.fround));
});

Deno.test("a clip shorter than a window is one window, an empty one has none", () => {
  deepEqual([...meanAndDeviation(new Float64Array([1, 3]), 1, 8).data], [2, 1]);
  deepEqual(meanAndDeviation(new Float64Array(0), 1, 8), { data: new Float32Array(0), length: 0, width: 2 });
});
