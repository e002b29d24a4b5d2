import { unimodal } from "./unimodal.ts";

/** The control that never hears: see `unimodal`. */
export const textOnly = unimodal("text_only", "text", "Pooled text states alone: the control for speech.");
