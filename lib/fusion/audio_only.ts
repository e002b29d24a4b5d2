import { unimodal } from "./unimodal.ts";

/** The control that reads speech only: see `unimodal`. */
export const audioOnly = unimodal("audio_only", "audio", "Control: pooled speech states only.");
