import { deepEqual } from "../testing/assert.ts";
import { padStates } from "./batch.ts";
import { fitStandardizer, standardize } from "./standardize.ts";

const sequence = (width: number, ...values: number[]) => ({
  data: Float32Array.from(values),
  length: values.length / width,
  width,
});

Deno.test("mean and deviation run over all frames, and a constant becomes 0", () => {
  // dimension 0: 1, 2, 3, 6 (mean 3, variance 14/4); 1: always 0.1; 2: 1e6 + (0, 1, 0, 1)
  const sequences = [
    sequence(3, 1, 0.1, 1e6, 2, 0.1, 1e6 + 1),
    sequence(3),
    sequence(3, 3, 0.1, 1e6, 6, 0.1, 1e6 + 1),
  ];
  const fitted = fitStandardizer(sequences);
  deepEqual(fitted, {
    mean: Float32Array.of(3, 0.1, 1e6 + 0.5),
    std: Float32Array.of(Math.sqrt(3.5), 1, 0.5),
  });
  deepEqual(standardize(sequences[2], { mean: fitted.mean, std: Float32Array.of(2, 1, 0.5) }), {
    data: Float32Array.of(0, 0, -1, 1.5, 0, 1),
    length: 2,
    width: 3,
  });
});

Deno.test("sequences that are not in memory give the same numbers, whole and cut", () => {
  const eager = sequence(2, 1, 5, 2, 9, 4, 1), seen: number[] = [];
  const lazy = {
    length: 3,
    width: 2,
    get data(): Float32Array {
      throw new Error("reads all states anew");
    },
    copyTo(target: Float32Array) {
      seen.push(target.length);
      target.set(eager.data.subarray(0, target.length));
    },
  };
  const fitted = fitStandardizer([eager, sequence(2, 0, 3)]);
  deepEqual(fitStandardizer([lazy, sequence(2, 0, 3)]), fitted);
  const scaled = standardize(lazy, fitted), expected = standardize(eager, fitted);
  deepEqual(scaled.data, expected.data);
  const size = { width: 2, buckets: [4], maxLength: 2 };
  deepEqual(padStates("a", [scaled, undefined], size), padStates("a", [expected, undefined], size));
  deepEqual(seen, [6, 6, 4]); // no more is read than is used
});
