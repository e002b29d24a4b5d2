import { deepEqual, equal, ok } from "../../testing/assert.ts";
import {
  deviation,
  FUNCTIONALS,
  functionals,
  mean,
  momentsWhere,
  percentiles,
  rise,
  slope,
  type Tracks,
} from "./functionals.ts";

const values = Float64Array.of(0.3, -1.2, 2.5, 0.7, 4.1, -0.4, 1.9);
const squares = values.map((_, i) => i * i / 4);
/** Both tracks combined. */
const tracks: Tracks = {
  data: Float64Array.from({ length: 14 }, (_, at) => (at % 2 ? squares : values)[at >> 1]),
  length: 7,
  width: 2,
};
const close = (found: ArrayLike<number>, expected: readonly number[]) => {
  equal(found.length, expected.length);
  expected.forEach((x, i) => ok(Math.abs(found[i] - x) < 1e-12, `${i}: ${found[i]}, expected ${x}`));
};

Deno.test("mean, deviation and percentiles equal numpy's", () => {
  close([mean(values), deviation(values)], [1.1285714285714283, 1.6875292892393945]); // mean(), std()
  // numpy.percentile
  close(percentiles(values, [0, 10, 50, 90, 100]), [-1.2, -0.72, 0.7, 3.14, 4.1]);
  close(percentiles(values, [5, 20, 50, 80, 95]), [-0.96, -0.26, 0.7, 2.38, 3.62]);
  deepEqual(values[0], 0.3); // not sorted in place
});

Deno.test("slopes and rise equal numpy's regressions", () => {
  // numpy.correlate(numpy.pad(values, 2, "edge"), [-0.2, -0.1, 0, 0.1, 0.2], "valid")
  close(slope(values), [0.29, 0.3, 0.95, 0.32, -0.23, 0.02, -0.21]);
  close([rise(values)], [1.714285714285714]); // 6 numpy.polyfit(arange(7), values, 1)[0]
  close(slope(Float64Array.of(0, 3, 6, 9, 12)).subarray(2, 3), [3]);
});

Deno.test("functionals of tracks side by side are those of each", () => {
  // mean, std, percentiles 10, 50, 90, then std and mean |.| of the slopes as above
  const expected = [
    ...[1.1285714285714283, 1.6875292892393945, -0.72, 0.7, 3.14, 0.37419846311271554, 0.3314285714285714],
    ...[3.25, 3.122498999199199, 0.15, 2.25, 7.35, 0.6060704815212739, 1.2],
  ];
  equal(expected.length, 2 * FUNCTIONALS);
  close(functionals(tracks), expected);
});

Deno.test("moments of chosen frames equal numpy's of values[where], of all where none is chosen", () => {
  close(momentsWhere(tracks, [0, 1, 1, 0, 0, 1, 0]), [0.3, 1.589549202342182, 2.5, 2.669269563007828]);
  const whole = [1.1285714285714283, 1.6875292892393945, 3.25, 3.122498999199199];
  close(momentsWhere(tracks, new Float64Array(7)), whole);
  close(momentsWhere(tracks, []), whole);
});

Deno.test("empty tracks and single values are defined", () => {
  const none = new Float64Array(0), one = Float64Array.of(2);
  deepEqual([mean(none), deviation(none), rise(none), ...percentiles(none, [10, 90])], [0, 0, 0, 0, 0]);
  deepEqual([mean(one), deviation(one), rise(one), ...percentiles(one, [10, 90])], [2, 0, 0, 2, 2]);
  deepEqual([slope(none), slope(one)], [none, Float64Array.of(0)]);
  deepEqual(functionals({ data: none, length: 0, width: 2 }), new Float64Array(2 * FUNCTIONALS));
  deepEqual(momentsWhere({ data: none, length: 0, width: 2 }, none), new Float64Array(4));
});
