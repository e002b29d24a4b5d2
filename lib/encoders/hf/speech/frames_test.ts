import { deepEqual, equal, ok } from "../../../testing/assert.ts";
import { framesOf, hopOf, paddedFrames, samplesOf } from "./frames.ts";

const wav2vec2 = { conv_kernel: [10, 3, 3, 3, 3, 2, 2], conv_stride: [5, 2, 2, 2, 2, 2, 2] };

Deno.test("frames are counted as the convolutions make them", () => {
  equal(hopOf(wav2vec2), 320);
  // As in PyTorch's wav2vec2: 25 ms for the first frame, 20 ms for each further one.
  deepEqual([400, 719, 720, 16000, 48137].map((n) => framesOf(n, wav2vec2)), [1, 1, 2, 49, 150]);
  deepEqual([400, 16000].map((n) => framesOf(n, wav2vec2, 1)), [79, 3199]);
});

Deno.test("samplesOf is the fewest samples for a number of frames", () => {
  equal(samplesOf(1, wav2vec2), 400);
  for (const frames of [2, 3, 49, 150]) {
    equal(framesOf(samplesOf(frames, wav2vec2), wav2vec2), frames);
    equal(framesOf(samplesOf(frames, wav2vec2) - 1, wav2vec2), frames - 1);
  }
});

Deno.test("padded lengths are few, and never much longer than the rows", () => {
  const buckets = new Set<number>();
  for (let frames = 1; frames <= 1500; frames++) { // 30 s
    const bucket = paddedFrames(frames);
    ok(
      bucket >= frames && bucket % 8 === 0 && bucket <= Math.max(16, 1.1 * frames + 8),
      `${frames}: ${bucket}`,
    );
    buckets.add(bucket);
  }
  ok(buckets.size <= 36, `${buckets.size}`);
});
