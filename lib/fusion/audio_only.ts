import { unimodal } from "./unimodal.ts";

/** The control that never reads: see `unimodal`. */
export const audioOnly = unimodal("audio_only", "audio", "Pooled speech states alone: the control for text.");
