import { unimodal } from "./unimodal.ts";

/** The control that reads text only: see `unimodal`. */
export const textOnly = unimodal("text_only", "text", "Control: pooled text states only.");
