/** The convolutions of a speech encoder as its lowest part, which most trainings leave frozen. */
import { padStates, type Sequence } from "../../../data/mod.ts";
import type { LowerPart } from "../../encoder.ts";
import { identityOf } from "../model.ts";
import type { SpeechArchitecture } from "./config.ts";
import { convolutions, PREFIX } from "./convolutions.ts";
import { paddedFrames } from "./frames.ts";
import type { FrameInputs, SpeechInputs } from "./waveform.ts";

/** Returns the convolutions of this architecture; `preprocessing` describes as text how rows are made. */
export function lowestConvolutions(
  { family, config }: SpeechArchitecture,
  preprocessing: string,
): LowerPart<SpeechInputs | FrameInputs> {
  const width = config.conv_dim.at(-1)!;
  const silence: Sequence = { data: new Float32Array(width), length: 1, width };
  return {
    id: "frames",
    prefix: PREFIX,
    width,
    identity: identityOf({ family, config, layer: 0 }, preprocessing),
    apply(params, inputs) {
      const states = "frames" in inputs ? inputs.frames : convolutions(params, inputs, config);
      return { states, mask: inputs.mask };
    },
    pad(states) {
      const all = states.map((own) => own ?? silence); // a missing clip is read as one frame
      const length = paddedFrames(Math.max(...all.map(({ length }) => length)));
      const { data, mask } = padStates("frames", all, { width, buckets: [length], maxLength: Infinity });
      return {
        frames: { data, shape: [all.length, length, width] },
        mask: { data: mask, shape: [all.length, length] },
      };
    },
  };
}
