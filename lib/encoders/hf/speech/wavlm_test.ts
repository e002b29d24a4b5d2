import { deepEqual, equal } from "../../../testing/assert.ts";
import { bucketOf } from "./wavlm.ts";

// deno-fmt-ignore
/** Distances beyond 80 at which the reference's buckets (320 up to distance 800) change. */
const borders = [
  83, 85, 88, 90, 93, 96, 98, 101, 104, 107, 110, 114, 117, 120, 124, 127, 131, 135, 139, 143, 147, 151, 156, 160,
  165, 170, 175, 180, 185, 190, 196, 201, 207, 213, 220, 226, 233, 239, 246, 253, 261, 268, 276, 284, 293, 301, 310,
  319, 328, 338, 348, 358, 368, 379, 390, 401, 413, 425, 438, 450, 464, 477, 491, 505, 520, 535, 551, 567, 583, 600,
  618, 636, 655, 674, 693, 714, 734, 756, 778,
];

Deno.test("distances fall into the reference's buckets", () => {
  const sizes = { num_buckets: 320, max_bucket_distance: 800 };
  const changes = Array.from({ length: 1200 }, (_, d) => d + 81)
    .filter((d) => bucketOf(d, sizes) !== bucketOf(d - 1, sizes));
  deepEqual(changes, borders);
  deepEqual([-900, -5, 0, 5, 900].map((d) => bucketOf(d, sizes)), [159, 5, 0, 165, 319]);
  for (let d = 1; d < 1200; d++) equal(bucketOf(d, sizes), bucketOf(-d, sizes) + 160);
});
