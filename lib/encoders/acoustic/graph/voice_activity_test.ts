import { readSafetensors } from "../../../files/safetensors.ts";
import { speechProbabilities } from "../../../data/mod.ts";
import { random } from "../../../random.ts";
import { equal, ok } from "../../../testing/assert.ts";
import { fixture } from "../../../testing/shared.ts";
import { graphBuilder, type Value } from "../../onnx_graph/builder.ts";
import { opened } from "../../onnx_graph/testing.ts";
import { speechWeights, voiceActivity } from "./voice_activity.ts";

const { tensors } = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = tensors["pcm16_16k_mono.wav"].data as Float32Array;

Deno.test("the graph gives the probabilities of a stream, whatever the clip's length", async () => {
  const ops = graphBuilder(), samples: Value = { name: "samples", type: "float32" };
  const found = voiceActivity(ops, samples, await speechWeights());
  const run = await opened(ops.graph([[samples, ["n"]]], [["probabilities", found, ["frames"]]]));
  const { normal } = random(1);
  const clips = [
    speech,
    Float32Array.from([...new Float32Array(20_000), ...speech, ...speech]),
    Float32Array.from({ length: 9000 }, () => 0.1 * normal()),
    speech.subarray(6000, 6512),
    speech.subarray(6000, 6513),
    Float32Array.of(0.5),
  ];
  for (const clip of clips) {
    const { probabilities } = await run({ samples: { data: clip, shape: [clip.length] } });
    const stream = await speechProbabilities();
    const expected = [...await stream.next(clip), ...await stream.end()];
    equal(probabilities.size, expected.length);
    expected.forEach((p, i) => {
      const off = Math.abs(p - (probabilities.data as Float32Array)[i]);
      ok(off < 1e-5, `frame ${i} of ${clip.length} samples: ${off}`);
    });
  }
});
